import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Sender } from '../channel/sender.js';
import { Cluster, until } from './cluster.js';
import { handlesOf, heldMemory, probedEnvironment, type Handles, type HeldMemory } from './groups/processUse.js';

/**
 * Goal: groups that come and go leave nothing behind in the processes of their nodes. Method: on a network of four real
 * processes groups are made, started, used by a transaction, stopped and removed one after another; threads, files, ports
 * and, after garbage collection, memory are compared. `MENGLIAN_LONG=1`: 50 groups instead of 6.
 */

const IS_LONG = process.env['MENGLIAN_LONG'] === '1';
const GROUPS = IS_LONG ? 50 : 6;

/** Caches and compiled code fill up in the first rounds. */
const WARM_UP = IS_LONG ? 10 : 3;

/** So much a removed group may leave, on average: what is noise in one round is none over many. */
const HEAP_BYTES_MAX = IS_LONG ? 32 * 1024 : 512 * 1024;
const RSS_BYTES_MAX = IS_LONG ? 1024 * 1024 : 16 * 1024 * 1024;

/** With JavaScript: main, clients, and that of the first group. */
const THREADS = 3;

const NODES = [0, 1, 2, 3] as const;
const sender = new Sender();
let cluster: Cluster;
let sealers: unknown;

const call = async (index: number, method: string, ...params: unknown[]) =>
  cluster.clients[index]!.call(method, ...params);
const onAll = async <Answer>(work: (index: number) => Promise<Answer>) => Promise.all(NODES.map(work));
const folder = (index: number) => dirname(cluster.configPath(index));
const pid = (index: number) => cluster.nodes[index]!.pid!;

beforeAll(async () => {
  cluster = await Cluster.build(NODES.length, { environment: probedEnvironment });
  cluster.startAll();
  await cluster.linked(NODES.length - 1);
  sealers = await call(0, 'getSealerList', 1);
}, 60_000);

afterAll(async () => cluster?.stop());

/** The whole life of a group. */
async function live(groupId: number): Promise<void> {
  const done = (what: string) => ({ code: '0x0', message: `Group ${groupId} ${what} successfully` });
  const settings = { timestamp: '1700000000000', sealers };
  await onAll(async (index) =>
    expect(await call(index, 'generateGroup', groupId, settings)).toEqual(done('generated')),
  );
  await onAll(async (index) => expect(await call(index, 'startGroup', groupId)).toEqual(done('started')));
  const { raw, hash } = sender.save({ groupId: BigInt(groupId) });
  await call(groupId % NODES.length, 'sendRawTransaction', groupId, raw);
  const isStored = async (index: number) => (await call(index, 'getTransactionReceipt', groupId, hash)) !== null;
  await until(async () => (await onAll(isStored)).every(Boolean), `group ${groupId} has its transaction`);
  await onAll(async (index) => expect(await call(index, 'stopGroup', groupId)).toEqual(done('stopped')));
  await onAll(async (index) => expect(await call(index, 'removeGroup', groupId)).toEqual(done('deleted')));
}

const memories = async () => onAll(async (index) => heldMemory(pid(index), folder(index), THREADS));

/** @returns by how much a value has grown a round, on average of all nodes: their noise is not the same */
function growth(before: readonly HeldMemory[], after: readonly HeldMemory[], value: keyof HeldMemory): number {
  const grown = after.reduce((sum, now, index) => sum + now[value] - before[index]![value], 0);
  return grown / NODES.length / (GROUPS - WARM_UP);
}

it(`${GROUPS} groups come and go on one network and leave no memory, threads, files or ports`, async () => {
  let handles: Handles[] = [];
  let before: HeldMemory[] = [];
  for (let count = 1; count <= GROUPS; count++) {
    await live(1 + count);
    if (count < WARM_UP) continue;
    if (count === WARM_UP) {
      handles = NODES.map((index) => handlesOf(pid(index)));
      before = await memories();
    } else if (IS_LONG && count % 10 === 0) {
      process.stdout.write(
        `${count} groups: ${JSON.stringify((await memories())[0])} ${JSON.stringify(handlesOf(pid(0)))}\n`,
      );
    }
  }
  const after = await memories();
  const [heap, external, rss] = (['heapBytes', 'externalBytes', 'rssBytes'] as const).map((value) =>
    Math.round(growth(before, after, value)),
  );
  process.stdout.write(`bytes a group leaves: heap ${heap}, external ${external}, resident ${rss}\n`);
  expect(heap).toBeLessThan(HEAP_BYTES_MAX);
  expect(external).toBeLessThan(HEAP_BYTES_MAX);
  expect(rss).toBeLessThan(RSS_BYTES_MAX);
  for (const index of NODES) {
    await until(
      () => Promise.resolve(isNoMore(handlesOf(pid(index)), handles[index]!)),
      `node ${index} holds no more than ${JSON.stringify(handles[index])}`,
      20_000,
    );
    expect(await call(index, 'getGroupList')).toEqual([1]);
  }
  // A removed group is marked, and its data stays: docs/operations.md.
  for (const index of NODES) {
    for (let groupId = 2; groupId <= GROUPS + 1; groupId++) {
      const data = join(folder(index), 'data', `group${groupId}`);
      expect(readFileSync(join(data, '.group_status'), 'utf8').trim()).toBe('DELETED');
      expect(existsSync(join(data, 'block', 'CURRENT'))).toBe(true);
    }
  }
  await cluster.agreed();
}, 1_200_000);

function isNoMore(now: Handles, then: Handles): boolean {
  return now.threads <= then.threads && now.files <= then.files && now.listeningPorts === then.listeningPorts;
}

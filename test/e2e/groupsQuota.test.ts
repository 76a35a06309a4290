import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sender } from '../channel/sender.js';
import { Cluster, until } from './cluster.js';
import { editFile } from './nodeRuns.js';

/**
 * Goal: a group that has filled its share of a node's disk takes nothing more there, its other members and the node's other
 * groups go on, and it heals. Method: four real processes, group 2 with a quota of 1 MB on node 0, filled by a file.
 */

const FULL = 0;
const MEGABYTE = 1024 * 1024;
const done = (what: string) => ({ code: '0x0', message: `Group 2 ${what} successfully` });

const sender = new Sender();
let cluster: Cluster;

const call = async (index: number, method: string, ...params: unknown[]) =>
  cluster.clients[index]!.call(method, ...params);

const send = async (index: number, groupId: number) => {
  const { raw, hash } = sender.save({ groupId: BigInt(groupId) });
  await call(index, 'sendRawTransaction', groupId, raw);
  return hash;
};

/** Waits until all nodes, or those named, have stored a transaction that one of them took. */
async function mine(groupId: number, at: number, seenBy = [0, 1, 2, 3]): Promise<void> {
  const hash = await send(at, groupId);
  const isStored = async (index: number) => (await call(index, 'getTransactionReceipt', groupId, hash)) !== null;
  await until(async () => (await Promise.all(seenBy.map(isStored))).every(Boolean), `group ${groupId} stores`, 40_000);
}

const refusal = async () => {
  const error: unknown = await send(FULL, 2).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof Error ? error.message : undefined;
};

const statusOf = async (index: number) => ((await call(index, 'queryGroupStatus', 2)) as { status: string }).status;
const folder = () => dirname(cluster.configPath(FULL));
const filler = () => join(folder(), 'data', 'group2', 'filler');
const fill = (megabytes: number) => writeFileSync(filler(), Buffer.alloc(megabytes * MEGABYTE));

async function restart(quotaMb: number): Promise<void> {
  expect(await call(FULL, 'stopGroup', 2)).toEqual(done('stopped'));
  editFile(join(folder(), 'conf', 'group.2.ini'), (text) =>
    text.replace(/\nquota_mb=\d+/, '').replace('[storage]', `[storage]\nquota_mb=${quotaMb}`),
  );
  expect(await call(FULL, 'startGroup', 2)).toEqual(done('started'));
}

beforeAll(async () => {
  cluster = await Cluster.build(4);
  cluster.startAll();
  await cluster.linked(3);
  const settings = { timestamp: '1700000000000', sealers: await call(0, 'getSealerList', 1) };
  for (const index of [0, 1, 2, 3]) expect(await call(index, 'generateGroup', 2, settings)).toEqual(done('generated'));
  for (const index of [0, 1, 2, 3]) expect(await call(index, 'startGroup', 2)).toEqual(done('started'));
  await mine(2, 0);
}, 90_000);

afterAll(async () => cluster?.stop());

describe('a group with a quota of 1 MB on one node', () => {
  it('takes transactions while there is room', async () => {
    await restart(1);
    await mine(2, FULL);
  });

  it('refuses them with what to do when there is none, at once where it begins so', async () => {
    fill(1.5);
    await restart(1);
    expect(await refusal()).toMatch(
      /OverGroupDiskQuota.*quota_mb=1 .*raise quota_mb in group\.2\.ini, then stopGroup/s,
    );
  });

  it('still stores what its other members make, and other groups go on here', async () => {
    await mine(2, 1);
    await mine(1, FULL);
    expect(await statusOf(FULL)).toBe('RUNNING');
  });

  it('takes them again with a larger quota, or when somebody made room', async () => {
    await restart(100);
    await mine(2, FULL);
    await restart(1);
    expect(await refusal()).toContain('OverGroupDiskQuota');
    rmSync(filler());
    await until(async () => (await refusal()) === undefined, 'there is room again', 20_000);
    await mine(2, FULL);
  });

  it('is stopped there at twice its quota, while its other members and the first group go on', async () => {
    fill(2.5);
    await until(async () => (await statusOf(FULL)) === 'STOPPED', 'the group is stopped', 20_000);
    await mine(2, 1, [1, 2, 3]);
    await mine(1, FULL);
    expect(logOf()).toMatch(/error\|.*\[QUOTA\] group 2 has 2\.\d MB .* the group is stopped here/);
    rmSync(filler());
    expect(await call(FULL, 'startGroup', 2)).toEqual(done('started'));
    await mine(2, FULL);
  });
});

function logOf(): string {
  const log = join(folder(), 'log');
  const files = readdirSync(log).filter((name) => name.startsWith('log_'));
  return files.map((name) => readFileSync(join(log, name), 'utf8')).join('');
}

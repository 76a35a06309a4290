import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sender } from '../channel/sender.js';
import { Cluster, until } from './cluster.js';

/**
 * Goal: a group that breaks takes no other with it. Method: a node with two groups, of which the thread of one stands still for a while,
 * or ends by an exception that nobody catches.
 */

const PRELOAD = pathToFileURL(join(import.meta.dirname, 'faults', 'preloads', 'breakGroup.mjs')).href;
/** The thread looks for the file more often. */
const HELD_WITHIN_MS = 500;
const sender = new Sender();
let cluster: Cluster;
const endFile = () => join(cluster.folder, 'end-group');
const holdFile = () => join(cluster.folder, 'hold-group');

beforeAll(async () => {
  cluster = await Cluster.build(1, {
    environment: (folder) => ({
      NODE_OPTIONS: `--import ${PRELOAD}`,
      MENGLIAN_TEST_BREAK_FOLDER: join(dirname(folder), '..', '..'),
      MENGLIAN_TEST_BREAK_GROUP: '2',
    }),
  });
  cluster.startAll();
  await cluster.linked(0);
  const sealers = await call('getSealerList', 1);
  await call('generateGroup', 2, { timestamp: '1700000000000', sealers });
  await call('startGroup', 2);
}, 60_000);

afterAll(async () => cluster?.stop());

const call = async (method: string, ...params: unknown[]) => cluster.clients[0]!.call(method, ...params);

const status = async () => ((await call('queryGroupStatus', 2)) as { status: string }).status;

async function mine(groupId: number): Promise<void> {
  const { raw, hash } = sender.save({ groupId: BigInt(groupId) });
  await call('sendRawTransaction', groupId, raw);
  await until(async () => (await call('getTransactionReceipt', groupId, hash)) !== null, `group ${groupId} goes on`);
}

const logText = () => {
  const folder = join(dirname(cluster.configPath(0)), 'log');
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
};

describe('a group that stands still', () => {
  it('is waited for by nobody after a while, and answers again when it can', async () => {
    await mine(2);
    writeFileSync(holdFile(), '');
    try {
      await sleep(HELD_WITHIN_MS);
      const waiting = call('getBlockNumber', 2);
      await mine(1);
      await expect(waiting).rejects.toMatchObject({ code: -40010 });
      await expect(call('getBlockNumber', 2)).rejects.toMatchObject({ code: -40010 });
      await mine(1);
      expect(logText()).toContain('the thread of group 2 does not answer');
    } finally {
      rmSync(holdFile());
    }
    await until(async () => call('getBlockNumber', 2).then(Boolean, () => false), 'group 2 answers');
    await mine(2);
  }, 60_000);
});

describe('a group that breaks', () => {
  it('ends alone, says what to do, and can be started again', async () => {
    await mine(1);
    await mine(2);
    const height = Number(await call('getBlockNumber', 2));
    writeFileSync(endFile(), '');
    await until(async () => (await status()) === 'STOPPED', 'group 2 has ended');
    expect(existsSync(endFile())).toBe(false);
    await mine(1);
    expect(await call('getGroupList')).toEqual([1]);
    expect(logText()).toMatch(/group 2 has ended, other groups go on: .*startGroup\(2\)/s);
    expect(await call('startGroup', 2)).toMatchObject({ code: '0x0' });
    await mine(2);
    expect(Number(await call('getBlockNumber', 2))).toBe(height + 1);
  });

  it('runs again with its node', async () => {
    writeFileSync(endFile(), '');
    await until(async () => (await status()) === 'STOPPED', 'group 2 has ended');
    await cluster.nodes[0]!.stop();
    cluster.start(0);
    await cluster.linked(0);
    const answers = async () => call('getBlockNumber', 2).then(Number, () => -1);
    await until(async () => (await answers()) >= 0, 'group 2 answers');
    await mine(2);
  });

  it('ends its node when there is no other', async () => {
    expect(await call('stopGroup', 1)).toMatchObject({ code: '0x0' });
    writeFileSync(endFile(), '');
    await until(async () => !cluster.nodes[0]!.isRunning, 'the node has ended');
  });
});

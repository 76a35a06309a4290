import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sender } from '../channel/sender.js';
import { Cluster, until } from './cluster.js';

/**
 * Goal: a group that breaks takes no other with it. Method: a node with two groups, of which the thread of one ends by an exception that
 * nobody catches.
 */

const PRELOAD = pathToFileURL(join(import.meta.dirname, 'faults', 'preloads', 'endGroup.mjs')).href;
const sender = new Sender();
let cluster: Cluster;
const endFile = () => join(cluster.folder, 'end-group-2');

beforeAll(async () => {
  cluster = await Cluster.build(1, {
    environment: (folder) => ({
      NODE_OPTIONS: `--import ${PRELOAD}`,
      MENGLIAN_TEST_END_FILE: join(dirname(folder), '..', '..', 'end-group-2'),
      MENGLIAN_TEST_END_GROUP: '2',
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

describe('a group that breaks', () => {
  it('ends alone, says what to do, and can be started again', async () => {
    await mine(1);
    await mine(2);
    writeFileSync(endFile(), '');
    await until(async () => (await status()) === 'STOPPED', 'group 2 has ended');
    expect(existsSync(endFile())).toBe(false);
    await mine(1);
    expect(await call('getGroupList')).toEqual([1]);
    const folder = join(dirname(cluster.configPath(0)), 'log');
    const log = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    expect(log.join('')).toMatch(/group 2 has ended, other groups go on: .*startGroup\(2\)/s);
    expect(await call('startGroup', 2)).toMatchObject({ code: '0x0' });
    await mine(2);
    expect(Number(await call('getBlockNumber', 2))).toBe(2);
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

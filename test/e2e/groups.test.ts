import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sender } from '../channel/sender.js';
import { Cluster, until } from './cluster.js';
import { editFile } from './nodeRuns.js';
import { RpcAnswerError } from './rpcClient.js';

/**
 * Goal: groups are made, started, stopped and removed while nodes run, and a group that stops disturbs no other. Method:
 * four real processes and the methods of JSON-RPC; group 2 is made on three of them.
 */

const MEMBERS = [0, 1, 2] as const;
const OUTSIDER = 3;

const done = (groupId: number, what: string) => ({ code: '0x0', message: `Group ${groupId} ${what} successfully` });
const sender = new Sender();
let cluster: Cluster;
let sealers: string[];

beforeAll(async () => {
  cluster = await Cluster.build(4);
  cluster.startAll();
  await cluster.linked(3);
  const ids = (await cluster.clients[0]!.call('getSealerList', 1)) as string[];
  const outsider = ((await cluster.clients[OUTSIDER]!.call('getNodeInfo')) as { NodeID: string }).NodeID;
  sealers = ids.filter((id) => id !== outsider);
}, 60_000);

afterAll(async () => cluster?.stop());

const call = async (index: number, method: string, ...params: unknown[]) =>
  cluster.clients[index]!.call(method, ...params);

const errorCode = async (index: number, method: string, ...params: unknown[]) => {
  const error = await call(index, method, ...params).catch((reason: unknown) => reason);
  return error instanceof RpcAnswerError ? error.code : error;
};

const height = async (index: number, groupId: number) => Number(await call(index, 'getBlockNumber', groupId));

const statusOf = async (index: number, groupId: number) =>
  ((await call(index, 'queryGroupStatus', groupId)) as { status: string }).status;

/** Waits until nodes have stored a transaction of a group, each asked itself. */
async function mine(groupId: number, at: number, seenBy: readonly number[]): Promise<void> {
  const { raw, hash } = sender.save({ groupId: BigInt(groupId) });
  await call(at, 'sendRawTransaction', groupId, raw);
  const isStored = async (index: number) => (await call(index, 'getTransactionReceipt', groupId, hash)) !== null;
  await until(
    async () => (await Promise.all(seenBy.map(isStored))).every(Boolean),
    `a transaction of group ${groupId} is stored`,
    20_000,
  );
}

const folder = (index: number) => dirname(cluster.configPath(index));

describe('a group that is made while nodes run', () => {
  it('runs on its members, beside the first, with a height of its own', async () => {
    const settings = { timestamp: '1700000000000', sealers };
    for (const index of MEMBERS) {
      expect(await call(index, 'generateGroup', 2, settings)).toEqual(done(2, 'generated'));
      expect(await statusOf(index, 2)).toBe('STOPPED');
      expect(await call(index, 'getGroupList')).toEqual([1]);
    }
    const genesis = MEMBERS.map((index) => readFileSync(join(folder(index), 'conf', 'group.2.genesis'), 'utf8'));
    expect(new Set(genesis).size).toBe(1);
    for (const index of MEMBERS) expect(await call(index, 'startGroup', 2)).toEqual(done(2, 'started'));
    for (const index of MEMBERS) {
      expect(await call(index, 'getGroupList')).toEqual([1, 2]);
      expect(await call(index, 'getSealerList', 2)).toEqual(sealers.toSorted());
    }
    await mine(2, 0, MEMBERS);
    await mine(2, 1, MEMBERS);
    await mine(1, OUTSIDER, [0, 1, 2, 3]);
    expect([await height(0, 1), await height(0, 2)]).toEqual([1, 2]);
    expect(await statusOf(0, 2)).toBe('RUNNING');
  });

  it('is unknown to who has no part in it', async () => {
    expect(await errorCode(OUTSIDER, 'getBlockNumber', 2)).toBe(-40001);
    expect(await call(OUTSIDER, 'getGroupList')).toEqual([1]);
    expect(await statusOf(OUTSIDER, 2)).toBe('INEXISTENT');
    const missing = { code: '0xb', message: 'Genesis config file for group 2 not found' };
    expect(await call(OUTSIDER, 'startGroup', 2)).toEqual(missing);
    expect(await call(OUTSIDER, 'stopGroup', 2)).toEqual({ code: '0x6', message: 'Group 2 not found' });
  });

  it('does not serve who made it without being in it', async () => {
    const settings = { timestamp: '1700000000000', sealers };
    expect(await call(OUTSIDER, 'generateGroup', 2, settings)).toEqual(done(2, 'generated'));
    expect(await call(OUTSIDER, 'startGroup', 2)).toEqual(done(2, 'started'));
    expect(await errorCode(OUTSIDER, 'getBlockNumber', 2)).toBe(-40_009);
    expect(await call(OUTSIDER, 'getGroupList')).toEqual([1]);
    expect(await statusOf(OUTSIDER, 2)).toBe('RUNNING');
    const genesis = [0, OUTSIDER].map((index) => readFileSync(join(folder(index), 'conf', 'group.2.genesis'), 'utf8'));
    expect(genesis[0]).toBe(genesis[1]);
    expect(await call(OUTSIDER, 'stopGroup', 2)).toEqual(done(2, 'stopped'));
    expect(await call(OUTSIDER, 'removeGroup', 2)).toEqual(done(2, 'deleted'));
  });

  it('stops on one node while all else goes on, and catches up when it starts again', async () => {
    expect(await call(2, 'stopGroup', 2)).toEqual(done(2, 'stopped'));
    expect(await call(2, 'getGroupList')).toEqual([1]);
    expect(await errorCode(2, 'getBlockNumber', 2)).toBe(-40001);
    expect(await errorCode(2, 'sendRawTransaction', 2, sender.save({ groupId: 2n }).raw)).toBe(-40001);
    expect(await call(2, 'stopGroup', 2)).toEqual({ code: '0x4', message: 'Group 2 has already been stopped' });
    await mine(1, 2, [0, 1, 2, 3]);
    // Three sealers need all three: the two wait.
    const { raw, hash } = sender.save({ groupId: 2n });
    await call(0, 'sendRawTransaction', 2, raw);
    const before = await height(0, 2);
    expect(await call(2, 'startGroup', 2)).toEqual(done(2, 'started'));
    expect(await call(2, 'startGroup', 2)).toEqual({ code: '0x3', message: 'Group 2 is already running' });
    await until(async () => (await call(2, 'getTransactionReceipt', 2, hash)) !== null, 'the group goes on', 30_000);
    expect(await height(0, 2)).toBe(before + 1);
    await mine(2, 2, MEMBERS);
  });

  it('catches up with what the others have stored meanwhile, the first group too', async () => {
    expect(await call(OUTSIDER, 'stopGroup', 1)).toEqual(done(1, 'stopped'));
    expect(await call(OUTSIDER, 'getGroupList')).toEqual([]);
    for (let count = 0; count < 3; count++) await mine(1, 0, MEMBERS);
    expect(await call(OUTSIDER, 'startGroup', 1)).toEqual(done(1, 'started'));
    const head = await height(0, 1);
    // Peers tell their height every 5 s.
    await until(async () => (await height(OUTSIDER, 1)) === head, 'the group has caught up', 20_000);
    await mine(1, OUTSIDER, [0, 1, 2, 3]);
  });

  it('runs again after the node was killed; one that was stopped does not', async () => {
    const alone = { timestamp: '1700000000001', sealers: [await nodeId(1)] };
    expect(await call(1, 'generateGroup', 3, alone)).toEqual(done(3, 'generated'));
    expect(await call(1, 'startGroup', 3)).toEqual(done(3, 'started'));
    expect(await call(1, 'getGroupList')).toEqual([1, 2, 3]);
    expect(await call(1, 'stopGroup', 3)).toEqual(done(3, 'stopped'));
    await cluster.nodes[1]!.kill();
    cluster.start(1);
    await cluster.linked(3);
    expect(await call(1, 'getGroupList')).toEqual([1, 2]);
    expect([await statusOf(1, 2), await statusOf(1, 3)]).toEqual(['RUNNING', 'STOPPED']);
    await mine(2, 1, MEMBERS);
  });

  it('is removed and recovered with its blocks', async () => {
    const before = await height(2, 2);
    expect(await call(2, 'removeGroup', 2)).toEqual({ code: '0x3', message: 'Group 2 is running' });
    expect(await call(2, 'stopGroup', 2)).toEqual(done(2, 'stopped'));
    expect(await call(2, 'removeGroup', 2)).toEqual(done(2, 'deleted'));
    expect(await statusOf(2, 2)).toBe('DELETED');
    expect(await call(2, 'startGroup', 2)).toEqual({ code: '0x5', message: 'Group 2 has been deleted' });
    expect(await call(2, 'generateGroup', 2, { timestamp: '1', sealers })).toMatchObject({ code: '0x2' });
    expect(await call(2, 'recoverGroup', 2)).toEqual(done(2, 'recovered'));
    expect(await call(2, 'startGroup', 2)).toEqual(done(2, 'started'));
    expect(await height(2, 2)).toBe(before);
    await mine(2, 2, MEMBERS);
  });

  it('whose genesis is damaged is refused with a sentence, and the node lives', async () => {
    expect(await call(2, 'stopGroup', 2)).toEqual(done(2, 'stopped'));
    const genesis = join(folder(2), 'conf', 'group.2.genesis');
    const whole = readFileSync(genesis, 'utf8');
    const refused = async (edit: (text: string) => string, reason: RegExp) => {
      editFile(genesis, edit);
      expect(await call(2, 'startGroup', 2)).toMatchObject({ code: '0x1', message: expect.stringMatching(reason) });
      expect([await statusOf(2, 2), await call(2, 'getGroupList')]).toEqual(['STOPPED', [1]]);
      editFile(genesis, () => whole);
    };
    await refused(() => '[group', /group\.2\.genesis/);
    await refused((text) => text.replace(/^\s*node\.\d+=.*\n/gm, ''), /node\.0 is missing/);
    // Another genesis than that of the blocks on disk: found by the group's own thread.
    await refused((text) => text.replace('timestamp=1700000000000', 'timestamp=1700000000009'), /genesis/);
    await mine(1, 2, [0, 1, 2, 3]);
    expect(await call(2, 'startGroup', 2)).toEqual(done(2, 'started'));
    await mine(2, 2, MEMBERS);
  });

  it('leaves nothing behind: threads and files of the process come back to what they were', async () => {
    const system = `/proc/${cluster.nodes[OUTSIDER]!.pid!}`;
    // Without sockets: connections of this test come and go by themselves.
    const held = () => ({
      threads: readdirSync(`${system}/task`).length,
      files: readdirSync(`${system}/fd`).filter((name) => !opened(`${system}/fd/${name}`).startsWith('socket:')).length,
    });
    const sole = { timestamp: '1', sealers: [await nodeId(OUTSIDER)] };
    const round = async (groupId: number) => {
      expect(await call(OUTSIDER, 'generateGroup', groupId, sole)).toEqual(done(groupId, 'generated'));
      expect(await call(OUTSIDER, 'startGroup', groupId)).toEqual(done(groupId, 'started'));
      expect(await height(OUTSIDER, groupId)).toBe(0);
      expect(await call(OUTSIDER, 'stopGroup', groupId)).toEqual(done(groupId, 'stopped'));
      expect(await call(OUTSIDER, 'removeGroup', groupId)).toEqual(done(groupId, 'deleted'));
      rmSync(join(folder(OUTSIDER), 'data', `group${groupId}`), { recursive: true });
      rmSync(join(folder(OUTSIDER), 'conf', `group.${groupId}.genesis`));
      rmSync(join(folder(OUTSIDER), 'conf', `group.${groupId}.ini`));
    };
    await round(9);
    const before = held();
    for (let first = 10; first < 30; first += 5) await Promise.all([0, 1, 2, 3, 4].map((next) => round(first + next)));
    await until(
      async () => held().threads <= before.threads && held().files <= before.files,
      `no more threads and files than ${JSON.stringify(before)}`,
      20_000,
    );
  }, 60_000);
});

/** What a handle of a process stands for; nothing when it was closed meanwhile. */
function opened(handle: string): string {
  try {
    return readlinkSync(handle);
  } catch {
    return 'socket:';
  }
}

async function nodeId(index: number): Promise<string> {
  return ((await call(index, 'getNodeInfo')) as { NodeID: string }).NodeID;
}

describe('a node with disable_dynamic_group', () => {
  it('refuses to change groups and tells their status', async () => {
    await cluster.nodes[OUTSIDER]!.stop();
    editFile(cluster.configPath(OUTSIDER), (text) => text.replace(/^(\s*disable_dynamic_group)=.*$/m, '$1=true'));
    cluster.start(OUTSIDER);
    await cluster.linked(3);
    for (const method of ['startGroup', 'stopGroup', 'removeGroup', 'recoverGroup']) {
      expect(await errorCode(OUTSIDER, method, 1)).toBe(-100_001);
    }
    expect(await errorCode(OUTSIDER, 'generateGroup', 5, { timestamp: '1', sealers })).toBe(-100_001);
    expect([await statusOf(OUTSIDER, 1), await statusOf(OUTSIDER, 2)]).toEqual(['RUNNING', 'DELETED']);
  });
});

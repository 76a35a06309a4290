import { setTimeout as sleep } from 'node:timers/promises';
import { concatBytes, toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { decodeAbi, encodeAbi, selector } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { decodeSyncMessage, encodeSyncMessage } from '@menglian/sync/messages';
import { signTransaction, type SignedTransaction } from '@menglian/types/transaction';
import { afterEach, describe, expect, it } from 'vitest';
import { type Link, MemoryGroup, type MemoryNode } from '../testing/memoryGroup.js';

const suite = await loadSuite('ecdsa');
const random = new SeededRandom(11);
const accountKey = random.bytes(32);
const hash = (bytes: Uint8Array) => suite.hash(bytes);
const DAG_TRANSFER = '5002'.padStart(40, '0');
const groups: MemoryGroup[] = [];

afterEach(async () => {
  for (const group of groups.splice(0)) {
    await group.stop();
    expect(group.failures).toEqual([]);
  }
});

function userSave(user: string, amount: bigint, blockLimit: number): SignedTransaction {
  const data = concatBytes(
    selector(hash, 'userSave(string,uint256)'),
    encodeAbi(['string', 'uint256'], [user, amount]),
  );
  const nonce = BigInt(`0x${toHex(random.bytes(31))}`);
  const fields = { gasPrice: 1n, gas: 1n, blockLimit: BigInt(blockLimit), value: 0n, chainId: 1n, groupId: 1n };
  return signTransaction(suite, { ...fields, nonce, to: DAG_TRANSFER, data, extraData: new Uint8Array(0) }, accountKey);
}

function balance(node: MemoryNode, user: string): bigint {
  const data = concatBytes(selector(hash, 'userBalance(string)'), encodeAbi(['string'], [user]));
  const { output } = node.view.call({ from: '0'.repeat(40), to: DAG_TRANSFER, value: 0n, data });
  const decoded = decodeAbi(['uint256', 'uint256'], output);
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.value[1] as bigint;
}

async function until(condition: () => boolean, what: string, timeoutMs = 30_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await sleep(5);
  }
}

const nodesOf = (group: MemoryGroup) => [...group.nodes.values()];
const headsAgree = (group: MemoryGroup) =>
  new Set(nodesOf(group).map(({ ledger }) => toHex(ledger.head().hash))).size === 1;

/** Blocks of one transaction each, up to this height. */
async function runTo(group: MemoryGroup, height: number): Promise<void> {
  const [first] = nodesOf(group);
  for (let number = first!.ledger.head().number + 1; number <= height; number++) {
    const transaction = userSave(`user${number % 20}`, 1n, height + 400);
    expect(first!.view.submit(transaction.raw)).toMatchObject({ ok: true });
  }
  await until(() => headsAgree(group) && first!.ledger.head().number >= height, `block ${height}`);
}

/** Three of four nodes some blocks above a height whose snapshots are made and attested; the fourth has lost its disk. */
async function grownGroup(
  height: number,
  interval: number,
  consensusType: 'pbft' | 'raft' = 'pbft',
): Promise<MemoryGroup> {
  const snapshots = { interval, maxBytes: 1_000_000, minimumHeight: 2 * interval };
  const group = new MemoryGroup(suite, { count: 4, snapshots, genesis: { maxTransactions: 1, consensusType } });
  groups.push(group);
  // In Raft a voter that lost its log may not come back as if it had it: there the fourth has never run.
  const running = consensusType === 'raft' ? [0, 1, 2] : [0, 1, 2, 3];
  for (const index of running) await group.start(index);
  await runTo(group, height + 10);
  const isMade = ({ logs }: MemoryNode) => logs.some((line) => line.includes(`[Made] number=${height}`));
  await until(() => nodesOf(group).every(isMade), 'snapshots');
  if (running.includes(3)) await group.crash(3);
  return group;
}

async function expectJoined(group: MemoryGroup, late: MemoryNode, height: number): Promise<void> {
  const [first] = nodesOf(group);
  await until(() => headsAgree(group) && late.ledger.head().number >= height + 10, 'caught up');
  expect(late.logs.filter((line) => line.includes(`[Installed] number=${height}`))).toHaveLength(1);
  expect(late.ledger.lowestBody).toBe(height + 1);
  expect(late.ledger.head().stateDigest).toEqual(first!.ledger.head().stateDigest);
  expect(late.ledger.totals()).toEqual(first!.ledger.totals());
  for (const user of ['user1', 'user7', 'user19']) expect(balance(late, user)).toBe(balance(first!, user));
}

describe('a node that joins late', () => {
  it('begins with a snapshot, fetches the blocks after it, votes, and keeps all that over a restart', async () => {
    const group = await grownGroup(200, 50);
    const late = await group.start(3);
    await expectJoined(group, late, 200);
    // It is one of those whose votes count now: another may stop.
    await group.crash(1);
    const transaction = userSave('late', 5n, 600);
    late.view.submit(transaction.raw);
    const committed = () => nodesOf(group).every(({ ledger }) => ledger.locate(transaction.hash) !== undefined);
    await until(committed, 'a block with the vote of the late one');
    expect(balance(late, 'late')).toBe(5n);
    const { store } = await group.crash(3);
    const back = await group.start(3, store);
    expect(back.ledger.head().number).toBeGreaterThan(210);
    expect(back.ledger.lowestBody).toBe(201);
    expect(late.ledger.blockByNumber(100)).toBeUndefined();
  }, 120_000);

  it('does so in Raft, where a majority attests', async () => {
    const group = await grownGroup(40, 20, 'raft');
    const late = await group.start(3);
    await expectJoined(group, late, 40);
    await group.crash(1);
    const transaction = userSave('late', 5n, 400);
    late.view.submit(transaction.raw);
    const committed = () => nodesOf(group).every(({ ledger }) => ledger.locate(transaction.hash) !== undefined);
    await until(committed, 'a block with the vote of the late one');
  }, 60_000);

  it('is not held up by a peer that sends wrong chunks and other blocks', async () => {
    const group = await grownGroup(60, 20);
    const liar = group.genesis.sealers[0]!;
    const spoil: Link = (from, _to, plane, payload) => {
      if (from !== liar || plane !== 'sync') return payload;
      const message = decodeSyncMessage(payload);
      if (!message.ok) return payload;
      switch (message.value.kind) {
        case 'chunk':
          return encodeSyncMessage({ ...message.value, chunk: random.bytes(100) });
        case 'blockResponse':
          return encodeSyncMessage({ ...message.value, blocks: message.value.blocks.toReversed() });
        case 'status':
          return encodeSyncMessage({ ...message.value, number: message.value.number + 1000 });
        default:
          return payload;
      }
    };
    group.link = spoil;
    await expectJoined(group, await group.start(3), 60);
  }, 120_000);

  it('executes all blocks when no snapshot is high enough', async () => {
    const group = new MemoryGroup(suite, {
      count: 4,
      genesis: { maxTransactions: 1 },
      snapshots: { interval: 10, maxBytes: 1_000_000, minimumHeight: 100 },
    });
    groups.push(group);
    for (const index of [0, 1, 2, 3]) await group.start(index);
    await runTo(group, 25);
    await group.crash(3);
    const late = await group.start(3);
    await until(() => headsAgree(group) && late.ledger.head().number === 25, 'caught up');
    expect(late.ledger.lowestBody).toBe(1);
    expect(late.ledger.blockByNumber(5)).toBeDefined();
  }, 60_000);
});

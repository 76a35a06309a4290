import { setTimeout as sleep } from 'node:timers/promises';
import { toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { encodeAbi, selector } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { signTransaction, type SignedTransaction } from '@menglian/types/transaction';
import { afterEach, describe, expect, it } from 'vitest';
import { concatBytes } from '@menglian/base/bytes';
import { MemoryGroup, type MemoryNode } from '../testing/memoryGroup.js';

const suite = await loadSuite('ecdsa');
const random = new SeededRandom(20_261_121);
const accountKey = random.bytes(32);
const groups: MemoryGroup[] = [];

function createGroup(count: number): MemoryGroup {
  const group = new MemoryGroup(suite, { count });
  groups.push(group);
  return group;
}

async function startAll(count: number): Promise<MemoryGroup> {
  const group = createGroup(count);
  for (let index = 0; index < count; index++) await group.start(index);
  return group;
}

/** DagTransfer `userSave(user, amount)`. */
function userSave(user: string, amount: bigint): SignedTransaction {
  const data = concatBytes(
    selector((bytes) => suite.hash(bytes), 'userSave(string,uint256)'),
    encodeAbi(['string', 'uint256'], [user, amount]),
  );
  const nonce = BigInt(`0x${toHex(random.bytes(31))}`);
  const to = '5002'.padStart(40, '0');
  const fields = { gasPrice: 1n, gas: 1n, blockLimit: 500n, value: 0n, chainId: 1n, groupId: 1n };
  return signTransaction(suite, { ...fields, nonce, to, data, extraData: new Uint8Array(0) }, accountKey);
}

async function until(condition: () => boolean, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('not in time');
    await sleep(5);
  }
}

const committed = (node: MemoryNode, transaction: SignedTransaction) =>
  node.ledger.locate(transaction.hash) !== undefined;
const heads = (group: MemoryGroup) => [...group.nodes.values()].map(({ ledger }) => toHex(ledger.head().hash));

afterEach(async () => {
  for (const group of groups.splice(0)) {
    await group.stop();
    expect(group.failures).toEqual([]);
  }
});

describe('a group in one process', () => {
  it('commits with a single node', async () => {
    const group = await startAll(1);
    const [node] = group.nodes.values();
    const transaction = userSave('alice', 5n);
    expect(node!.view.submit(transaction.raw)).toMatchObject({ ok: true });
    await until(() => committed(node!, transaction));
  });

  it('commits on all four nodes what any of them was sent', async () => {
    const group = await startAll(4);
    const nodes = [...group.nodes.values()];
    const sent = Array.from({ length: 40 }, (_, index) => userSave(`user${index}`, 7n));
    for (const [index, transaction] of sent.entries()) {
      expect(nodes[index % 4]!.view.submit(transaction.raw)).toMatchObject({ ok: true });
    }
    await until(() => sent.every((transaction) => nodes.every((node) => committed(node, transaction))));
    expect(new Set(heads(group)).size).toBe(1);
    expect(nodes.every(({ view }) => view.pendingCount() === 0)).toBe(true);
  });

  it('goes on without one of four, and the one catches up when it is back', async () => {
    const group = await startAll(4);
    const crashed = await group.crash(2);
    const [node] = group.nodes.values();
    for (let round = 0; round < 6; round++) {
      const transaction = userSave(`round${round}`, 1n);
      node!.view.submit(transaction.raw);
      await until(() => [...group.nodes.values()].every((one) => committed(one, transaction)));
    }
    const back = await group.start(2, crashed.store);
    await until(() => new Set(heads(group)).size === 1);
    const last = userSave('after', 1n);
    back.view.submit(last.raw);
    await until(() => [...group.nodes.values()].every((one) => committed(one, last)));
  }, 60_000);

  it('keeps the chain when all nodes stop and start again', async () => {
    const group = await startAll(4);
    const [first] = group.nodes.values();
    const before = userSave('before', 3n);
    first!.view.submit(before.raw);
    await until(() => [...group.nodes.values()].every((node) => committed(node, before)));
    const stores = [];
    for (let index = 0; index < 4; index++) stores.push((await group.crash(index)).store);
    for (let index = 0; index < 4; index++) await group.start(index, stores[index]);
    const after = userSave('after', 3n);
    [...group.nodes.values()][3]!.view.submit(after.raw);
    await until(() => [...group.nodes.values()].every((node) => committed(node, after) && committed(node, before)));
    expect(new Set(heads(group)).size).toBe(1);
  }, 60_000);

  it('makes no blocks and changes no view while nothing is to do, before and after transactions', async () => {
    const group = await startAll(4);
    const nodes = [...group.nodes.values()];
    await sleep(4000);
    for (const { ledger, view } of nodes) {
      expect(ledger.head().number).toBe(0);
      expect(view.consensusStatus().view).toBe(0);
    }
    const transaction = userSave('idle', 1n);
    nodes[0]!.view.submit(transaction.raw);
    await until(() => nodes.every((node) => committed(node, transaction)));
    const before = nodes.map(({ ledger, view }) => [ledger.head().number, view.consensusStatus().view]);
    await sleep(5000);
    expect(nodes.map(({ ledger, view }) => [ledger.head().number, view.consensusStatus().view])).toEqual(before);
  });

  it('fetches the bodies that gossip lost', async () => {
    const group = await startAll(4);
    group.link = (_from, _to, plane, payload) =>
      plane === 'transactions' && payload[1] === 0 && random.chance(50) ? undefined : payload;
    const nodes = [...group.nodes.values()];
    const sent = Array.from({ length: 20 }, (_, index) => userSave(`lost${index}`, 7n));
    for (const [index, transaction] of sent.entries()) nodes[index % 4]!.view.submit(transaction.raw);
    await until(() => sent.every((transaction) => nodes.every((node) => committed(node, transaction))), 50_000);
  }, 60_000);
});

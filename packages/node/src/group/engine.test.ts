import { setTimeout as sleep } from 'node:timers/promises';
import { toHex, utf8Bytes } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { signTransaction, type SignedTransaction } from '@menglian/types/transaction';
import { afterEach, describe, expect, it } from 'vitest';
import { MemoryGroup, type MemoryNode } from '../testing/memoryGroup.js';

const suite = await loadSuite('ecdsa');
const random = new SeededRandom(11);
const key = random.bytes(32);
const groups: MemoryGroup[] = [];

function transaction(): SignedTransaction {
  const fields = { gasPrice: 1n, gas: 1n, blockLimit: 500n, value: 0n, chainId: 1n, groupId: 1n };
  const nonce = BigInt(`0x${toHex(random.bytes(31))}`);
  const body = { nonce, to: '5002'.padStart(40, '0'), data: utf8Bytes('nothing'), extraData: new Uint8Array(0) };
  return signTransaction(suite, { ...fields, ...body }, key);
}

/** Submits to one node and waits for all. */
async function commit(nodes: readonly MemoryNode[]): Promise<void> {
  const { raw, hash } = transaction();
  expect(nodes[0]!.view.submit(raw)).toMatchObject({ ok: true });
  const deadline = Date.now() + 20_000;
  while (!nodes.every(({ ledger }) => ledger.locate(hash) !== undefined)) {
    if (Date.now() > deadline) throw new Error('not in time');
    await sleep(5);
  }
}

afterEach(async () => {
  for (const group of groups.splice(0)) {
    await group.stop();
    expect(group.failures).toEqual([]);
  }
});

describe.each([
  ['pbft', 4, 3],
  ['rpbft', 5, 3],
  ['raft', 3, 2],
] as const)('a group of %s', (consensusType, count, signaturesMin) => {
  it('commits, also without one node, and after all of them stopped', async () => {
    const genesis = { consensusType, epochSealerCount: 4, epochBlockCount: 2 };
    const group = new MemoryGroup(suite, { count, genesis });
    groups.push(group);
    for (let index = 0; index < count; index++) await group.start(index);
    const all = () => [...group.nodes.values()];
    for (let round = 0; round < 3; round++) await commit(all());
    const { view } = all()[0]!;
    expect(view.consensusStatus().consensusType).toBe(consensusType);
    expect(view.block(1)!.signatures.length).toBeGreaterThanOrEqual(signaturesMin);
    const away = await group.crash(count - 1);
    for (let round = 0; round < 2; round++) await commit(all());
    const stores = [];
    for (let index = 0; index < count - 1; index++) stores.push((await group.crash(index)).store);
    for (const [index, store] of [...stores, away.store].entries()) await group.start(index, store);
    await commit(all());
    expect(new Set(all().map(({ ledger }) => toHex(ledger.head().hash))).size).toBe(1);
  }, 60_000);
});

import { setTimeout as sleep } from 'node:timers/promises';
import { toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { signTransaction, type SignedTransaction } from '@menglian/types/transaction';
import { afterEach, describe, expect, it } from 'vitest';
import { MemoryGroup, type MemoryNode } from '../testing/memoryGroup.js';

const suite = await loadSuite('ecdsa');
const random = new SeededRandom(11);
const accountKey = random.bytes(32);
const groups: MemoryGroup[] = [];

afterEach(async () => {
  for (const group of groups.splice(0)) {
    await group.stop();
    expect(group.failures).toEqual([]);
  }
});

async function startGroup(consensusType: 'pbft' | 'raft'): Promise<MemoryGroup> {
  const group = new MemoryGroup(suite, { count: 4, genesis: { consensusType } });
  groups.push(group);
  for (let index = 0; index < 4; index++) await group.start(index);
  return group;
}

function transaction(): SignedTransaction {
  const nonce = BigInt(`0x${toHex(random.bytes(31))}`);
  const fields = { gasPrice: 1n, gas: 1n, blockLimit: 500n, value: 0n, chainId: 1n, groupId: 1n };
  const empty = new Uint8Array(0);
  return signTransaction(
    suite,
    { ...fields, nonce, to: '5002'.padStart(40, '0'), data: empty, extraData: empty },
    accountKey,
  );
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 40_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('not in time');
    await sleep(10);
  }
}

const nodesOf = (group: MemoryGroup) => group.genesis.sealers.map((nodeId) => group.nodes.get(nodeId)!);

const makerOf = ({ ledger }: MemoryNode, number: number) => {
  const { header } = ledger.blockByNumber(number)!;
  return header.sealerList[header.sealer];
};

describe.each(['pbft', 'raft'] as const)('a node whose disk is full, in a group of %s', (consensusType) => {
  it('refuses transactions and proposes nothing, while the others go on and it stores what they make', async () => {
    const group = await startGroup(consensusType);
    const nodes = nodesOf(group);
    const submit = (node: MemoryNode, sent: SignedTransaction) => node.view.submit(sent.raw);
    const stored = ({ hash }: SignedTransaction) => nodes.every(({ ledger }) => ledger.locate(hash) !== undefined);
    const first = transaction();
    submit(nodes[0]!, first);
    await until(() => stored(first));
    // The worst case of Raft: it leads.
    const leader = nodes[0]!.host.consensusStatus().leader;
    const full = consensusType === 'raft' ? nodes.findIndex(({ nodeId }) => nodeId === leader) : 0;
    group.full.set(full, 'no room: send to another node');
    expect(submit(nodes[full]!, transaction())).toEqual({
      ok: false,
      reason: { status: 29, comment: 'OverGroupDiskQuota', advice: 'no room: send to another node' },
    });
    const from = nodes[full]!.ledger.head().number + 1;
    const other = nodes[(full + 1) % 4]!;
    for (let count = 0; count < 3; count++) {
      const sent = transaction();
      expect(submit(other, sent).ok).toBe(true);
      await until(() => stored(sent));
    }
    const head = other.ledger.head().number;
    for (let number = from; number <= head; number++) expect(makerOf(other, number)).not.toBe(nodes[full]!.nodeId);
    expect(head).toBeGreaterThanOrEqual(from + 1);

    group.full.delete(full);
    const last = transaction();
    expect(submit(nodes[full]!, last).ok).toBe(true);
    await until(() => stored(last));
  }, 60_000);
});

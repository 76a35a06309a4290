import { SeededRandom } from '@menglian/base/seededRandom';
import { invariant } from '@menglian/base/invariant';
import type { Proposal } from '@menglian/consensus-core/ports';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { openConsensusStore } from '@menglian/ledger/consensusStore';
import { openMemoryStore } from '@menglian/storage/memoryStore';
import { signTransaction, type SignedTransaction } from '@menglian/types/transaction';
import { describe, expect, it } from 'vitest';
import { ConsensusRecords } from './consensusRecords.js';

const suite = await loadSuite('ecdsa');
const key = new SeededRandom(4).bytes(32);

function transaction(nonce: bigint): SignedTransaction {
  const none = new Uint8Array(0);
  const fields = { gasPrice: 1n, gas: 1n, blockLimit: 500n, value: 0n, chainId: 1n, groupId: 1n };
  return signTransaction(suite, { ...fields, nonce, to: undefined, data: none, extraData: none }, key);
}

function proposalOf(height: number, transactions: readonly SignedTransaction[]): Proposal {
  const parentDigest = new Uint8Array(32);
  const transactionHashes = transactions.map(({ hash }) => hash);
  return { height, parentDigest, epoch: 0, timestampMs: 1, sealer: 0, sealers: [], transactionHashes };
}

async function open(store = openMemoryStore()) {
  const records = await ConsensusRecords.open(openConsensusStore(store), suite);
  invariant(records.ok, 'node/test-records', records.ok ? '' : records.reason);
  return { store, records: records.value };
}

describe('records of consensus', () => {
  it('give back the bodies of every height above the stored one', async () => {
    const { store, records } = await open();
    const bodies = new Map([7, 8, 9].map((height) => [height, [transaction(BigInt(height))]]));
    const bodiesOf = [...bodies].map(([height, transactions]) => {
      return { digest: new Uint8Array(32).fill(height), proposal: proposalOf(height, transactions) };
    });
    const record = { key: 'votes.7', value: Uint8Array.of(1) };
    await records.write([{ kind: 'persist', records: [record], bodiesOf }], (_digest, { height }) =>
      bodies.get(height),
    );
    const restored = (await open(store)).records;
    expect(restored.engineRecords).toEqual([record]);
    expect(restored.restoredBodies.map(({ height, transactions }) => [height, transactions[0]!.nonce])).toEqual([
      [7, 7n],
      [8, 8n],
      [9, 9n],
    ]);
    await store.write(restored.dropBodies(8), { durable: true });
    const later = (await open(store)).records;
    expect(later.restoredBodies.map(({ height }) => height)).toEqual([9]);
    expect(restored.dropBodies(8)).toEqual([]);
    expect(restored.dropBodies(9)).toHaveLength(1);
  });

  it('leave out bodies that nobody needs any more', async () => {
    const { store, records } = await open();
    const bodiesOf = [{ digest: new Uint8Array(32), proposal: proposalOf(3, []) }];
    await records.write([{ kind: 'persist', records: [], bodiesOf }], () => undefined);
    expect((await open(store)).records.restoredBodies).toEqual([]);
  });

  it.each(['bodies/x', 'bodies/7/beef', `bodies/7/${'0'.repeat(64)}`])('refuse damage: %s', async (name) => {
    const store = openMemoryStore();
    const records = [{ key: name, value: Uint8Array.of(9) }];
    await openConsensusStore(store).write(records, { durable: true });
    const opened = await ConsensusRecords.open(openConsensusStore(store), suite);
    expect(!opened.ok && opened.reason).toContain('is damaged');
  });
});

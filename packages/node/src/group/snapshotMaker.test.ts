import { setTimeout as sleep } from 'node:timers/promises';
import { fromHex, toHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { Ledger } from '@menglian/ledger/ledger';
import { TEST_GENESIS, TestChain } from '@menglian/ledger/testing/chainFixture';
import { openMemoryStore } from '@menglian/storage/memoryStore';
import type { Attestation } from '@menglian/sync/snapshotMessages';
import { describe, expect, it } from 'vitest';
import { SnapshotMaker } from './snapshotMaker.js';

const suite = await loadSuite('ecdsa');
const key = fromHex('11'.repeat(32));
const nodeId = toHex(suite.publicKey(key));
const tuning = { interval: 2, maxBytes: 1_000_000, minimumHeight: 1 };
const identity = { suite, chainId: 1n, groupId: 1, nodeId, sign: (digest: Uint8Array) => suite.sign(digest, key) };

async function setUp() {
  const genesis = { ...TEST_GENESIS, sealers: [...TEST_GENESIS.sealers.slice(1), nodeId] };
  const opened = await Ledger.open(openMemoryStore(), suite, genesis);
  if (!opened.ok) throw new Error(opened.reason.message);
  const ledger = opened.value;
  const failures: unknown[] = [];
  const announced: number[] = [];
  const maker = new SnapshotMaker(identity, tuning, {
    ledger,
    announce: (height) => announced.push(height),
    log: () => {},
    fail: (error) => failures.push(error),
  });
  const chain = new TestChain(suite, 5, genesis);
  const grow = async (blocks: number): Promise<void> => {
    for (let i = 0; i < blocks; i++) {
      const { block, changes, order, signed } = chain.next({ transactions: 1, changes: 600 });
      await ledger.commit(block, changes, order, [], signed);
      maker.onHead();
      await sleep(20);
    }
  };
  return { maker, ledger, grow, failures, announced };
}

describe('snapshots of a group', () => {
  it('are made at heights of the interval, and the last two are served', async () => {
    const { maker, grow, failures } = await setUp();
    await grow(7);
    expect(maker.latest).toBe(6);
    expect(maker.offers().map(({ height }) => height)).toEqual([4, 6]);
    expect(maker.manifest(2)).toBeUndefined();
    expect(maker.manifest(4)).toBeDefined();
    expect(await maker.chunk(6, 0)).toBeDefined();
    await maker.stop();
    expect(maker.latest).toBe(0);
    expect(failures).toEqual([]);
  });

  it('may go away while a chunk of them is read', async () => {
    const { maker, grow, failures } = await setUp();
    await grow(4);
    const reading = maker.chunk(2, 0);
    await grow(2);
    const last = maker.chunk(6, 0);
    await maker.stop();
    await Promise.all([reading, last]);
    expect(failures).toEqual([]);
  });

  it('are attested by sealers only, each with one voice', async () => {
    const { maker, ledger, grow, announced } = await setUp();
    await grow(2);
    const [offer] = maker.offers();
    // The made-up headers name other sealers: this node does not attest.
    expect(ledger.sealersOf(2)).not.toContain(nodeId);
    expect([offer!.attestations, announced]).toEqual([[], []]);
    const attest = (attestation: Attestation, height = 2) =>
      maker.onAttestation(height, offer!.manifestHash, attestation);
    attest({ signer: nodeId, signature: suite.sign(offer!.manifestHash, key) });
    const stranger = fromHex('22'.repeat(32));
    attest({ signer: toHex(suite.publicKey(stranger)), signature: suite.sign(offer!.manifestHash, stranger) });
    expect(maker.offers()[0]!.attestations).toEqual([]);
    await maker.stop();
  });
});

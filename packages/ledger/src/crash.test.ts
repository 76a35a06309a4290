/**
 * Loses power at every write of a chain's life, with every outcome a disk can give to what was not synced, and compares
 * what is found afterwards with a run that was not disturbed: always one whole block or the next, never anything between.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { toHex, utf8Bytes } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { KeyValueStore } from '@menglian/storage/ports';
import { CrashDisk, SimulatedCrash } from '@menglian/storage/testing/crashStore';
import { consensusOperations } from './consensusStore.js';
import { Ledger } from './ledger.js';
import { TEST_GENESIS, type TestBlock, TestChain } from './testing/chainFixture.js';

const BLOCKS = 30;

let suite: CryptoSuite;
let blocks: TestBlock[];
/** Contents of the whole store after each block of an undisturbed run, consensus records excepted. */
let expected: string[];
let writeCount: number;

beforeAll(async () => {
  suite = await loadSuite('ecdsa');
  const chain = new TestChain(suite, 42);
  blocks = Array.from({ length: BLOCKS }, (_, index) => chain.next({ transactions: index % 4, changes: 12 }));
  const disk = new CrashDisk();
  const store = await disk.open();
  const ledger = await open(store);
  expected = [await contents(store)];
  for (const block of blocks) {
    await oneHeight(ledger, block);
    expected.push(await contents(store));
  }
  writeCount = disk.writeCount;
});

async function open(store: KeyValueStore): Promise<Ledger> {
  const ledger = await Ledger.open(store, suite, TEST_GENESIS);
  if (!ledger.ok) throw new Error(`${ledger.reason.code} ${ledger.reason.message}`);
  return ledger.value;
}

/** As a node does it: votes durably, notes something that may get lost, then stores the block and drops the votes. */
async function oneHeight(ledger: Ledger, { block, changes, order, signed }: TestBlock): Promise<void> {
  const { number } = block.header;
  const vote = { key: `vote/${number}`, value: block.hash };
  await ledger.consensusStore.write([vote, { key: 'safety', value: utf8Bytes(String(number)) }], { durable: true });
  await ledger.consensusStore.write([{ key: `note/${number}`, value: block.hash }], { durable: false });
  const obsolete = [`vote/${number}`, `note/${number}`].map((key) => ({ key, value: undefined }));
  await ledger.commit(block, changes, order, consensusOperations(obsolete), signed);
}

/** All keys and values but the consensus records, as text to compare. */
async function contents(store: KeyValueStore): Promise<string> {
  const entries = await store.scan({ from: Uint8Array.of(0), to: Uint8Array.of(0xff) });
  return entries
    .filter(([key]) => key[0] !== 'c'.charCodeAt(0))
    .map(([key, value]) => `${toHex(key)}=${toHex(value)}`)
    .join('\n');
}

/** Runs until power goes in the chosen write. @returns the last block whose commit was confirmed, -1 if none */
async function runUntilCrash(disk: CrashDisk, crashAtWrite: number): Promise<number> {
  let confirmed = -1;
  try {
    const ledger = await open(await disk.open({ crashAtWrite }));
    confirmed = 0;
    for (const block of blocks) {
      await oneHeight(ledger, block);
      confirmed++;
    }
  } catch (error) {
    expect(error).toBeInstanceOf(SimulatedCrash);
  }
  return confirmed;
}

describe('a loss of power', () => {
  it('at any write leaves one whole block or the next, and the chain goes on to the same end', async () => {
    expect(writeCount).toBe(1 + 3 * BLOCKS);
    for (let crashAtWrite = 0; crashAtWrite < writeCount; crashAtWrite++) {
      for (const share of [0, 0.3, 0.97, 1]) {
        const disk = new CrashDisk();
        const confirmed = await runUntilCrash(disk, crashAtWrite);
        disk.losePower(Math.floor(share * disk.unsyncedBytes));
        const store = await disk.open();
        const isEmpty = (await contents(store)) === '';
        const ledger = await open(store);
        const { number } = ledger.head();
        expect(isEmpty ? -1 : number).toBeGreaterThanOrEqual(confirmed);
        expect(number).toBeLessThanOrEqual(confirmed + 1);
        expect(await contents(store)).toBe(expected[number]);
        checkVotes(ledger, crashAtWrite, share);
        // Continuing costs time: once for each kind of write and outcome is enough, all along the chain.
        if (crashAtWrite % 7 !== 0) continue;
        for (const block of blocks.slice(number)) await oneHeight(ledger, block);
        expect(await contents(store)).toBe(expected[BLOCKS]);
      }
    }
  });

  it('and a second one while starting again changes nothing of that', async () => {
    for (const crashAtWrite of [0, 1, 2, 3, 44, 45, 46]) {
      const disk = new CrashDisk();
      await runUntilCrash(disk, crashAtWrite);
      disk.losePower(0);
      await runUntilCrash(disk, disk.writeCount);
      disk.losePower(disk.unsyncedBytes);
      const store = await disk.open();
      const ledger = await open(store);
      expect(await contents(store)).toBe(expected[ledger.head().number]);
    }
  });
});

/** A durable vote is there until its block is, and no longer. Write 0 is genesis; a height writes vote, note, block. */
function checkVotes(ledger: Ledger, crashAtWrite: number, share: number): void {
  const { number } = ledger.head();
  for (let height = 1; height <= BLOCKS; height++) {
    const vote = ledger.consensusStore.get(`vote/${height}`);
    const voteWrite = 3 * height - 2;
    const isDurable = voteWrite < crashAtWrite || (voteWrite === crashAtWrite && share === 1);
    expect(vote).toEqual(isDurable && height > number ? blocks[height - 1]!.block.hash : undefined);
    const note = ledger.consensusStore.get(`note/${height}`);
    if (note !== undefined) expect([note, height]).toEqual([blocks[height - 1]!.block.hash, number + 1]);
  }
}

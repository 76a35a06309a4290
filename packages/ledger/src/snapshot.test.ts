import { beforeAll, describe, expect, it } from 'vitest';
import { toHex, utf8Bytes } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { openMemoryStore } from '@menglian/storage/memoryStore';
import type { KeyValueStore } from '@menglian/storage/ports';
import { CrashDisk, SimulatedCrash } from '@menglian/storage/testing/crashStore';
import { Ledger } from './ledger.js';
import { SNAPSHOT_CHUNK_BYTES, SNAPSHOT_HASHES } from './limits.js';
import { StateSnapshot } from './snapshotExport.js';
import { SnapshotStaging } from './snapshotImport.js';
import { decodeManifest, encodeManifest } from './snapshotManifest.js';
import { TEST_GENESIS, type TestBlock, TestChain } from './testing/chainFixture.js';

const HEIGHT = 300;
const UNLIMITED = { maxBytes: Number.MAX_SAFE_INTEGER, isWanted: () => true };

let suite: CryptoSuite;
let blocks: TestBlock[];
/** Blocks stored by a node that was there from the beginning. */
let store: KeyValueStore;
let ledger: Ledger;
let snapshot: StateSnapshot;
/** Key and value of everything in the state at the height, and at the end. */
let stateAtHeight: string;
let stateAtEnd: string;

async function open(target: KeyValueStore): Promise<Ledger> {
  const opened = await Ledger.open(target, suite, TEST_GENESIS);
  if (!opened.ok) throw new Error(`${opened.reason.code} ${opened.reason.message}`);
  return opened.value;
}

const commit = (target: Ledger, { block, changes, order, signed }: TestBlock): Promise<void> =>
  target.commit(block, changes, order, [], signed);

/** The parts of a store that a snapshot carries. */
async function contents(target: KeyValueStore, prefixes: string): Promise<string> {
  const lines: string[] = [];
  for (const prefix of prefixes) {
    const code = prefix.charCodeAt(0);
    const page = await target.scan({ from: Uint8Array.of(code), to: Uint8Array.of(code + 1) });
    for (const [key, value] of page) lines.push(`${toHex(key)}=${toHex(value)}`);
  }
  return lines.join('\n');
}

async function build(target: Ledger, options = UNLIMITED): Promise<StateSnapshot | undefined> {
  const { view, facts } = target.snapshot();
  return StateSnapshot.build(view, suite, facts, options);
}

beforeAll(async () => {
  suite = await loadSuite('ecdsa');
  const chain = new TestChain(suite, 7);
  const size = (index: number) => ({ transactions: index % 3, changes: index % 60 === 0 ? 2000 : 3 });
  blocks = Array.from({ length: HEIGHT + 20 }, (_, index) => chain.next(size(index)));
  store = openMemoryStore();
  ledger = await open(store);
  for (const block of blocks.slice(0, HEIGHT)) await commit(ledger, block);
  stateAtHeight = await contents(store, 's');
  const { view, facts } = ledger.snapshot();
  const building = StateSnapshot.build(view, suite, facts, UNLIMITED);
  // The chain does not wait for the snapshot.
  for (const block of blocks.slice(HEIGHT)) await commit(ledger, block);
  stateAtEnd = await contents(store, 's');
  snapshot = (await building)!;
});

/** Brings the snapshot into a store as a joining node does. */
async function stage(target: KeyValueStore): Promise<SnapshotStaging> {
  const staging = new SnapshotStaging(target, suite);
  await staging.putHeader(100, ledger.certifiedHeader(100)!);
  await staging.putHeader(HEIGHT, ledger.certifiedHeader(HEIGHT)!);
  await staging.putManifest(snapshot.manifestBytes);
  const kept = (await staging.read())!;
  for (const index of kept.manifest.chunkHashes.keys()) {
    if (!kept.chunks.has(index)) await staging.putChunk(index, (await snapshot.chunk(index))!);
  }
  return staging;
}

async function joined(): Promise<{ store: KeyValueStore; ledger: Ledger }> {
  const target = openMemoryStore();
  await open(target);
  const staging = await stage(target);
  expect(await staging.install()).toMatchObject({ ok: true });
  return { store: target, ledger: await open(target) };
}

describe('a snapshot', () => {
  it('is the same on every node, whatever was stored since, and cut into chunks of one length', async () => {
    const other = await open(openMemoryStore());
    for (const block of blocks.slice(0, HEIGHT)) {
      const signatures = block.block.signatures.slice(0, 2);
      await commit(other, { ...block, block: { ...block.block, signatures } });
    }
    const again = (await build(other))!;
    expect(toHex(again.manifestHash)).toBe(toHex(snapshot.manifestHash));
    expect(snapshot.manifest.chunkHashes.length).toBeGreaterThan(2);
    for (const [index, hash] of snapshot.manifest.chunkHashes.entries()) {
      const chunk = (await snapshot.chunk(index))!;
      expect(toHex(suite.hash(chunk))).toBe(toHex(hash));
      expect(chunk.length).toBe(Math.min(SNAPSHOT_CHUNK_BYTES, snapshot.manifest.bytes - index * SNAPSHOT_CHUNK_BYTES));
    }
    expect(await snapshot.chunk(snapshot.manifest.chunkHashes.length)).toBeUndefined();
  });

  it('is not made when there is too much, or nobody wants it any more, and the store forgets it then', async () => {
    for (let i = 0; i < 20; i++) {
      expect(await build(ledger, { ...UNLIMITED, maxBytes: 100_000 })).toBeUndefined();
      expect(await build(ledger, { ...UNLIMITED, isWanted: () => false })).toBeUndefined();
    }
  });

  it('has a manifest that decodes to itself and to nothing else', () => {
    const { manifest, manifestBytes } = snapshot;
    expect(decodeManifest(manifestBytes)).toEqual({ ok: true, value: manifest });
    for (let length = 0; length < manifestBytes.length; length += 7) {
      expect(decodeManifest(manifestBytes.subarray(0, length)).ok).toBe(false);
    }
    expect(decodeManifest(encodeManifest({ ...manifest, bytes: manifest.bytes + SNAPSHOT_CHUNK_BYTES })).ok).toBe(
      false,
    );
    expect(decodeManifest(encodeManifest({ ...manifest, height: 0 })).ok).toBe(false);
  });
});

describe('a ledger that began with a snapshot', () => {
  it('has the state, head, nonces and sums of its height, and goes on like the others', async () => {
    const node = await joined();
    expect(await contents(node.store, 's')).toBe(stateAtHeight);
    expect(node.ledger.head().number).toBe(HEIGHT);
    for (const block of blocks.slice(HEIGHT)) await commit(node.ledger, block);
    expect(await contents(node.store, 's')).toBe(stateAtEnd);
    expect(node.ledger.totals()).toEqual(ledger.totals());
    expect(node.ledger.head()).toEqual(ledger.head());
    expect(node.ledger.orderByNumber(HEIGHT)).toEqual(ledger.orderByNumber(HEIGHT));
    const reopened = await open(node.store);
    expect(reopened.head()).toEqual(ledger.head());
    for (let number = 1; number <= HEIGHT; number++) {
      expect(reopened.noncesOf(number)).toEqual(ledger.noncesOf(number));
    }
  });

  it('says of what it does not have that it is not there', async () => {
    const node = await joined();
    await commit(node.ledger, blocks[HEIGHT]!);
    expect(node.ledger.lowestBody).toBe(HEIGHT + 1);
    expect(node.ledger.blockByNumber(0)?.header.number).toBe(0);
    expect(node.ledger.blockByNumber(HEIGHT + 1)).toBeDefined();
    for (const number of [1, 100, HEIGHT - SNAPSHOT_HASHES, HEIGHT - 1, HEIGHT]) {
      expect(node.ledger.blockByNumber(number)).toBeUndefined();
    }
    expect(node.ledger.hashByNumber(HEIGHT - SNAPSHOT_HASHES)).toBeUndefined();
    for (const number of [0, HEIGHT - SNAPSHOT_HASHES + 1, HEIGHT, HEIGHT + 1]) {
      expect(node.ledger.hashByNumber(number)).toEqual(ledger.hashByNumber(number));
    }
    const hashOf = (number: number) => ledger.hashByNumber(number)!;
    expect(node.ledger.numberByHash(hashOf(HEIGHT))).toBeUndefined();
    expect(node.ledger.locate(blocks[10]!.signed[0]?.hash ?? hashOf(1))).toBeUndefined();
    expect(node.ledger.sealersOf(HEIGHT)).toEqual(ledger.sealersOf(HEIGHT));
    expect(node.ledger.sealersOf(HEIGHT - 1)).toBeUndefined();
  });

  it('leads others by the headers that led it', async () => {
    const node = await joined();
    expect(await ledger.numberOfHeader(0, 250)).toBe(250);
    expect(await node.ledger.numberOfHeader(0, 250)).toBe(100);
    expect(await node.ledger.numberOfHeader(100, 250)).toBeUndefined();
    expect(await node.ledger.numberOfHeader(100, 10_000)).toBe(HEIGHT);
    expect(node.ledger.certifiedHeader(100)).toEqual(ledger.certifiedHeader(100));
    await commit(node.ledger, blocks[HEIGHT]!);
    expect(await node.ledger.numberOfHeader(0, 10_000)).toBe(HEIGHT + 1);
  });

  it('makes the same snapshots later as those who were there from the beginning', async () => {
    const node = await joined();
    for (const block of blocks.slice(HEIGHT)) await commit(node.ledger, block);
    const [own, others] = [(await build(node.ledger))!, (await build(ledger))!];
    expect(toHex(own.manifestHash)).toBe(toHex(others.manifestHash));
    expect(await own.chunk(1)).toEqual(await others.chunk(1));
  });
});

describe('installing a snapshot', () => {
  it('survives a loss of power at every write: the old ledger, or the new one, and nothing is fetched twice', async () => {
    const outcomes = new Set<string>();
    for (let crashAtWrite = 0; ; crashAtWrite++) {
      const disk = new CrashDisk();
      const isDone = await runUntilCrash(disk, crashAtWrite);
      disk.losePower(isDone ? 0 : Math.floor((disk.unsyncedBytes * (crashAtWrite % 3)) / 2));
      const after = await disk.open();
      const reopened = await open(after);
      outcomes.add(`at ${reopened.head().number}`);
      if (reopened.head().number === 0) {
        const staging = await stage(after);
        expect(await staging.install()).toMatchObject({ ok: true });
      }
      const end = await open(after);
      expect(end.head().number).toBe(HEIGHT);
      expect(await contents(after, 's')).toBe(stateAtHeight);
      if (isDone) break;
    }
    expect(outcomes).toEqual(new Set(['at 0', `at ${HEIGHT}`]));
  });

  it('leaves votes where they are, and no chunks behind', async () => {
    const target = openMemoryStore();
    const before = await open(target);
    await before.consensusStore.write([{ key: 'vote', value: utf8Bytes('signed') }], { durable: true });
    expect(await (await stage(target)).install()).toMatchObject({ ok: true });
    const after = await open(target);
    expect(after.consensusStore.get('vote')).toEqual(utf8Bytes('signed'));
    expect(await contents(target, 'x')).toBe('');
  });

  it('is refused above genesis, with missing or damaged chunks, and with keys that do not belong there', async () => {
    const grown = openMemoryStore();
    await commit(await open(grown), blocks[0]!);
    expect(await (await stage(grown)).install()).toMatchObject({ ok: false, reason: 'the ledger is not at genesis' });

    const target = openMemoryStore();
    await open(target);
    const staging = await stage(target);
    await staging.putChunk(1, new Uint8Array(10));
    expect(await staging.install()).toMatchObject({ ok: false, reason: 'chunks of the snapshot are missing' });

    const chunk = Uint8Array.of(0, 0, 0, 2, 0x63, 0x63, 0, 0, 0, 1, 9);
    const chunkHashes = [suite.hash(chunk)];
    await staging.putManifest(encodeManifest({ ...snapshot.manifest, bytes: chunk.length, chunkHashes }));
    await staging.putChunk(0, chunk);
    expect(await staging.install()).toMatchObject({ ok: false, reason: expect.stringContaining('does not belong') });
    expect((await open(target)).head().number).toBe(0);
    await staging.discard();
    expect(await staging.read()).toBeUndefined();
    expect(await contents(target, 'xe')).toBe('');
  });
});

/** @returns whether the whole of it was done before the write at which power goes */
async function runUntilCrash(disk: CrashDisk, crashAtWrite: number): Promise<boolean> {
  try {
    const target = await disk.open({ crashAtWrite });
    await open(target);
    const staging = await stage(target);
    expect(await staging.install()).toMatchObject({ ok: true });
    return true;
  } catch (error) {
    if (error instanceof SimulatedCrash) return false;
    throw error;
  }
}

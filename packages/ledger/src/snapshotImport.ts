import { compareBytes, concatBytes, EMPTY_BYTES, equalBytes, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { failure, type Result, success } from '@menglian/base/result';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { KeyValueStore, WriteOperation } from '@menglian/storage/ports';
import { type CertifiedHeader, encodeCertifiedHeader } from './certifiedHeader.js';
import { decodeHead, encodeHead } from './headRecord.js';
import { encodeNumber } from './indexRecords.js';
import {
  BASE_KEY,
  certifiedHeaderKey,
  HEAD_KEY,
  INSTALLING_KEY,
  STAGED_MANIFEST_KEY,
  STATE_KEYS,
  stagedChunkKey,
} from './keys.js';
import { INSTALL_BATCH_BYTES, MAX_BLOCK_NUMBER, MAX_SNAPSHOT_CHUNKS } from './limits.js';
import { snapshotRanges } from './snapshotExport.js';
import { decodeManifest, type SnapshotManifest } from './snapshotManifest.js';

const WORD_BYTES = 4;
/** Keys deleted in one batch. */
const DELETED_AT_ONCE = 10_000;

/** A manifest that was accepted, and the chunks of it that are on disk. */
export interface StagedSnapshot {
  readonly manifest: SnapshotManifest;
  readonly manifestHash: Uint8Array;
  readonly chunks: ReadonlySet<number>;
}

/**
 * A snapshot on its way into a ledger that is still at genesis. Chunks lie beside the ledger until all are there; then
 * `install` puts a mark and replaces the ledger. Whatever moment the power goes: without the mark the ledger is the old
 * one and the chunks that were kept need not be fetched again, with it `Ledger.open` finishes the work first.
 */
export class SnapshotStaging {
  readonly #store: KeyValueStore;
  readonly #suite: CryptoSuite;

  constructor(store: KeyValueStore, suite: CryptoSuite) {
    this.#store = store;
    this.#suite = suite;
  }

  /** What is there from before a restart; undefined when nothing is, or it is damaged. */
  async read(): Promise<StagedSnapshot | undefined> {
    const bytes = this.#store.get(STAGED_MANIFEST_KEY);
    const manifest = bytes === undefined ? undefined : decodeManifest(bytes);
    if (bytes === undefined || manifest?.ok !== true) return undefined;
    const chunks = new Set<number>();
    for (const [index, hash] of manifest.value.chunkHashes.entries()) {
      const chunk = this.#store.get(stagedChunkKey(index));
      if (chunk !== undefined && equalBytes(this.#suite.hash(chunk), hash)) chunks.add(index);
    }
    return { manifest: manifest.value, manifestHash: this.#suite.hash(bytes), chunks };
  }

  /** Keeps a header that leads from genesis to the snapshot, so that this node can lead others. */
  async putHeader(number: number, header: CertifiedHeader): Promise<void> {
    await this.#put(certifiedHeaderKey(number), encodeCertifiedHeader(header));
  }

  async putManifest(bytes: Uint8Array): Promise<void> {
    await this.#put(STAGED_MANIFEST_KEY, bytes);
  }

  /** @param bytes whose hash is in the manifest */
  async putChunk(index: number, bytes: Uint8Array): Promise<void> {
    await this.#put(stagedChunkKey(index), bytes);
  }

  /** Forgets all of it. */
  async discard(): Promise<void> {
    invariant(this.#store.get(INSTALLING_KEY) === undefined, 'ledger/discard-while-installing');
    await this.#store.write([{ key: STAGED_MANIFEST_KEY, value: undefined }], { durable: false });
    await removeRange(this.#store, stagedChunkKey(0), stagedChunkKey(MAX_SNAPSHOT_CHUNKS));
    if (this.#store.get(BASE_KEY) !== undefined) return;
    await removeRange(this.#store, certifiedHeaderKey(0), certifiedHeaderKey(MAX_BLOCK_NUMBER));
  }

  /**
   * Replaces the ledger at genesis by the snapshot. Nobody may have the ledger open; open it afterwards.
   * @returns why not, with the ledger as it was
   */
  async install(): Promise<Result<void>> {
    const staged = await this.read();
    if (staged === undefined) return failure('there is no snapshot to install');
    const { manifest, chunks } = staged;
    if (chunks.size < manifest.chunkHashes.length) return failure('chunks of the snapshot are missing');
    const headBytes = this.#store.get(HEAD_KEY);
    const head = headBytes === undefined ? undefined : decodeHead(headBytes);
    if (head?.ok !== true || head.value.number !== 0) return failure('the ledger is not at genesis');
    if (this.#store.get(certifiedHeaderKey(manifest.height)) === undefined) return failure('its header is missing');
    const checked = await readStaged(this.#store, manifest, async () => {});
    if (!checked.ok) return checked;
    await this.#store.write([{ key: INSTALLING_KEY, value: EMPTY_BYTES }], { durable: true });
    return finishInstall(this.#store);
  }

  async #put(key: Uint8Array, value: Uint8Array): Promise<void> {
    await this.#store.write([{ key, value }], { durable: false });
  }
}

/** Does what the mark says was begun; any number of times. @returns what is wrong with what is on disk */
export async function finishInstall(store: KeyValueStore): Promise<Result<void>> {
  const bytes = store.get(STAGED_MANIFEST_KEY);
  const manifest = bytes === undefined ? undefined : decodeManifest(bytes);
  if (manifest?.ok !== true) return failure('the manifest of the snapshot is missing or damaged');
  await removeRange(store, STATE_KEYS.from, STATE_KEYS.to);
  const written = await readStaged(store, manifest.value, async (batch) => store.write(batch, { durable: false }));
  if (!written.ok) return written;
  const { height, headerHash, stateDigest, transactions, failed } = manifest.value;
  const head = { number: height, hash: headerHash, stateDigest, transactions, failed };
  await store.write(
    [
      { key: HEAD_KEY, value: encodeHead(head) },
      { key: BASE_KEY, value: encodeNumber(height) },
      { key: INSTALLING_KEY, value: undefined },
      { key: STAGED_MANIFEST_KEY, value: undefined },
    ],
    { durable: true },
  );
  await removeRange(store, stagedChunkKey(0), stagedChunkKey(MAX_SNAPSHOT_CHUNKS));
  return success(undefined);
}

/** Reads the entries of all staged chunks, in order, and hands them on in batches. @returns what is wrong with them */
async function readStaged(
  store: KeyValueStore,
  manifest: SnapshotManifest,
  take: (batch: readonly WriteOperation[]) => Promise<void>,
): Promise<Result<void>> {
  const ranges = snapshotRanges(manifest.height);
  let previous: Uint8Array | undefined;
  let rest: Uint8Array = EMPTY_BYTES;
  let batch: WriteOperation[] = [];
  let batchBytes = 0;
  for (const index of manifest.chunkHashes.keys()) {
    const chunk = store.get(stagedChunkKey(index));
    if (chunk === undefined) return failure(`chunk ${index} is missing`);
    const { entries, rest: tail } = cutEntries(rest.length === 0 ? chunk : concatBytes(rest, chunk));
    rest = tail;
    for (const { key, value } of entries) {
      const isAllowed = ranges.some(({ from, to }) => compareBytes(from, key) <= 0 && compareBytes(key, to) < 0);
      const isInOrder = previous === undefined || compareBytes(previous, key) < 0;
      if (!isAllowed || !isInOrder) return failure(`the key ${toHex(key).slice(0, 40)} does not belong in a snapshot`);
      previous = key;
      batch.push({ key, value });
      batchBytes += key.length + value.length;
    }
    if (batchBytes < INSTALL_BATCH_BYTES) continue;
    await take(batch);
    batch = [];
    batchBytes = 0;
  }
  if (rest.length > 0) return failure('the last entry is cut off');
  if (batch.length > 0) await take(batch);
  return success(undefined);
}

/** The whole entries in these bytes, and what is left of the one that goes on in the next chunk. */
function cutEntries(bytes: Uint8Array): {
  readonly entries: ReadonlyArray<{ readonly key: Uint8Array; readonly value: Uint8Array }>;
  readonly rest: Uint8Array;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Array<{ key: Uint8Array; value: Uint8Array }> = [];
  let start = 0;
  while (start + WORD_BYTES <= bytes.length) {
    const keyEnd = start + WORD_BYTES + view.getUint32(start);
    if (keyEnd + WORD_BYTES > bytes.length) break;
    const end = keyEnd + WORD_BYTES + view.getUint32(keyEnd);
    if (end > bytes.length) break;
    entries.push({ key: bytes.subarray(start + WORD_BYTES, keyEnd), value: bytes.subarray(keyEnd + WORD_BYTES, end) });
    start = end;
  }
  return { entries, rest: bytes.subarray(start) };
}

async function removeRange(store: KeyValueStore, from: Uint8Array, to: Uint8Array): Promise<void> {
  for (;;) {
    const page = await store.scan({ from, to, limit: DELETED_AT_ONCE });
    if (page.length === 0) return;
    await store.write(
      page.map(([key]) => ({ key, value: undefined })),
      { durable: false },
    );
  }
}

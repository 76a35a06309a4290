import { compareBytes, concatBytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { StoreSnapshot } from '@menglian/storage/ports';
import { blockHashKey, noncesKey, STATE_KEYS } from './keys.js';
import {
  MAX_SNAPSHOT_CHUNKS,
  NONCE_WINDOW_BLOCKS,
  SNAPSHOT_CHUNK_BYTES,
  SNAPSHOT_HASHES,
  SNAPSHOT_PAGE_ENTRIES,
} from './limits.js';
import { encodeManifest, type SnapshotManifest } from './snapshotManifest.js';

const WORD_BYTES = 4;

interface KeyRange {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
}

/** Keys of a snapshot, in ascending order: links of recent blocks, nonces of the replay window, all state. */
export function snapshotRanges(height: number): readonly KeyRange[] {
  const end = height + 1;
  return [
    { from: blockHashKey(Math.max(0, end - SNAPSHOT_HASHES)), to: blockHashKey(end) },
    { from: noncesKey(Math.max(0, end - NONCE_WINDOW_BLOCKS)), to: noncesKey(end) },
    STATE_KEYS,
  ];
}

/** Where a chunk begins: so many bytes into the encoding of the entry with this key. */
interface ChunkStart {
  readonly key: Uint8Array;
  readonly offset: number;
}

/** What a snapshot says of its block. */
export type SnapshotFacts = Omit<SnapshotManifest, 'bytes' | 'chunkHashes'>;

/**
 * The state at one height as a stream of entries, cut into chunks of fixed length. Nothing is copied: chunks are read
 * again from the store's snapshot when somebody asks for one.
 */
export class StateSnapshot {
  readonly #view: StoreSnapshot;
  readonly #starts: readonly ChunkStart[];

  private constructor(
    view: StoreSnapshot,
    starts: readonly ChunkStart[],
    readonly manifest: SnapshotManifest,
    readonly manifestBytes: Uint8Array,
    readonly manifestHash: Uint8Array,
  ) {
    this.#view = view;
    this.#starts = starts;
  }

  /**
   * Reads everything once and hashes it, a page at a time, so that others get their turn in between.
   * @param view taken over: closed by `close`, or here when there is no result
   * @returns undefined when there is more than `maxBytes`, or `isWanted` says that nobody waits for it any more
   */
  static async build(
    view: StoreSnapshot,
    suite: CryptoSuite,
    facts: SnapshotFacts,
    options: { readonly maxBytes: number; readonly isWanted: () => boolean },
  ): Promise<StateSnapshot | undefined> {
    const starts: ChunkStart[] = [];
    const chunkHashes: Uint8Array[] = [];
    const chunk = new Uint8Array(SNAPSHOT_CHUNK_BYTES);
    let bytes = 0;
    const maxBytes = Math.min(options.maxBytes, MAX_SNAPSHOT_CHUNKS * SNAPSHOT_CHUNK_BYTES);
    const add = (key: Uint8Array, entry: Uint8Array): void => {
      for (let offset = 0; offset < entry.length;) {
        const filled = bytes % SNAPSHOT_CHUNK_BYTES;
        if (filled === 0) starts.push({ key, offset });
        const part = entry.subarray(offset, offset + SNAPSHOT_CHUNK_BYTES - filled);
        chunk.set(part, filled);
        bytes += part.length;
        offset += part.length;
        if (filled + part.length === SNAPSHOT_CHUNK_BYTES) chunkHashes.push(suite.hash(chunk));
      }
    };
    for await (const page of pages(view, facts.height)) {
      for (const [key, value] of page) add(key, encodeEntry(key, value));
      if (bytes > maxBytes || !options.isWanted()) {
        await view.close();
        return undefined;
      }
    }
    const rest = bytes % SNAPSHOT_CHUNK_BYTES;
    if (rest > 0) chunkHashes.push(suite.hash(chunk.subarray(0, rest)));
    const manifest = { ...facts, bytes, chunkHashes };
    const manifestBytes = encodeManifest(manifest);
    return new StateSnapshot(view, starts, manifest, manifestBytes, suite.hash(manifestBytes));
  }

  /** @returns undefined when there is no such chunk */
  async chunk(index: number): Promise<Uint8Array | undefined> {
    const start = this.#starts[index];
    if (start === undefined) return undefined;
    const length = Math.min(SNAPSHOT_CHUNK_BYTES, this.manifest.bytes - index * SNAPSHOT_CHUNK_BYTES);
    const parts: Uint8Array[] = [];
    let missing = length;
    let offset = start.offset;
    for await (const page of pages(this.#view, this.manifest.height, start.key)) {
      for (const [key, value] of page) {
        const part = encodeEntry(key, value).subarray(offset, offset + missing);
        parts.push(part);
        missing -= part.length;
        offset = 0;
        if (missing === 0) break;
      }
      if (missing === 0) break;
    }
    invariant(missing === 0, 'ledger/snapshot-chunk', `chunk ${index}`);
    return concatBytes(...parts);
  }

  /** Lets the store forget this moment. */
  async close(): Promise<void> {
    await this.#view.close();
  }
}

/** Entries of a snapshot in order, from this key on, by pages. */
async function* pages(
  view: StoreSnapshot,
  height: number,
  from: Uint8Array = new Uint8Array(),
): AsyncGenerator<ReadonlyArray<[Uint8Array, Uint8Array]>> {
  for (const range of snapshotRanges(height)) {
    let next = compareBytes(from, range.from) > 0 ? from : range.from;
    for (;;) {
      const page = await view.scan({ from: next, to: range.to, limit: SNAPSHOT_PAGE_ENTRIES });
      yield page;
      const last = page.at(-1);
      if (last === undefined || page.length < SNAPSHOT_PAGE_ENTRIES) break;
      next = concatBytes(last[0], Uint8Array.of(0));
    }
  }
}

/** length of the key ‖ key ‖ length of the value ‖ value, lengths in 32 bits big-endian. Written by hand: millions of them. */
function encodeEntry(key: Uint8Array, value: Uint8Array): Uint8Array {
  const entry = new Uint8Array(2 * WORD_BYTES + key.length + value.length);
  putWord(entry, 0, key.length);
  entry.set(key, WORD_BYTES);
  putWord(entry, WORD_BYTES + key.length, value.length);
  entry.set(value, 2 * WORD_BYTES + key.length);
  return entry;
}

function putWord(bytes: Uint8Array, offset: number, word: number): void {
  bytes[offset] = word >>> 24;
  bytes[offset + 1] = word >>> 16;
  bytes[offset + 2] = word >>> 8;
  bytes[offset + 3] = word;
}

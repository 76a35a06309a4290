import { concatBytes } from '@menglian/base/bytes';
import type { KeyValueStore, ScanRange } from '../ports.js';

/** Keys are longer than this only where somebody made them so; such keys of 0xff alone are not visited. */
const LAST_KEY_BYTES = 64;

/** All keys of a store. */
export const EVERYTHING = { from: Uint8Array.of(0), to: new Uint8Array(LAST_KEY_BYTES).fill(0xff) } as const;

/** Entries of a page: blocks are large, so that few of them are in memory together; rows are small, so that reading is quick. */
const PAGE_ENTRIES_MAX = 512;

/** A page above this many bytes is followed by a shorter one. */
const PAGE_BYTES_WANTED = 4 * 1024 * 1024;

export type Entries = ReadonlyArray<readonly [Uint8Array, Uint8Array]>;

/** All entries of a store in order, some at a time. Rejects with StorageError. */
export async function* eachPage(store: Pick<KeyValueStore, 'scan'>): AsyncGenerator<Entries> {
  let range: ScanRange = EVERYTHING;
  let limit = 1;
  for (;;) {
    const page = await store.scan({ ...range, limit });
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    const bytes = bytesOf(page);
    limit = bytes > PAGE_BYTES_WANTED ? Math.max(1, limit >> 1) : Math.min(PAGE_ENTRIES_MAX, limit * 2);
    // The first key after the last one.
    range = { ...EVERYTHING, from: concatBytes(last[0], Uint8Array.of(0)) };
  }
}

export function bytesOf(page: Entries): number {
  return page.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
}

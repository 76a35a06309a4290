import { failure, success, type Result } from '@menglian/base/result';
import type { KeyValueStore } from '../ports.js';
import { bytesOf, eachPage } from './eachEntry.js';
import { describeSealedProblem } from './sealedProblems.js';
import { keyIdOf, looksSealed } from './sealedValue.js';
import type { ValueSealer } from './valueSealer.js';

/** Broken values that are named; the rest are counted. */
const NAMED_PROBLEMS_MAX = 20;

/** So far. */
export interface Progress {
  readonly entries: number;
  readonly bytes: number;
}

export interface StoreCheck extends Progress {
  /** values by the id of their data key; `plain` for those without */
  readonly valuesByKey: ReadonlyMap<string, number>;
  readonly brokenCount: number;
  /** sentences about the first broken ones */
  readonly broken: readonly string[];
}

/**
 * Reads and decrypts every value.
 * @param inner the store as it is on the disk
 * @param sealer undefined when values are in clear
 * @param place of the store, for people
 */
export async function checkStore(
  inner: KeyValueStore,
  sealer: ValueSealer | undefined,
  place: string,
  onProgress: (progress: Progress) => void,
): Promise<StoreCheck> {
  const valuesByKey = new Map<string, number>();
  const broken: string[] = [];
  let brokenCount = 0;
  let entries = 0;
  let bytes = 0;
  for await (const page of eachPage(inner)) {
    for (const [key, stored] of page) {
      const id = sealer === undefined || !looksSealed(stored) ? 'plain' : keyIdOf(stored);
      valuesByKey.set(id, (valuesByKey.get(id) ?? 0) + 1);
      const value = sealer?.open(key, stored);
      if (value === undefined || value.ok) continue;
      brokenCount++;
      if (broken.length < NAMED_PROBLEMS_MAX) broken.push(describeSealedProblem(value.reason, key, stored, place));
    }
    entries += page.length;
    bytes += bytesOf(page);
    onProgress({ entries, bytes });
  }
  return { entries, bytes, valuesByKey, brokenCount, broken };
}

/** @returns a failure with the first id, other than `keptId`, that a value of this store is encrypted with */
export async function refuseOtherKeys(inner: KeyValueStore, keptId: string): Promise<Result<void>> {
  for await (const page of eachPage(inner)) {
    for (const [, stored] of page) {
      if (looksSealed(stored) && keyIdOf(stored) !== keptId) return failure(keyIdOf(stored));
    }
  }
  return success(undefined);
}

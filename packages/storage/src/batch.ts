import { StorageError } from './errors.js';
import {
  MAX_BATCH_BYTES,
  MAX_BATCH_OPERATIONS,
  MAX_KEY_BYTES,
  MAX_SCAN_ENTRIES,
  MAX_SNAPSHOTS,
  MAX_VALUE_BYTES,
} from './limits.js';
import type { ScanRange, WriteOperation } from './ports.js';

/** Bytes of keys and values in the batch. @throws StorageError when something is above its limit */
export function checkedBatchBytes(batch: readonly WriteOperation[]): number {
  if (batch.length > MAX_BATCH_OPERATIONS) throw tooLarge(`a batch of ${batch.length} operations`);
  let bytes = 0;
  for (const { key, value } of batch) {
    if (key.length === 0 || key.length > MAX_KEY_BYTES) throw tooLarge(`a key of ${key.length} bytes`);
    if (value !== undefined && value.length > MAX_VALUE_BYTES) throw tooLarge(`a value of ${value.length} bytes`);
    bytes += key.length + (value?.length ?? 0);
  }
  if (bytes > MAX_BATCH_BYTES) throw tooLarge(`a batch of ${bytes} bytes`);
  return bytes;
}

/** How many entries the scan may return. */
export function scanLimit(range: ScanRange): number {
  return Math.min(range.limit ?? MAX_SCAN_ENTRIES, MAX_SCAN_ENTRIES);
}

/** @param open snapshots of the store so far. @throws StorageError when one more is too many */
export function checkSnapshotCount(open: number): void {
  if (open >= MAX_SNAPSHOTS) throw tooLarge(`a snapshot beside ${open} others`);
}

function tooLarge(what: string): StorageError {
  return new StorageError('storage/too-large', `${what} is outside the limits of the store`);
}

import type { Row } from '@menglian/ledger/stateRecords';
import { ROW_OVERHEAD_BYTES } from '../limits.js';

/** About what rows take in the state and in memory, to be held against a bound. */
export function rowBytes(row: Row): number {
  let bytes = ROW_OVERHEAD_BYTES;
  for (const [name, value] of row.fields) bytes += name.length + value.length;
  return bytes;
}

/** Below this adding up is as fast as looking up. */
const LONG_LIST_ROWS = 16;

/** Lists never change, so each long one is added up once; one made from it is not added up at all. */
const known = new WeakMap<readonly Row[], number>();

export function rowsBytes(rows: readonly Row[]): number {
  const remembered = rows.length < LONG_LIST_ROWS ? undefined : known.get(rows);
  if (remembered !== undefined) return remembered;
  const bytes = rows.reduce((sum, row) => sum + rowBytes(row), 0);
  rememberRowsBytes(rows, bytes);
  return bytes;
}

export function rememberRowsBytes(rows: readonly Row[], bytes: number): void {
  if (rows.length >= LONG_LIST_ROWS) known.set(rows, bytes);
}

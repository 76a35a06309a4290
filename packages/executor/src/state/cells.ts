import type { AccountRecord, Row } from '@menglian/ledger/stateRecords';
import {
  decodeAccount,
  decodeRows,
  decodeStorageWord,
  encodeAccount,
  encodeRows,
  encodeStorageWord,
} from '@menglian/ledger/stateRecords';
import { mapKey } from '@menglian/ledger/stateView';
import { NumberedRow } from './numberedRow.js';
import type { SumRange } from './sumRange.js';

/** The rows of one (table, key): as a list, or as one row of which only a number was of interest so far. */
export type RowsValue = readonly Row[] | NumberedRow;

export const NO_ROWS: readonly Row[] = [];

/**
 * One value of the state, decoded: an account's record, a storage slot, or the rows of one (table, key). It outlives the
 * block: in the next one it holds as long as the state has the very same bytes.
 */
export class StateCell<Value> {
  readonly kind: 'account' | 'slot' | 'rows';
  readonly key: Uint8Array;
  /** `mapKey(key)` */
  readonly name: string;
  /** Of a slot: its account's. */
  readonly account: AccountCell | undefined;
  /** Of an account: those that were looked at. */
  slots: Map<bigint, SlotCell> | undefined = undefined;
  /** What the state holds, and the same decoded. */
  committed: Uint8Array | undefined = undefined;
  original: Value;
  /** As the block sees it. All below here is of the epoch `checked` alone. */
  value: Value;
  /** Epoch in which `committed` was compared with the state: the block, where the overlay runs one. */
  checked = 0;
  isWritten = false;
  /** Written by a transaction that was kept. */
  isKept = false;
  /** Of rows: somebody looked at all of it, not only whether an amount fits. */
  isExact = false;
  /** Of rows, where somebody wants to know: what the sums that were made of the number say about it. */
  sums: SumRange | undefined = undefined;
  /** Of an account: slots of it that are written, those reverted since included. */
  writtenSlots = 0;
  /** Part of the block's bytes so far. */
  countedBytes = 0;
  /** The commit that counted it last. */
  countedAt = 0;

  constructor(kind: StateCell<Value>['kind'], key: Uint8Array, absent: Value, account: AccountCell | undefined) {
    this.kind = kind;
    this.key = key;
    this.name = mapKey(key);
    this.account = account;
    this.original = absent;
    this.value = absent;
  }
}

export type AccountCell = StateCell<AccountRecord | undefined>;
export type SlotCell = StateCell<bigint>;
export type RowsCell = StateCell<RowsValue>;

/** @returns undefined for what is absent */
export function encodeCell(cell: StateCell<unknown>): Uint8Array | undefined {
  if (cell.kind === 'slot') return encodeStorageWord((cell as SlotCell).value);
  if (cell.kind === 'rows') {
    const { value } = cell as RowsCell;
    if (value instanceof NumberedRow) return value.encode();
    return value.length === 0 ? undefined : encodeRows(value);
  }
  const record = (cell as AccountCell).value;
  return record === undefined ? undefined : encodeAccount(record);
}

/** @param bytes what the state holds. @throws LedgerError for damage */
export function decodeCell(cell: StateCell<unknown>, bytes: Uint8Array | undefined): unknown {
  if (cell.kind === 'slot') return bytes === undefined ? 0n : decodeStorageWord(bytes);
  if (cell.kind === 'rows') return bytes === undefined ? NO_ROWS : decodeRows(bytes);
  return bytes === undefined ? undefined : decodeAccount(bytes);
}

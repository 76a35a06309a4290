import { compareBytes, equalBytes, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import type { CryptoSuite } from '@menglian/crypto/suite';
import {
  accountKey,
  codeKey,
  decodeAccount,
  decodeRows,
  decodeStorageWord,
  encodeAccount,
  encodeRows,
  encodeStorageWord,
  rowsKey,
  storageKey,
} from '@menglian/ledger/stateRecords';
import type { AccountRecord, Row } from '@menglian/ledger/stateRecords';
import type { StateChange, StateView } from '@menglian/ledger/stateView';
import type { Address } from '@menglian/types/address';
import { BLOCK_CHANGE_BYTES_MAX, KEPT_READS_MAX } from '../limits.js';
import { rowsBytes } from './rowBytes.js';

/** One account as this block sees it, with the storage slots that were looked at. */
interface AccountCell {
  readonly address: Address;
  readonly key: Uint8Array;
  /** bytes in the committed state */
  readonly committed: Uint8Array | undefined;
  record: AccountRecord | undefined;
  readonly slots: Map<bigint, bigint>;
  /** Committed values of the slots this block wrote. */
  readonly writtenSlots: Map<bigint, bigint>;
  isWritten: boolean;
  /** Part of the block's bytes so far. */
  countedBytes: number;
}

/** The rows of one (table, key). */
interface RowsCell {
  readonly key: Uint8Array;
  readonly committed: Uint8Array | undefined;
  rows: readonly Row[];
  isWritten: boolean;
  /** Part of the block's bytes so far. */
  countedBytes: number;
}

type Undo =
  | { readonly kind: 'account'; readonly cell: AccountCell; readonly record: AccountRecord | undefined }
  | { readonly kind: 'slot'; readonly cell: AccountCell; readonly slot: bigint; readonly value: bigint }
  | { readonly kind: 'rows'; readonly cell: RowsCell; readonly rows: readonly Row[] };

const NO_ROWS: readonly Row[] = [];

/** About what changes take, keys included. */
const ACCOUNT_BYTES = 128;
const MANAGER_BYTES = 20;
const SLOT_BYTES = 96;

/**
 * The state during a block: reads fall through to the committed state and are remembered decoded, writes stay here. Every
 * write leaves a note of what was before; `revert` plays the notes back, so a snapshot costs nothing and a revert what was
 * written since. Code is content: it is kept by hash and never reverted.
 */
export class StateOverlay {
  readonly #suite: CryptoSuite;
  readonly #view: StateView;
  readonly #accounts = new Map<Address, AccountCell>();
  readonly #tables = new Map<string, Map<string, RowsCell>>();
  /** Code set in this block, by hash in hexadecimal digits. */
  readonly #newCodes = new Map<string, Uint8Array>();
  readonly #undo: Undo[] = [];
  #changedBytes = 0;
  /** Cells and slots loaded since the reads were forgotten last. */
  #reads = 0;

  constructor(suite: CryptoSuite, view: StateView) {
    this.#suite = suite;
    this.#view = view;
  }

  account(address: Address): AccountRecord | undefined {
    return this.#accountCell(address).record;
  }

  setAccount(address: Address, record: AccountRecord): void {
    const cell = this.#accountCell(address);
    this.#undo.push({ kind: 'account', cell, record: cell.record });
    cell.record = record;
    cell.isWritten = true;
  }

  /** 0 for a slot never written. */
  storage(address: Address, slot: bigint): bigint {
    return this.#slotValue(this.#accountCell(address), slot);
  }

  setStorage(address: Address, slot: bigint, value: bigint): void {
    const cell = this.#accountCell(address);
    const before = this.#slotValue(cell, slot);
    if (before === value) return;
    this.#undo.push({ kind: 'slot', cell, slot, value: before });
    if (!cell.writtenSlots.has(slot)) cell.writtenSlots.set(slot, before);
    cell.slots.set(slot, value);
  }

  /** Runtime code of a hash that some account record holds. Code of before the block is read anew each time. */
  code(codeHash: Uint8Array): Uint8Array {
    const code = this.#newCodes.get(toHex(codeHash)) ?? this.#view.get(codeKey(codeHash));
    invariant(code !== undefined, 'executor/code-of-account');
    return code;
  }

  /** Keeps code for account records to name. @returns its hash */
  addCode(code: Uint8Array): Uint8Array {
    if (code.length === 0) return this.#suite.emptyHash;
    const codeHash = this.#suite.hash(code);
    this.#newCodes.set(toHex(codeHash), code);
    this.#changedBytes += code.length;
    return codeHash;
  }

  /** Live rows in the order of their insertion. */
  rows(table: string, key: string): readonly Row[] {
    return this.#rowsCell(table, key).rows;
  }

  setRows(table: string, key: string, rows: readonly Row[]): void {
    const cell = this.#rowsCell(table, key);
    this.#undo.push({ kind: 'rows', cell, rows: cell.rows });
    cell.rows = rows;
    cell.isWritten = true;
  }

  /** A place to come back to within the transaction. */
  snapshot(): number {
    return this.#undo.length;
  }

  /** Undoes every write since the snapshot, newest first. */
  revert(snapshot: number): void {
    invariant(snapshot <= this.#undo.length, 'executor/snapshot-order');
    while (this.#undo.length > snapshot) {
      const undo = this.#undo.pop()!;
      if (undo.kind === 'slot') undo.cell.slots.set(undo.slot, undo.value);
      else if (undo.kind === 'account') undo.cell.record = undo.record;
      else undo.cell.rows = undo.rows;
    }
  }

  /**
   * Ends a transaction: what is written now stays.
   * @returns false, and undoes the transaction instead, when the block would change more than BLOCK_CHANGE_BYTES_MAX
   */
  commitTransaction(): boolean {
    let changedBytes = this.#changedBytes;
    const cells = new Set(this.#undo.map(({ cell }) => cell));
    for (const cell of cells) changedBytes += changeBytes(cell) - cell.countedBytes;
    if (changedBytes > BLOCK_CHANGE_BYTES_MAX) {
      this.revert(0);
      return false;
    }
    for (const cell of cells) cell.countedBytes = changeBytes(cell);
    this.#changedBytes = changedBytes;
    this.#undo.length = 0;
    if (this.#reads > KEPT_READS_MAX) this.#forgetReads();
    return true;
  }

  /** What this block changed, sorted by key. What was written and is equal to the committed state is not in it. */
  changes(): StateChange[] {
    const changes: StateChange[] = [];
    for (const cell of this.#accounts.values()) this.#addAccountChanges(cell, changes);
    for (const cells of this.#tables.values()) {
      for (const cell of cells.values()) {
        if (!cell.isWritten) continue;
        const value = cell.rows.length === 0 ? undefined : encodeRows(cell.rows);
        addChange(changes, cell.key, cell.committed, value);
      }
    }
    changes.sort((a, b) => compareBytes(a.key, b.key));
    return withoutRepeatedKeys(changes);
  }

  /** A block may look at more than fits into memory: what was only read is dropped, and read again when it is asked for. */
  #forgetReads(): void {
    for (const [address, cell] of this.#accounts) {
      if (!cell.isWritten && cell.writtenSlots.size === 0) {
        this.#accounts.delete(address);
        continue;
      }
      for (const slot of cell.slots.keys()) if (!cell.writtenSlots.has(slot)) cell.slots.delete(slot);
    }
    for (const cells of this.#tables.values()) {
      for (const [key, cell] of cells) if (!cell.isWritten) cells.delete(key);
    }
    this.#reads = 0;
  }

  #addAccountChanges(cell: AccountCell, changes: StateChange[]): void {
    if (cell.isWritten && cell.record !== undefined) {
      addChange(changes, cell.key, cell.committed, encodeAccount(cell.record));
      this.#addCodeChange(cell.record.codeHash, changes);
    }
    for (const [slot, committed] of cell.writtenSlots) {
      const value = cell.slots.get(slot)!;
      if (value !== committed) changes.push({ key: storageKey(cell.address, slot), value: encodeStorageWord(value) });
    }
  }

  /** Two accounts may have the same code: it is one value, written once. */
  #addCodeChange(codeHash: Uint8Array, changes: StateChange[]): void {
    const code = this.#newCodes.get(toHex(codeHash));
    if (code === undefined) return;
    const key = codeKey(codeHash);
    if (this.#view.get(key) === undefined) changes.push({ key, value: code });
  }

  #accountCell(address: Address): AccountCell {
    let cell = this.#accounts.get(address);
    if (cell === undefined) {
      const key = accountKey(address);
      const committed = this.#view.get(key);
      const record = committed === undefined ? undefined : decodeAccount(committed);
      cell = {
        address,
        key,
        committed,
        record,
        slots: new Map(),
        writtenSlots: new Map(),
        isWritten: false,
        countedBytes: 0,
      };
      this.#accounts.set(address, cell);
      this.#reads += 1;
    }
    return cell;
  }

  #slotValue(cell: AccountCell, slot: bigint): bigint {
    let value = cell.slots.get(slot);
    if (value === undefined) {
      const committed = this.#view.get(storageKey(cell.address, slot));
      value = committed === undefined ? 0n : decodeStorageWord(committed);
      cell.slots.set(slot, value);
      this.#reads += 1;
    }
    return value;
  }

  #rowsCell(table: string, key: string): RowsCell {
    let cells = this.#tables.get(table);
    if (cells === undefined) {
      cells = new Map();
      this.#tables.set(table, cells);
    }
    let cell = cells.get(key);
    if (cell === undefined) {
      const stateKey = rowsKey(table, key);
      const committed = this.#view.get(stateKey);
      const rows = committed === undefined ? NO_ROWS : decodeRows(committed);
      cell = { key: stateKey, committed, rows, isWritten: false, countedBytes: 0 };
      cells.set(key, cell);
      this.#reads += 1;
    }
    return cell;
  }
}

/** About what a cell adds to the changes of the block. */
function changeBytes(cell: AccountCell | RowsCell): number {
  if ('rows' in cell) return cell.key.length + rowsBytes(cell.rows);
  const managers = cell.record?.managers.length ?? 0;
  return ACCOUNT_BYTES + MANAGER_BYTES * managers + SLOT_BYTES * cell.writtenSlots.size;
}

function addChange(
  changes: StateChange[],
  key: Uint8Array,
  committed: Uint8Array | undefined,
  value: Uint8Array | undefined,
): void {
  if (value === undefined ? committed === undefined : committed !== undefined && equalBytes(value, committed)) return;
  changes.push({ key, value });
}

/** Only code can be in twice, with equal values. */
function withoutRepeatedKeys(sorted: readonly StateChange[]): StateChange[] {
  return sorted.filter((change, i) => i === 0 || compareBytes(sorted[i - 1]!.key, change.key) !== 0);
}

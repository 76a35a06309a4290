import { equalBytes, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { accountKey, codeKey, rowsKey, storageKey } from '@menglian/ledger/stateRecords';
import type { AccountRecord, Row, StatePlace } from '@menglian/ledger/stateRecords';
import { mapKey } from '@menglian/ledger/stateView';
import type { StateChange, StateView } from '@menglian/ledger/stateView';
import type { AddOutcome } from '@menglian/precompiled/ports';
import type { Address } from '@menglian/types/address';
import { BLOCK_CHANGE_BYTES_MAX, KEPT_CELL_BYTES_MAX, KEPT_READS_MAX } from '../limits.js';
import { decodeCell, encodeCell, NO_ROWS, StateCell } from './cells.js';
import type { AccountCell, RowsCell, RowsValue, SlotCell } from './cells.js';
import { NumberedRow } from './numberedRow.js';
import { SumRange } from './sumRange.js';
import { rowsBytes } from './rowBytes.js';

/** About what changes take, keys included. */
const ACCOUNT_BYTES = 128;
const MANAGER_BYTES = 20;
const SLOT_BYTES = 96;

/** About what a cell takes in memory beside the bytes it was decoded from, which it takes about twice. */
const CELL_BYTES = 500;

/**
 * The state during a block: reads fall through to the committed state and are remembered decoded, writes stay here. Every
 * write leaves a note of what was before; `revert` plays the notes back, so a snapshot costs nothing and a revert what was
 * written since. Code is content: it is kept by hash and never reverted.
 *
 * What was decoded is kept for the next block, whatever state that has: it counts where the state holds the very same
 * array. So most blocks decode nothing and encode each value once.
 */
export class StateOverlay {
  /** Where somebody wants to know: the cells whose writes were kept since they were taken out. */
  kept: Set<StateCell<unknown>> | undefined = undefined;
  /** Where somebody wants to know: the codes of the block in the order they came, those of failed frames included. */
  addedCodes: Uint8Array[] | undefined = undefined;
  /** Whether somebody wants to know what sums say about numbers. */
  notesSums = false;
  readonly #suite: CryptoSuite;
  #view: StateView;
  #accounts = new Map<Address, AccountCell>();
  #tables = new Map<string, Map<string, RowsCell>>();
  /** Code set in this block, by hash in hexadecimal digits. */
  readonly #newCodes = new Map<string, Uint8Array>();
  /** Cells written in this block, those reverted since included, each once. */
  #written: StateCell<unknown>[] = [];
  /** The notes: cells and what they held, in step. */
  readonly #undoCells: StateCell<unknown>[] = [];
  readonly #undoValues: unknown[] = [];
  /** Cells with sums. */
  #noted: RowsCell[] = [];
  #changedBytes = 0;
  /** Which block this is, of those that ran here. */
  #epoch = 1;
  #commits = 0;
  /** Cells made since the reads were forgotten last. */
  #reads = 0;
  /** What the cells take, about. */
  #keptBytes = 0;

  constructor(suite: CryptoSuite, view: StateView) {
    this.#suite = suite;
    this.#view = view;
  }

  /** Starts a block on this state and forgets the one before, finished or not. */
  begin(view: StateView): void {
    this.#view = view;
    this.#newCodes.clear();
    this.#written = [];
    if (this.notesSums) this.#noted = [];
    this.#clearUndo();
    this.#changedBytes = 0;
    this.#reads = 0;
    this.#epoch += 1;
    if (this.#keptBytes <= KEPT_CELL_BYTES_MAX) return;
    this.#accounts = new Map();
    this.#tables = new Map();
    this.#keptBytes = 0;
  }

  account(address: Address): AccountRecord | undefined {
    return this.#accountCell(address).value;
  }

  setAccount(address: Address, record: AccountRecord): void {
    this.#write(this.#accountCell(address), record);
  }

  /** 0 for a slot never written. */
  storage(address: Address, slot: bigint): bigint {
    return this.#slotCell(address, slot).value;
  }

  setStorage(address: Address, slot: bigint, value: bigint): void {
    const cell = this.#slotCell(address, slot);
    if (cell.value === value) return;
    if (!cell.isWritten) cell.account!.writtenSlots += 1;
    this.#write(cell, value);
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
    this.addedCodes?.push(code);
    this.#changedBytes += code.length;
    return codeHash;
  }

  /** Live rows in the order of their insertion. */
  rows(table: string, key: string): readonly Row[] {
    const cell = this.#rowsCell(table, key);
    cell.isExact = true;
    const { value } = cell;
    return value instanceof NumberedRow ? value.rows() : value;
  }

  setRows(table: string, key: string, rows: RowsValue): void {
    this.#write(this.#rowsCell(table, key), rows);
  }

  /** The rows, where they are one and `field` holds a number as it is usually written. */
  numberedRow(table: string, key: string, field: string): NumberedRow | undefined {
    const cell = this.#rowsCell(table, key);
    const { value } = cell;
    if (value instanceof NumberedRow && value.field === field) return value;
    const numbered = NumberedRow.of(value instanceof NumberedRow ? value.rows() : value, field);
    // The same content in a form that answers sooner the next time.
    if (numbered !== undefined) {
      if (cell.original === value) cell.original = numbered;
      cell.value = numbered;
    }
    return numbered;
  }

  /** @param sum of the number of `numberedRow` and an amount, with what became of it */
  noteSum(table: string, key: string, sum: bigint, outcome: AddOutcome): void {
    const cell = this.#rowsCell(table, key);
    if (cell.original instanceof NumberedRow) {
      if (cell.sums === undefined) {
        cell.sums = new SumRange(cell.original.number);
        this.#noted.push(cell);
      }
      cell.sums.compare(sum, outcome);
    } else {
      cell.isExact = true;
    }
  }

  /** Cells of which only sums were noted. */
  *summed(): Iterable<RowsCell> {
    for (const cell of this.#noted) if (!cell.isExact && cell.value instanceof NumberedRow) yield cell;
  }

  /** A place to come back to within the transaction. */
  snapshot(): number {
    return this.#undoCells.length;
  }

  /** Undoes every write since the snapshot, newest first. */
  revert(snapshot: number): void {
    invariant(snapshot <= this.#undoCells.length, 'executor/snapshot-order');
    for (let i = this.#undoCells.length - 1; i >= snapshot; i--) this.#undoCells[i]!.value = this.#undoValues[i];
    this.#undoCells.length = snapshot;
    this.#undoValues.length = snapshot;
  }

  /**
   * Ends a transaction: what is written now stays.
   * @returns false, and undoes the transaction instead, when the block would change more than BLOCK_CHANGE_BYTES_MAX
   */
  commitTransaction(): boolean {
    this.#commits += 1;
    let changedBytes = this.#changedBytes;
    for (const cell of this.#undoCells) {
      const counted = cell.account ?? cell;
      if (counted.countedAt === this.#commits) continue;
      counted.countedAt = this.#commits;
      changedBytes += changeBytes(counted) - counted.countedBytes;
    }
    if (changedBytes > BLOCK_CHANGE_BYTES_MAX) {
      this.revert(0);
      return false;
    }
    for (const cell of this.#undoCells) {
      const counted = cell.account ?? cell;
      counted.countedBytes = changeBytes(counted);
      cell.isKept = true;
      this.kept?.add(cell);
    }
    this.#changedBytes = changedBytes;
    this.#clearUndo();
    if (this.#reads > KEPT_READS_MAX) this.#forgetReads();
    return true;
  }

  /**
   * Ends the block. @returns what it changed, sorted by key; what was written and is equal to the committed state is not in it
   */
  changes(): StateChange[] {
    const changes: (StateChange & { readonly name: string })[] = [];
    const codes = new Map<string, StateChange & { readonly name: string }>();
    for (const cell of this.#written) {
      if (cell.value === cell.original) continue;
      const value = encodeCell(cell);
      if (cell.kind === 'account') this.#addCodeChange((cell as AccountCell).value, codes);
      if (areSame(value, cell.committed)) continue;
      changes.push({ key: cell.key, name: cell.name, value });
      this.#keptBytes += 2 * ((value?.length ?? 0) - (cell.committed?.length ?? 0));
      cell.committed = value;
      cell.original = cell.value;
    }
    changes.push(...codes.values());
    // Characters are bytes: the order of names is that of keys.
    return changes.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** About what the block changes so far, in bytes. */
  get changedBytes(): number {
    return this.#changedBytes;
  }

  /** Cells written in this block, those reverted since included. */
  get written(): readonly StateCell<unknown>[] {
    return this.#written;
  }

  /** What is at the place now, encoded as in the state. */
  bytesAt(place: StatePlace): Uint8Array | undefined {
    if (place.kind === 'code')
      return this.#newCodes.get(toHex(place.codeHash)) ?? this.#view.get(codeKey(place.codeHash));
    const cell = this.#cellAt(place);
    return cell.value === cell.original ? cell.committed : encodeCell(cell);
  }

  /** Writes what `encodeCell` made of a cell elsewhere. */
  writeBytes(place: Exclude<StatePlace, { kind: 'code' }>, bytes: Uint8Array | undefined): void {
    const cell = this.#cellAt(place);
    if (cell.kind === 'slot' && !cell.isWritten) cell.account!.writtenSlots += 1;
    this.#write(cell, decodeCell(cell, bytes));
  }

  /** The place was written and the write undone, which leaves no trace but that it counts for the size of the changes. */
  noteWritten(place: Exclude<StatePlace, { kind: 'code' }>): void {
    const cell = this.#cellAt(place);
    if (cell.isWritten) return;
    if (cell.kind === 'slot') cell.account!.writtenSlots += 1;
    cell.isWritten = true;
    this.#written.push(cell);
  }

  #cellAt(place: Exclude<StatePlace, { kind: 'code' }>): StateCell<unknown> {
    if (place.kind === 'account') return this.#accountCell(place.address) as StateCell<unknown>;
    if (place.kind === 'slot') return this.#slotCell(place.address, place.slot) as StateCell<unknown>;
    return this.#rowsCell(place.table, place.key) as StateCell<unknown>;
  }

  #write<Value>(cell: StateCell<Value>, value: Value): void {
    this.#undoCells.push(cell as StateCell<unknown>);
    this.#undoValues.push(cell.value);
    cell.value = value;
    if (cell.isWritten) return;
    cell.isWritten = true;
    this.#written.push(cell as StateCell<unknown>);
  }

  #clearUndo(): void {
    this.#undoCells.length = 0;
    this.#undoValues.length = 0;
  }

  /** A block may look at more than fits into memory: what was only read is dropped, and read again when it is asked for. */
  #forgetReads(): void {
    const accounts = new Map<Address, AccountCell>();
    for (const [address, cell] of this.#accounts) {
      const isOfBlock = cell.checked === this.#epoch;
      if (!isOfBlock || (!cell.isWritten && cell.writtenSlots === 0)) continue;
      accounts.set(address, cell);
      for (const [slot, slotCell] of cell.slots ?? []) {
        if (slotCell.checked !== this.#epoch || !slotCell.isWritten) cell.slots!.delete(slot);
      }
    }
    this.#accounts = accounts;
    for (const cells of this.#tables.values()) {
      for (const [key, cell] of cells) if (cell.checked !== this.#epoch || !cell.isWritten) cells.delete(key);
    }
    this.#reads = 0;
    this.#keptBytes = 0;
    for (const cell of this.#written) this.#keptBytes += CELL_BYTES + 2 * (cell.committed?.length ?? 0);
  }

  /** Two accounts may have the same code: it is one value, written once. */
  #addCodeChange(record: AccountRecord | undefined, codes: Map<string, StateChange & { readonly name: string }>): void {
    if (record === undefined || this.#newCodes.size === 0) return;
    const code = this.#newCodes.get(toHex(record.codeHash));
    if (code === undefined) return;
    const key = codeKey(record.codeHash);
    const name = mapKey(key);
    if (this.#view.get(key, name) === undefined) codes.set(name, { key, name, value: code });
  }

  #accountCell(address: Address): AccountCell {
    let cell = this.#accounts.get(address);
    if (cell === undefined) {
      cell = new StateCell<AccountRecord | undefined>('account', accountKey(address), undefined, undefined);
      this.#accounts.set(address, cell);
      this.#reads += 1;
      this.#keptBytes += CELL_BYTES;
    }
    if (cell.checked !== this.#epoch) this.#check(cell);
    return cell;
  }

  #slotCell(address: Address, slot: bigint): SlotCell {
    const account = this.#accountCell(address);
    account.slots ??= new Map();
    let cell = account.slots.get(slot);
    if (cell === undefined) {
      cell = new StateCell('slot', storageKey(address, slot), 0n, account);
      account.slots.set(slot, cell);
      this.#reads += 1;
      this.#keptBytes += CELL_BYTES;
    }
    if (cell.checked !== this.#epoch) this.#check(cell);
    return cell;
  }

  #rowsCell(table: string, key: string): RowsCell {
    let cells = this.#tables.get(table);
    if (cells === undefined) {
      cells = new Map();
      this.#tables.set(table, cells);
    }
    let cell = cells.get(key);
    if (cell === undefined) {
      cell = new StateCell<RowsValue>('rows', rowsKey(table, key), NO_ROWS, undefined);
      cells.set(key, cell);
      this.#reads += 1;
      this.#keptBytes += CELL_BYTES;
    }
    if (cell.checked !== this.#epoch) this.#check(cell);
    return cell;
  }

  /** The first look of this block at a cell: as the state has it, decoded again only where that is another array. */
  #check<Value>(cell: StateCell<Value>): void {
    const bytes = this.#view.get(cell.key, cell.name);
    if (bytes !== cell.committed) {
      cell.original = decodeCell(cell as StateCell<unknown>, bytes) as Value;
      this.#keptBytes += 2 * ((bytes?.length ?? 0) - (cell.committed?.length ?? 0));
      cell.committed = bytes;
    }
    cell.value = cell.original;
    cell.checked = this.#epoch;
    cell.isWritten = false;
    cell.isKept = false;
    cell.isExact = false;
    cell.sums = undefined;
    cell.writtenSlots = 0;
    cell.countedBytes = 0;
  }
}

/** About what a cell adds to the changes of the block; an account with its slots. */
function changeBytes(cell: StateCell<unknown>): number {
  if (cell.kind === 'rows') {
    const { value } = cell as RowsCell;
    return cell.key.length + (value instanceof NumberedRow ? value.bytes : rowsBytes(value));
  }
  const managers = (cell as AccountCell).value?.managers.length ?? 0;
  return ACCOUNT_BYTES + MANAGER_BYTES * managers + SLOT_BYTES * cell.writtenSlots;
}

function areSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a, b);
}

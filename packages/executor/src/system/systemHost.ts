import { equalBytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { TransactionContext } from '@menglian/evm/ports';
import type { Row } from '@menglian/ledger/stateRecords';
import { TABLES_TABLE } from '@menglian/ledger/systemTables';
import { SystemError } from '@menglian/precompiled/framework/systemError';
import { parseUint256 } from '@menglian/precompiled/framework/text';
import { NO_PERMISSION } from '@menglian/precompiled/ports';
import type {
  AccountState,
  AddOutcome,
  InnerCall,
  InnerOutcome,
  SystemContract,
  SystemHost,
  TableDefinition,
  WriteOptions,
} from '@menglian/precompiled/ports';
import { requiredSetting, systemContract } from '@menglian/precompiled/systemContracts';
import type { Address } from '@menglian/types/address';
import type { Log } from '@menglian/types/receipt';
import type { BlockScope } from '../blockScope.js';
import {
  BUDGET_UNITS_PER_MANAGER,
  BUDGET_UNITS_PER_ROW_BYTE,
  MANAGERS_MAX,
  ROWS_BYTES_PER_KEY_MAX,
  ROWS_PER_KEY_MAX,
} from '../limits.js';
import { newAccount } from '../state/accounts.js';
import { rememberRowsBytes, rowBytes, rowsBytes } from '../state/rowBytes.js';
import { definitionOf, rowOf } from './tableDefinitions.js';

const UINT256_LIMIT = 2n ** 256n;
const ACCOUNT_TABLE = /^c_[0-9a-f]{40}$/;

/** What runs around a system contract. */
export interface RunningTransaction {
  emitLog(log: Log): void;
  callContract(call: InnerCall): InnerOutcome;
}

/** What system contracts of one transaction see and do: tables, accounts, temporary objects over the block's overlay. */
export class TransactionSystemHost implements SystemHost {
  readonly suite: CryptoSuite;
  readonly blockNumber: number;
  readonly freeStorage: boolean;
  readonly #block: BlockScope;
  readonly #transaction: RunningTransaction;
  #context: TransactionContext | undefined;

  constructor(block: BlockScope, transaction: RunningTransaction) {
    this.suite = block.suite;
    this.blockNumber = block.parentNumber + 1;
    this.freeStorage = block.freeStorage;
    this.#block = block;
    this.#transaction = transaction;
  }

  /** Turns to the next transaction of the block, or to a call inside it that has another origin. */
  begin(context: TransactionContext): void {
    this.#context = context;
  }

  get origin(): Address {
    return this.#context!.origin;
  }

  /** What answers at the address in this block: a system contract, or an object that was opened in it. */
  contractAt(address: Address): SystemContract | undefined {
    const contract = systemContract(address);
    if (contract === undefined) return this.#block.objects.at(address);
    const setting = requiredSetting(address);
    return setting === undefined || this.parentSetting(setting) === 'on' ? contract : undefined;
  }

  table(name: string): TableDefinition | undefined {
    return definitionOf(this.#block.overlay, name);
  }

  parentSetting(key: string): string {
    return this.#block.authority.setting(key);
  }

  createTable(definition: TableDefinition, options: WriteOptions): 'created' | 'exists' | 'denied' {
    if (this.table(definition.name) !== undefined) return 'exists';
    const written = this.insert(TABLES_TABLE, definition.name, rowOf(definition), options);
    return written === NO_PERMISSION ? 'denied' : 'created';
  }

  select(table: string, key: string): readonly Row[] {
    const rows = this.#block.overlay.rows(table, key);
    this.#spend(BUDGET_UNITS_PER_ROW_BYTE * rowsBytes(rows));
    return rows;
  }

  insert(table: string, key: string, fields: ReadonlyMap<string, string>, options: WriteOptions): number {
    if (!this.#isAllowed(table, options)) return NO_PERMISSION;
    const rows = this.select(table, key);
    const last = rows.at(-1);
    const row: Row = { id: last === undefined ? 0 : last.id + 1, fields, block: this.blockNumber };
    this.#setRows(table, key, [...rows, row], rowsBytes(rows) + rowBytes(row));
    return 1;
  }

  update(
    table: string,
    key: string,
    ids: readonly number[],
    changes: ReadonlyMap<string, string>,
    options: WriteOptions,
  ): number {
    return this.#write(table, key, ids, options, (row) => ({
      id: row.id,
      fields: new Map([...row.fields, ...changes]),
      block: this.blockNumber,
    }));
  }

  remove(table: string, key: string, ids: readonly number[], options: WriteOptions): number {
    return this.#write(table, key, ids, options, () => undefined);
  }

  canAdd(table: string, key: string, field: string, amount: bigint): AddOutcome {
    const { overlay } = this.#block;
    const numbered = overlay.numberedRow(table, key, field);
    if (numbered !== undefined) {
      this.#spend(BUDGET_UNITS_PER_ROW_BYTE * numbered.bytes);
      const outcome = outcomeOfSum(numbered.number + amount);
      if (overlay.notesSums) overlay.noteSum(table, key, numbered.number + amount, outcome);
      return outcome;
    }
    const [first] = this.select(table, key);
    if (first === undefined) return 'missing';
    const number = parseUint256(first.fields.get(field) ?? '');
    return number === undefined ? 'malformed' : outcomeOfSum(number + amount);
  }

  add(table: string, key: string, field: string, amount: bigint, options: WriteOptions): number {
    if (!this.#isAllowed(table, options)) return NO_PERMISSION;
    const { overlay } = this.#block;
    const numbered = overlay.numberedRow(table, key, field);
    if (numbered === undefined) {
      const rows = overlay.rows(table, key);
      const number = parseUint256(rows[0]?.fields.get(field) ?? '');
      invariant(number !== undefined, 'executor/add-to-number');
      const changes = new Map([[field, (number + amount).toString()]]);
      return this.update(table, key, idsOf(rows), changes, options);
    }
    this.#spend(BUDGET_UNITS_PER_ROW_BYTE * numbered.bytes);
    const sum = numbered.with(numbered.number + amount, this.blockNumber);
    if (sum.bytes > ROWS_BYTES_PER_KEY_MAX) throw tooLarge(ROWS_BYTES_PER_KEY_MAX);
    overlay.setRows(table, key, sum);
    return 1;
  }

  isAuthorized(table: string): boolean {
    const exists = ACCOUNT_TABLE.test(table)
      ? this.#block.overlay.account(table.slice(2)) !== undefined
      : this.table(table) !== undefined;
    return !exists || this.#block.authority.mayWrite(table, this.origin);
  }

  account(address: Address): AccountState | undefined {
    const record = this.#block.overlay.account(address);
    if (record === undefined) return undefined;
    this.#spend(BUDGET_UNITS_PER_MANAGER * record.managers.length);
    return {
      hasCode: !equalBytes(record.codeHash, this.suite.emptyHash),
      frozen: record.frozen,
      managers: record.managers,
      remainGas: record.remainGas,
    };
  }

  setFrozen(address: Address, frozen: boolean): void {
    this.#block.overlay.setAccount(address, { ...this.#existing(address), frozen });
  }

  setManagers(address: Address, managers: readonly Address[]): void {
    if (managers.length > MANAGERS_MAX) throw tooLarge(MANAGERS_MAX);
    this.#block.overlay.setAccount(address, { ...this.#existing(address), managers });
  }

  setRemainGas(address: Address, remainGas: bigint): void {
    const record = this.#block.overlay.account(address) ?? newAccount(this.suite);
    this.#block.overlay.setAccount(address, { ...record, remainGas });
  }

  chainIdentity(): Uint8Array {
    const hash = this.#block.blockHash(0);
    invariant(hash !== undefined, 'executor/hash-of-genesis');
    return hash;
  }

  callContract(call: InnerCall): InnerOutcome {
    return this.#transaction.callContract(call);
  }

  spend(units: number): boolean {
    this.#spend(units);
    return this.workLeft >= 0;
  }

  get workLeft(): number {
    return this.#context!.budget.remaining;
  }

  emitLog(log: Log): void {
    this.#transaction.emitLog(log);
  }

  addObject(object: SystemContract): Address {
    const address = this.#block.objects.add(object);
    if (address === undefined) throw new SystemError('too many temporary objects in this block');
    return address;
  }

  objectAt(address: Address): SystemContract | undefined {
    return this.#block.objects.at(address);
  }

  /** Replaces or drops the named rows. `change` gives the new row, or undefined to drop it. */
  #write(
    table: string,
    key: string,
    ids: readonly number[],
    options: WriteOptions,
    change: (row: Row) => Row | undefined,
  ): number {
    if (!this.#isAllowed(table, options)) return NO_PERMISSION;
    if (ids.length === 0) return 0;
    const wanted = new Set(ids);
    const rows: Row[] = [];
    let written = 0;
    const before = this.select(table, key);
    let bytes = rowsBytes(before);
    for (const row of before) {
      if (!wanted.has(row.id)) {
        rows.push(row);
        continue;
      }
      written++;
      const changed = change(row);
      bytes -= rowBytes(row);
      if (changed === undefined) continue;
      bytes += rowBytes(changed);
      rows.push(changed);
    }
    invariant(written === wanted.size, 'executor/rows-of-select');
    this.#setRows(table, key, rows, bytes);
    return written;
  }

  #setRows(table: string, key: string, rows: readonly Row[], bytes: number): void {
    if (rows.length > ROWS_PER_KEY_MAX) throw tooLarge(ROWS_PER_KEY_MAX);
    if (bytes > ROWS_BYTES_PER_KEY_MAX) throw tooLarge(ROWS_BYTES_PER_KEY_MAX);
    rememberRowsBytes(rows, bytes);
    this.#block.overlay.setRows(table, key, rows);
  }

  /** Takes work from the transaction's execution budget. */
  #spend(units: number): void {
    this.#context!.budget.remaining -= units;
  }

  #isAllowed(table: string, options: WriteOptions): boolean {
    return !options.checkAuthority || this.#block.authority.mayWrite(table, this.origin);
  }

  #existing(address: Address) {
    const record = this.#block.overlay.account(address);
    invariant(record !== undefined, 'executor/system-account');
    return record;
  }
}

function idsOf(rows: readonly Row[]): number[] {
  return rows.map((row) => row.id);
}

function outcomeOfSum(sum: bigint): AddOutcome {
  if (sum < 0n) return 'negative';
  return sum < UINT256_LIMIT ? 'fits' : 'overflow';
}

/** The words of 2.x where a key or value is too long. */
function tooLarge(limit: number): SystemError {
  return new SystemError(`size of value/key greater than${limit}`);
}

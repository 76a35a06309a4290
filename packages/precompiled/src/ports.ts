import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Address } from '@menglian/types/address';
import type { Log } from '@menglian/types/receipt';

/**
 * What system contracts ask of the block execution around them. The executor implements SystemHost and calls
 * SystemContract.run; `testing/memorySystemHost.ts` is the small faithful implementation for tests.
 *
 * Text is byte strings everywhere: one character of code 0 to 255 a byte (`@menglian/base/bytes`).
 */

/** One row as a contract sees it: all fields, the key field included, the hidden ones (`_id_` and so on) not. */
export interface Row {
  /** Names the row among those of the same table and key, this block's uncommitted ones included. */
  readonly id: number;
  readonly fields: ReadonlyMap<string, string>;
}

export interface TableDefinition {
  /** Full name with its prefix: `u_accounts`, `_sys_config_`. */
  readonly name: string;
  readonly keyField: string;
  readonly valueFields: readonly string[];
}

export interface WriteOptions {
  /**
   * Whether the table's list of authorized writers applies. It is the list of the parent block: the addresses of
   * `_sys_table_access_` rows with key = table name and enable_num <= parent number; empty means everybody. The list of
   * `_sys_table_access_` itself has the key `_sys_table_access_` and is ignored while it holds fewer than two rows.
   */
  readonly checkAuthority: boolean;
}

/** What a write answers when the origin is not authorized; -50000, the code that receipts show. */
export const NO_PERMISSION = -50_000;

/**
 * Whether an amount can be added: no rows; text that is no number below 2^256 (decimal digits); a sum below 0; a sum of 2^256
 * or more; or yes.
 */
export type AddOutcome = 'missing' | 'malformed' | 'negative' | 'overflow' | 'fits';

/** An account or contract: what the table `c_<address>` of 2.x holds, as far as system contracts use it. */
export interface AccountState {
  readonly hasCode: boolean;
  readonly frozen: boolean;
  /** The `authority` rows in the order of their insertion. */
  readonly managers: readonly Address[];
  /** What is left of the gas that chargers gave it; undefined where none ever did. */
  readonly remainGas: bigint | undefined;
}

export interface SystemHost {
  readonly suite: CryptoSuite;
  /** Number of the block that is executed, the parent's + 1. Rows written now carry it as enable_num. */
  readonly blockNumber: number;
  /** Sender of the transaction (tx.origin). Every authority check is about this address. */
  readonly origin: Address;
  /** The group's FreeStorage gas schedule instead of the normal one. */
  readonly freeStorage: boolean;

  /** @returns undefined when there is no such table. System tables are always there, except `_sys_committee_votes_`. */
  table(name: string): TableDefinition | undefined;

  /** The value of a setting of the group that is in force for this block; '' for none. What this block wrote does not show. */
  parentSetting(key: string): string;

  /**
   * Creates a table and its row in `_sys_tables_`; answers in this order: 'exists', 'denied' (origin may not write
   * `_sys_tables_`, only if checked), 'created'.
   */
  createTable(definition: TableDefinition, options: WriteOptions): 'created' | 'exists' | 'denied';

  /**
   * Live rows of this key: stored ones in the order of their insertion, then this block's in the order of theirs, with the
   * updates of this block. No rows for an unknown table. `_sys_tables_` can be read like any other table.
   */
  select(table: string, key: string): readonly Row[];

  /**
   * Adds one row. `fields` holds the key field already and only fields of the table. The table exists (misuse otherwise).
   * @returns 1 or NO_PERMISSION
   */
  insert(table: string, key: string, fields: ReadonlyMap<string, string>, options: WriteOptions): number;

  /**
   * Sets `changes` in each row of `ids` (from a `select` before, without a write to this key in between); other fields stay.
   * Authority comes first: no rows at all still answers NO_PERMISSION. @returns number of rows or NO_PERMISSION
   */
  update(
    table: string,
    key: string,
    ids: readonly number[],
    changes: ReadonlyMap<string, string>,
    options: WriteOptions,
  ): number;

  /** Removes the rows of `ids`. As `update` otherwise. */
  remove(table: string, key: string, ids: readonly number[], options: WriteOptions): number;

  /**
   * Balances are read and written by these two alone where the exact number does not matter, so that payments to one account
   * need not wait for one another. `canAdd` counts as one `select`, `add` as one `update` of all rows of the key. The number
   * is that of `field` in the first row.
   * @param amount negative to take
   */
  canAdd(table: string, key: string, field: string, amount: bigint): AddOutcome;

  /** Sets `field` to the sum in all rows. `canAdd` answered 'fits' before. @returns number of rows or NO_PERMISSION */
  add(table: string, key: string, field: string, amount: bigint, options: WriteOptions): number;

  /** Whether the origin may write this table (the rule of WriteOptions). True for a table that does not exist. */
  isAuthorized(table: string): boolean;

  /** @returns undefined for an address that has no account record, for example a sender that never deployed. */
  account(address: Address): AccountState | undefined;
  /** Both without a permission check; the account exists. Effective for the next message call. */
  setFrozen(address: Address, frozen: boolean): void;
  setManagers(address: Address, managers: readonly Address[]): void;
  /** Also for an address without a record, which gets one. */
  setRemainGas(address: Address, remainGas: bigint): void;

  /** Hash of this chain's block 0, 32 bytes: the name by which other chains know it. */
  chainIdentity(): Uint8Array;

  /**
   * Calls a contract as the system contract that runs: CALLER and ORIGIN are its address, so that nothing is allowed to the callee
   * because of who sent the transaction. What a failed call wrote is undone. It works no more than its gas is worth.
   * At most SYSTEM_CALLS_DEPTH_MAX such calls nest; one more fails, and so does one that writes more than INNER_LOG_BYTES_MAX of logs.
   */
  callContract(message: InnerCall): InnerOutcome;

  /**
   * Takes work that gas does not pay for from what the transaction may do, in units of about 10 ns. A transaction that did more ends with
   * status 12, whatever its contracts answer. @returns whether there was enough
   */
  spend(units: number): boolean;
  /** Units that are left; below 0 there is nothing left to do. */
  readonly workLeft: number;

  /** Into the receipt of the transaction, unless this call or one around it fails. Contracts of 2.x write none: ADR 0004. */
  emitLog(log: Log): void;

  /**
   * Gives an object the next temporary address: 0x10001 first, then + 1 through the whole block, over transactions, and
   * never rolled back. Objects live to the end of the block; what they hold is not rolled back either.
   */
  addObject(object: SystemContract): Address;
  objectAt(address: Address): SystemContract | undefined;
}

/** A call by a system contract. */
export interface InnerCall {
  /** The address of the system contract that runs. */
  readonly caller: Address;
  readonly target: Address;
  readonly input: Uint8Array;
  readonly gas: number;
}

export interface InnerOutcome {
  /** Of receipts; 0 is success. */
  readonly status: number;
  readonly output: Uint8Array;
  /** At most the gas of the call. */
  readonly gasUsed: number;
  /** What its logs take in the receipt; 0 where it failed. */
  readonly logBytes: number;
}

/** What a log counts beside its data: address, topics and the lengths around them. */
export const LOG_OVERHEAD_BYTES = 192;

export function logBytesOf(logs: readonly Log[]): number {
  let bytes = 0;
  for (const { data } of logs) bytes += LOG_OVERHEAD_BYTES + data.length;
  return bytes;
}

export interface SystemCall {
  /** The calling contract, or the origin when a transaction calls directly; also for CALLCODE and DELEGATECALL. */
  readonly sender: Address;
  /** Call data, selector included. Any bytes. */
  readonly input: Uint8Array;
  readonly gasLeft: number;
}

export interface SystemOutcome {
  /**
   * 0, also for negative codes in the output; or 21 PrecompiledError: the executor then reverts everything written during
   * this call, and the output is ABI Error(string).
   */
  readonly status: 0 | 21;
  readonly output: Uint8Array;
  /** At most gasLeft; 0 with status 21. */
  readonly gasUsed: number;
}

/**
 * A contract at a fixed address (`systemContract` in `systemContracts.ts`) or a temporary object. Never throws, whatever
 * the input, except InvariantError.
 */
export interface SystemContract {
  /** For logs: `SystemConfig`, `Entry`. */
  readonly name: string;
  run(host: SystemHost, call: SystemCall): SystemOutcome;
}

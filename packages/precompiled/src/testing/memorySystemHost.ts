import { invariant } from '@menglian/base/invariant';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Address } from '@menglian/types/address';
import type { Log } from '@menglian/types/receipt';
import { FIRST_OBJECT_NUMBER, systemAddress } from '../addresses.js';
import { parseUint256 } from '../framework/text.js';
import { INNER_LOG_BYTES_MAX, SYSTEM_CALLS_DEPTH_MAX } from '../limits.js';
import {
  type AccountState,
  type AddOutcome,
  type InnerCall,
  type InnerOutcome,
  logBytesOf,
  NO_PERMISSION,
  type Row,
  type SystemCall,
  type SystemContract,
  type SystemHost,
  type SystemOutcome,
  type TableDefinition,
  type WriteOptions,
} from '../ports.js';
import {
  ACCESS_TABLE,
  CNS_TABLE,
  CONFIG_TABLE,
  CONSENSUS_TABLE,
  ROTATION_TABLE,
  TABLES_TABLE,
  VRF_KEYS_TABLE,
} from '../tables/systemTables.js';

const SYSTEM_TABLES: readonly TableDefinition[] = [
  { name: TABLES_TABLE, keyField: 'table_name', valueFields: ['key_field', 'value_field'] },
  { name: CONSENSUS_TABLE, keyField: 'name', valueFields: ['type', 'node_id', 'enable_num'] },
  { name: ACCESS_TABLE, keyField: 'table_name', valueFields: ['address', 'enable_num'] },
  { name: CNS_TABLE, keyField: 'name', valueFields: ['version', 'address', 'abi'] },
  { name: CONFIG_TABLE, keyField: 'key', valueFields: ['value', 'enable_num'] },
  { name: ROTATION_TABLE, keyField: 'key', valueFields: ['epoch', 'randomness', 'enable_num'] },
  { name: VRF_KEYS_TABLE, keyField: 'node_id', valueFields: ['public_key', 'epoch', 'enable_num'] },
];

/** Statuses of receipts. */
const OUT_OF_GAS = 12;
const CALL_ADDRESS_ERROR = 26;

/** Rows by table and key. */
type Tables = Map<string, Map<string, readonly Row[]>>;

/**
 * The rules of SystemHost over maps, for tests: one transaction after another, each block of as many as the test wants.
 * Not for the node: a snapshot copies everything.
 */
export class MemorySystemHost implements SystemHost {
  readonly suite: CryptoSuite;
  readonly freeStorage: boolean;
  blockNumber = 1;
  origin: Address;
  #tables: Tables = new Map();
  #accounts = new Map<Address, AccountState>();
  #parentAccess: ReadonlyMap<string, readonly Row[]> = new Map();
  #parentSettings: ReadonlyMap<string, readonly Row[]> = new Map();
  #objects: SystemContract[] = [];
  /** Of all calls that succeeded. */
  logs: readonly Log[] = [];
  #nextId = 1;
  /** What `chainIdentity` answers. */
  identity = new Uint8Array(32).fill(0x11);
  /** Contracts that can be called: system contracts and doubles of others. */
  readonly receivers = new Map<Address, SystemContract>();
  #innerCalls = 0;
  /** As much as a test gives; of all transactions together. */
  workLeft = Number.POSITIVE_INFINITY;

  constructor(suite: CryptoSuite, options: { readonly origin: Address; readonly freeStorage?: boolean }) {
    this.suite = suite;
    this.origin = options.origin;
    this.freeStorage = options.freeStorage ?? false;
  }

  /** Ends the block: what it wrote is in force, and its temporary objects are gone. */
  nextBlock(blockNumber = this.blockNumber + 1): void {
    this.blockNumber = blockNumber;
    this.#parentAccess = new Map(this.#tables.get(ACCESS_TABLE));
    this.#parentSettings = new Map(this.#tables.get(CONFIG_TABLE));
    this.#objects = [];
  }

  /** Runs a contract as the executor does: what a failed call wrote is undone, objects and their counter are not. */
  run(contract: SystemContract, call: SystemCall): SystemOutcome {
    const [tables, accounts, logs] = [this.#copyTables(), new Map(this.#accounts), this.logs];
    const outcome = contract.run(this, call);
    if (outcome.status !== 0) {
      this.#tables = tables;
      this.#accounts = accounts;
      this.logs = logs;
    }
    return outcome;
  }

  /** Runs a contract as RPC `call` does: nothing of it stays, and temporary objects count from the first again. */
  call(contract: SystemContract, call: SystemCall): SystemOutcome {
    const [tables, accounts, objects, logs] = [this.#copyTables(), new Map(this.#accounts), this.#objects, this.logs];
    this.#objects = [];
    const outcome = contract.run(this, call);
    this.#tables = tables;
    this.#accounts = accounts;
    this.#objects = objects;
    this.logs = logs;
    return outcome;
  }

  addAccount(address: Address, account: Omit<AccountState, 'remainGas'> & Partial<AccountState>): void {
    this.#accounts.set(address, { remainGas: undefined, ...account });
  }

  table(name: string): TableDefinition | undefined {
    const system = SYSTEM_TABLES.find((table) => table.name === name);
    if (system !== undefined) return system;
    const fields = this.select(TABLES_TABLE, name)[0]?.fields;
    if (fields === undefined) return undefined;
    return { name, keyField: fields.get('key_field')!, valueFields: fields.get('value_field')!.split(',') };
  }

  parentSetting(key: string): string {
    return this.#parentSettings.get(key)?.[0]?.fields.get('value') ?? '';
  }

  createTable(definition: TableDefinition, options: WriteOptions): 'created' | 'exists' | 'denied' {
    if (this.table(definition.name) !== undefined) return 'exists';
    const fields = new Map([
      ['table_name', definition.name],
      ['key_field', definition.keyField],
      ['value_field', definition.valueFields.join(',')],
    ]);
    return this.insert(TABLES_TABLE, definition.name, fields, options) === NO_PERMISSION ? 'denied' : 'created';
  }

  select(table: string, key: string): readonly Row[] {
    return this.#tables.get(table)?.get(key) ?? [];
  }

  insert(table: string, key: string, fields: ReadonlyMap<string, string>, options: WriteOptions): number {
    if (!this.#mayWrite(table, options)) return NO_PERMISSION;
    const definition = this.table(table);
    invariant(definition !== undefined, 'precompiled/insert-into-missing-table', table);
    invariant(fields.get(definition.keyField) === key, 'precompiled/insert-without-key-field', table);
    for (const name of fields.keys()) {
      const isKnown = name === definition.keyField || definition.valueFields.includes(name);
      invariant(isKnown, 'precompiled/insert-unknown-field', name);
    }
    this.#setRows(table, key, [...this.select(table, key), { id: this.#nextId++, fields: new Map(fields) }]);
    return 1;
  }

  update(
    table: string,
    key: string,
    ids: readonly number[],
    changes: ReadonlyMap<string, string>,
    options: WriteOptions,
  ): number {
    return this.#write(table, key, ids, options, (row) => [
      { id: row.id, fields: new Map([...row.fields, ...changes]) },
    ]);
  }

  remove(table: string, key: string, ids: readonly number[], options: WriteOptions): number {
    return this.#write(table, key, ids, options, () => []);
  }

  canAdd(table: string, key: string, field: string, amount: bigint): AddOutcome {
    const [row] = this.select(table, key);
    if (row === undefined) return 'missing';
    const number = parseUint256(row.fields.get(field) ?? '');
    if (number === undefined) return 'malformed';
    const sum = number + amount;
    return sum < 0n ? 'negative' : sum < 2n ** 256n ? 'fits' : 'overflow';
  }

  add(table: string, key: string, field: string, amount: bigint, options: WriteOptions): number {
    const rows = this.select(table, key);
    const sum = parseUint256(rows[0]?.fields.get(field) ?? '')! + amount;
    const ids = rows.map((row) => row.id);
    return this.update(table, key, ids, new Map([[field, sum.toString()]]), options);
  }

  isAuthorized(table: string): boolean {
    const rows = this.#parentAccess.get(table) ?? [];
    if (table === ACCESS_TABLE && rows.length < 2) return true;
    return rows.length === 0 || rows.some((row) => row.fields.get('address') === `0x${this.origin}`);
  }

  account(address: Address): AccountState | undefined {
    return this.#accounts.get(address);
  }

  setFrozen(address: Address, frozen: boolean): void {
    this.#change(address, { frozen });
  }

  setManagers(address: Address, managers: readonly Address[]): void {
    this.#change(address, { managers });
  }

  setRemainGas(address: Address, remainGas: bigint): void {
    const account = this.#accounts.get(address) ?? {
      hasCode: false,
      frozen: false,
      managers: [],
      remainGas: undefined,
    };
    this.#accounts.set(address, { ...account, remainGas });
  }

  chainIdentity(): Uint8Array {
    return this.identity;
  }

  callContract({ caller, target, input, gas }: InnerCall): InnerOutcome {
    const contract = this.receivers.get(target);
    if (contract === undefined) return failed(CALL_ADDRESS_ERROR, 0);
    if (this.#innerCalls >= SYSTEM_CALLS_DEPTH_MAX) return failed(OUT_OF_GAS, gas);
    const { origin } = this;
    const [tables, accounts, logs] = [this.#copyTables(), new Map(this.#accounts), this.logs];
    this.origin = caller;
    this.#innerCalls += 1;
    try {
      const outcome = this.run(contract, { sender: caller, input, gasLeft: gas });
      const logBytes = logBytesOf(this.logs.slice(logs.length));
      if (logBytes <= INNER_LOG_BYTES_MAX) return { ...outcome, logBytes };
      [this.#tables, this.#accounts, this.logs] = [tables, accounts, logs];
      return failed(OUT_OF_GAS, gas);
    } finally {
      this.origin = origin;
      this.#innerCalls -= 1;
    }
  }

  spend(units: number): boolean {
    this.workLeft -= units;
    return this.workLeft >= 0;
  }

  emitLog(log: Log): void {
    this.logs = [...this.logs, log];
  }

  addObject(object: SystemContract): Address {
    this.#objects.push(object);
    return systemAddress(FIRST_OBJECT_NUMBER + this.#objects.length - 1);
  }

  objectAt(address: Address): SystemContract | undefined {
    return this.#objects[Number(BigInt(`0x${address}`)) - FIRST_OBJECT_NUMBER];
  }

  #copyTables(): Tables {
    return new Map([...this.#tables].map(([name, rows]) => [name, new Map(rows)]));
  }

  #write(
    table: string,
    key: string,
    ids: readonly number[],
    options: WriteOptions,
    replace: (row: Row) => readonly Row[],
  ): number {
    if (!this.#mayWrite(table, options)) return NO_PERMISSION;
    const rows = this.select(table, key);
    for (const id of ids)
      invariant(
        rows.some((row) => row.id === id),
        'precompiled/write-to-missing-row',
        table,
      );
    this.#setRows(
      table,
      key,
      rows.flatMap((row) => (ids.includes(row.id) ? replace(row) : [row])),
    );
    return ids.length;
  }

  #mayWrite(table: string, options: WriteOptions): boolean {
    return !options.checkAuthority || this.isAuthorized(table);
  }

  #setRows(table: string, key: string, rows: readonly Row[]): void {
    const keys = this.#tables.get(table) ?? new Map<string, readonly Row[]>();
    keys.set(key, rows);
    this.#tables.set(table, keys);
  }

  #change(address: Address, changes: Partial<AccountState>): void {
    const account = this.#accounts.get(address);
    invariant(account !== undefined, 'precompiled/change-of-missing-account', address);
    this.#accounts.set(address, { ...account, ...changes });
  }
}

function failed(status: number, gasUsed: number): InnerOutcome {
  return { status, output: new Uint8Array(0), gasUsed, logBytes: 0 };
}

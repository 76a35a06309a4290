import {
  AMOUNT_INVALID,
  BALANCE_INSUFFICIENT,
  BALANCE_OVERFLOW,
  USER_EXISTS,
  USER_MISSING,
  USER_NAME_INVALID,
} from './codes.js';
import { word, words } from './framework/output.js';
import { ContractKind, functionsOf } from './framework/systemContract.js';
import { parameterError, SystemError } from './framework/systemError.js';
import { parseUint256 } from './framework/text.js';
import { type AddOutcome, NO_PERMISSION, type SystemHost, type TableDefinition } from './ports.js';
import { CHECKED } from './tables/rows.js';

const define = functionsOf<undefined>();

/** A user table like any other: CRUD reads and writes it under the name `dag_transfer`. */
const DAG_TRANSFER_TABLE: TableDefinition = {
  name: 'u_dag_transfer',
  keyField: 'user_name',
  valueFields: ['user_balance'],
};
const TABLE = DAG_TRANSFER_TABLE.name;
const BALANCE_FIELD = 'user_balance';
const SUCCESS = 0;

function requireTable(host: SystemHost): void {
  if (host.table(TABLE) !== undefined) return;
  if (host.createTable(DAG_TRANSFER_TABLE, CHECKED) === 'denied') {
    throw new SystemError('create table permission denied');
  }
}

/** @throws SystemError when somebody wrote something else than a balance */
function canAdd(host: SystemHost, user: string, amount: bigint): Exclude<AddOutcome, 'malformed'> {
  const outcome = host.canAdd(TABLE, user, BALANCE_FIELD, amount);
  if (outcome === 'malformed') throw parameterError();
  return outcome;
}

function change(host: SystemHost, user: string, amount: bigint): number {
  return resultOf(host.add(TABLE, user, BALANCE_FIELD, amount, CHECKED));
}

function create(host: SystemHost, user: string, balance: bigint): number {
  const fields = new Map([
    [DAG_TRANSFER_TABLE.keyField, user],
    [BALANCE_FIELD, balance.toString()],
  ]);
  return resultOf(host.insert(TABLE, user, fields, CHECKED));
}

function resultOf(count: number): number {
  return count === NO_PERMISSION ? NO_PERMISSION : SUCCESS;
}

function add(host: SystemHost, user: string, amount: bigint): number {
  if (user === '') return USER_NAME_INVALID;
  requireTable(host);
  if (host.select(TABLE, user).length > 0) return USER_EXISTS;
  return create(host, user, amount);
}

function save(host: SystemHost, user: string, amount: bigint): number {
  if (user === '') return USER_NAME_INVALID;
  if (amount === 0n) return AMOUNT_INVALID;
  requireTable(host);
  const outcome = canAdd(host, user, amount);
  if (outcome === 'missing') return create(host, user, amount);
  return outcome === 'overflow' ? BALANCE_OVERFLOW : change(host, user, amount);
}

function draw(host: SystemHost, user: string, amount: bigint): number {
  if (user === '') return USER_NAME_INVALID;
  if (amount === 0n) return AMOUNT_INVALID;
  requireTable(host);
  const outcome = canAdd(host, user, -amount);
  if (outcome === 'missing') return USER_MISSING;
  return outcome === 'negative' ? BALANCE_INSUFFICIENT : change(host, user, -amount);
}

/** Code and balance. */
function query(host: SystemHost, user: string): readonly [number, bigint] {
  if (user === '') return [USER_NAME_INVALID, 0n];
  requireTable(host);
  const [row] = host.select(TABLE, user);
  if (row === undefined) return [USER_MISSING, 0n];
  const balance = parseUint256(row.fields.get(BALANCE_FIELD) ?? '');
  if (balance === undefined) throw parameterError();
  return [SUCCESS, balance];
}

/** A transfer to oneself looks at nothing, not even at whether the user exists. */
function transfer(host: SystemHost, from: string, to: string, amount: bigint): number {
  if (from === '' || to === '') return USER_NAME_INVALID;
  if (amount === 0n) return AMOUNT_INVALID;
  if (from === to) return SUCCESS;
  requireTable(host);
  const payer = canAdd(host, from, -amount);
  if (payer === 'missing') return USER_MISSING;
  if (payer === 'negative') return BALANCE_INSUFFICIENT;
  const payee = canAdd(host, to, amount);
  if (payee === 'overflow') return BALANCE_OVERFLOW;
  if (change(host, from, -amount) === NO_PERMISSION) return NO_PERMISSION;
  return payee === 'missing' ? create(host, to, amount) : change(host, to, amount);
}

/** Balances by user name: the built-in workload of benchmarks. Anybody may move anything. */
export const dagTransfer = new ContractKind<undefined>({
  name: 'DagTransfer',
  countsInput: false,
  unknown: new Uint8Array(0),
  functions: [
    define('userAdd(string,uint256)', ({ host }, user, amount) => word(add(host, user, amount))),
    define('userSave(string,uint256)', ({ host }, user, amount) => word(save(host, user, amount))),
    define('userDraw(string,uint256)', ({ host }, user, amount) => word(draw(host, user, amount))),
    define('userBalance(string)', ({ host }, user) => words(...query(host, user))),
    define('userTransfer(string,string,uint256)', ({ host }, from, to, amount) =>
      word(transfer(host, from, to, amount)),
    ),
  ],
});

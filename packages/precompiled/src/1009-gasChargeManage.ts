import { encodeAbi } from '@menglian/codec/abi';
import type { Address } from '@menglian/types/address';
import {
  ACCOUNT_FROZEN,
  ACCOUNT_IS_CONTRACT,
  ACCOUNT_MISSING,
  CHARGER_EXISTS,
  CHARGER_MISSING,
  GAS_CHARGE_FUNCTION_UNKNOWN,
  GAS_VALUE_ZERO,
  GRANT_CHARGER_DENIED,
  NOT_A_CHARGER,
  REMAIN_GAS_INSUFFICIENT,
  REMAIN_GAS_OVERFLOW,
  REVOKE_CHARGER_DENIED,
} from './codes.js';
import { word, words } from './framework/output.js';
import { ContractKind, functionsOf } from './framework/systemContract.js';
import type { SystemHost } from './ports.js';
import { isCommitteeMember } from './tables/accessRows.js';
import { UNCHECKED } from './tables/rows.js';
import { CONFIG_TABLE } from './tables/systemTables.js';

const define = functionsOf<undefined>();

const CHARGERS_KEY = 'charger_list';
/** Of one account: contracts see it as uint256. */
const REMAIN_GAS_MAX = 2n ** 256n - 1n;
const SUCCESS = 0;

/** Code, and what the account has then; 0 beside a code of refusal. */
type Balance = readonly [code: number, remainGas: bigint];

/**
 * As of the parent block, so what this block changed does not show: of two grants in one block the later counts, as in 2.x.
 * Ascending, 40 digits each.
 */
function chargersOf(host: SystemHost): readonly Address[] {
  return host
    .parentSetting(CHARGERS_KEY)
    .split(',')
    .filter((charger) => charger !== '');
}

/** The committee decides, whoever else may write the settings. */
function setChargers(host: SystemHost, chargers: readonly Address[]): void {
  const changes = new Map([
    ['value', chargers.map((charger) => `${charger},`).join('')],
    ['enable_num', String(host.blockNumber)],
  ]);
  const ids = host.select(CONFIG_TABLE, CHARGERS_KEY).map((row) => row.id);
  if (ids.length > 0) host.update(CONFIG_TABLE, CHARGERS_KEY, ids, changes, UNCHECKED);
  else host.insert(CONFIG_TABLE, CHARGERS_KEY, new Map([['key', CHARGERS_KEY], ...changes]), UNCHECKED);
}

/** An account without a record will do: it gets one when it is charged. */
function accountProblem(host: SystemHost, address: Address): number | undefined {
  const account = host.account(address);
  if (account?.hasCode === true) return ACCOUNT_IS_CONTRACT;
  return account?.frozen === true ? ACCOUNT_FROZEN : undefined;
}

/** @param sum of what the account has and the amount; a code where there is none */
function change(host: SystemHost, user: Address, amount: bigint, sum: (remainGas: bigint) => bigint | number): Balance {
  if (amount === 0n) return [GAS_VALUE_ZERO, 0n];
  const problem = accountProblem(host, user);
  if (problem !== undefined) return [problem, 0n];
  if (!chargersOf(host).includes(host.origin)) return [NOT_A_CHARGER, 0n];
  const result = sum(host.account(user)?.remainGas ?? 0n);
  if (typeof result === 'number') return [result, 0n];
  host.setRemainGas(user, result);
  return [SUCCESS, result];
}

function charge(host: SystemHost, user: Address, amount: bigint): Balance {
  return change(host, user, amount, (remainGas) =>
    remainGas + amount > REMAIN_GAS_MAX ? REMAIN_GAS_OVERFLOW : remainGas + amount,
  );
}

function deduct(host: SystemHost, user: Address, amount: bigint): Balance {
  return change(host, user, amount, (remainGas) => (remainGas < amount ? REMAIN_GAS_INSUFFICIENT : remainGas - amount));
}

function query(host: SystemHost, user: Address): Balance {
  const account = host.account(user);
  if (account === undefined) return [ACCOUNT_MISSING, 0n];
  const problem = accountProblem(host, user);
  return problem === undefined ? [SUCCESS, account.remainGas ?? 0n] : [problem, 0n];
}

function grant(host: SystemHost, user: Address): number {
  const problem = accountProblem(host, user);
  if (problem !== undefined) return problem;
  if (!isCommitteeMember(host, host.origin)) return GRANT_CHARGER_DENIED;
  const chargers = chargersOf(host);
  if (chargers.includes(user)) return CHARGER_EXISTS;
  setChargers(host, [...chargers, user].toSorted());
  return SUCCESS;
}

/** Also of a frozen account: who is frozen should not stay a charger for that. */
function revoke(host: SystemHost, user: Address): number {
  if (!isCommitteeMember(host, host.origin)) return REVOKE_CHARGER_DENIED;
  const chargers = chargersOf(host);
  if (!chargers.includes(user)) return CHARGER_MISSING;
  setChargers(
    host,
    chargers.filter((charger) => charger !== user),
  );
  return SUCCESS;
}

/** What accounts may spend where `enable_charge_mgr` is on, and who may give it. A charger counts from the next block on. */
export const gasChargeManage = new ContractKind<undefined>({
  name: 'GasChargeManage',
  countsInput: false,
  unknown: word(GAS_CHARGE_FUNCTION_UNKNOWN),
  functions: [
    define('charge(address,uint256)', ({ host }, user, amount) => words(...charge(host, user, amount))),
    define('deduct(address,uint256)', ({ host }, user, amount) => words(...deduct(host, user, amount))),
    define('queryRemainGas(address)', ({ host }, user) => words(...query(host, user))),
    define('grantCharger(address)', ({ host }, user) => word(grant(host, user))),
    define('revokeCharger(address)', ({ host }, user) => word(revoke(host, user))),
    define('listChargers()', ({ host }) => encodeAbi(['address[]'], [chargersOf(host)])),
  ],
});

import { encodeAbi } from '@menglian/codec/abi';
import type { Address } from '@menglian/types/address';
import {
  CONTRACT_AVAILABLE,
  CONTRACT_FROZEN,
  CONTRACT_MISSING,
  CONTRACT_NO_PERMISSION,
  LAST_MANAGER,
  MANAGER_EXISTS,
  MANAGER_MISSING,
  NOT_A_CONTRACT,
} from './codes.js';
import { word } from './framework/output.js';
import { ContractKind, functionsOf } from './framework/systemContract.js';
import type { AccountState, SystemHost } from './ports.js';
import { isCommitteeMember } from './tables/accessRows.js';

const define = functionsOf<undefined>();

const DONE = 1;

/** @returns the code where this is no contract */
export function contractProblem(account: AccountState | undefined): number | undefined {
  if (account === undefined) return CONTRACT_MISSING;
  return account.hasCode ? undefined : NOT_A_CONTRACT;
}

/** Whether the sender may manage this account: as one of its managers, or a member of the committee. */
export function mayManage(host: SystemHost, account: AccountState | undefined): boolean {
  return account?.managers.includes(host.origin) === true || isCommitteeMember(host, host.origin);
}

/** Runs a change of a contract for one of its managers or a committee member. */
function manage(host: SystemHost, contract: Address, action: (account: AccountState) => number): Uint8Array {
  const account = host.account(contract);
  const problem = contractProblem(account);
  if (account === undefined || problem !== undefined) return word(problem ?? CONTRACT_MISSING);
  if (!mayManage(host, account)) return word(CONTRACT_NO_PERMISSION);
  return word(action(account));
}

function setFrozen(host: SystemHost, contract: Address, frozen: boolean): Uint8Array {
  return manage(host, contract, (account) => {
    if (account.frozen === frozen) return frozen ? CONTRACT_FROZEN : CONTRACT_AVAILABLE;
    host.setFrozen(contract, frozen);
    return DONE;
  });
}

function grantManager(host: SystemHost, contract: Address, user: Address): Uint8Array {
  return manage(host, contract, ({ managers }) => {
    if (managers.includes(user)) return MANAGER_EXISTS;
    host.setManagers(contract, [...managers, user]);
    return DONE;
  });
}

/** The last manager stays, whoever is to be revoked. */
function revokeManager(host: SystemHost, contract: Address, user: Address): Uint8Array {
  return manage(host, contract, ({ managers }) => {
    if (managers.length === 1) return LAST_MANAGER;
    if (!managers.includes(user)) return MANAGER_MISSING;
    const rest = managers.filter((manager) => manager !== user);
    host.setManagers(contract, rest);
    return DONE;
  });
}

function statusText(account: AccountState | undefined): string {
  if (account === undefined) return 'The address is nonexistent.';
  if (!account.hasCode) return 'This is not a contract address.';
  return account.frozen
    ? 'The contract has been frozen. You can invoke this contract after unfreezing it.'
    : 'The contract is available.';
}

function listManagers(host: SystemHost, contract: Address): Uint8Array {
  const account = host.account(contract);
  const problem = contractProblem(account);
  const managers = problem === undefined ? (account?.managers ?? []) : [];
  return encodeAbi(['int256', 'address[]'], [BigInt(problem ?? 0), managers]);
}

/** Freezing of contracts, and who may do it. Effective for the next message call. */
export const contractLifeCycle = new ContractKind<undefined>({
  name: 'ContractLifeCycle',
  countsInput: false,
  unknown: new Uint8Array(0),
  functions: [
    define('freeze(address)', ({ host }, contract) => setFrozen(host, contract, true)),
    define('unfreeze(address)', ({ host }, contract) => setFrozen(host, contract, false)),
    define('grantManager(address,address)', ({ host }, contract, user) => grantManager(host, contract, user)),
    define('revokeManager(address,address)', ({ host }, contract, user) => revokeManager(host, contract, user)),
    define('getStatus(address)', ({ host }, contract) =>
      encodeAbi(['int256', 'string'], [0n, statusText(host.account(contract))]),
    ),
    define('listManager(address)', ({ host }, contract) => listManagers(host, contract)),
  ],
});

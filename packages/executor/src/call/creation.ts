import { EMPTY_BYTES, fromBigInt } from '@menglian/base/bytes';
import { execute } from '@menglian/evm/execute';
import type { ExecutionOutcome } from '@menglian/evm/ports';
import type { AccountRecord } from '@menglian/ledger/stateRecords';
import { contractAddress, create2Address } from '@menglian/types/address';
import type { Address } from '@menglian/types/address';
import { TransactionStatus } from '@menglian/types/status';
import { BUDGET_UNITS_PER_CALL, BUDGET_UNITS_PER_CODE_BYTE, CODE_BYTES_MAX } from '../limits.js';
import { hasCode, newAccount } from '../state/accounts.js';
import { TABLES_TABLE } from '@menglian/ledger/systemTables';
import { refuseFrozenAccount } from './refusals.js';
import type { TransactionHost } from '../transaction/transactionHost.js';

const CODE_DEPOSIT_GAS_PER_BYTE = 200;
const SALT_BYTES = 32;

export interface Creation {
  readonly gas: number;
  readonly sender: Address;
  readonly value: bigint;
  readonly initCode: Uint8Array;
  /** undefined: the address comes from the sender's creation number */
  readonly salt: bigint | undefined;
  readonly depth: number;
}

/** `output` is revert data, or empty. */
export interface CreationOutcome extends ExecutionOutcome {
  readonly address: Address;
}

/**
 * CREATE, CREATE2 and the creation of a transaction: docs/evm.md, "Calls and creation". The sender's creation number rises
 * before the savepoint, so also when the constructor fails; not when the origin may not deploy at all.
 */
export function createContract(host: TransactionHost, creation: Creation): CreationOutcome {
  const { overlay, authority, suite } = host.block;
  const sender = overlay.account(creation.sender) ?? newAccount(suite);
  const address = addressOf(host, creation, sender.creationCount);
  const refuse = (status: number, gasLeft: number): CreationOutcome => ({
    status,
    gasLeft,
    output: EMPTY_BYTES,
    address,
  });

  host.spend(BUDGET_UNITS_PER_CALL + BUDGET_UNITS_PER_CODE_BYTE * creation.initCode.length);
  if (host.isBudgetSpent) return refuse(TransactionStatus.OutOfGas, creation.gas);
  if (!authority.mayWrite(TABLES_TABLE, host.context.origin)) return refuse(TransactionStatus.PermissionDenied, 0);
  const frozen = creation.depth === 0 ? refuseFrozenAccount(host.block, creation.sender, 0) : undefined;
  if (frozen !== undefined) return { ...frozen, address };
  overlay.setAccount(creation.sender, { ...sender, creationCount: sender.creationCount + 1n });

  const existing = overlay.account(address);
  const isTaken = existing !== undefined && (hasCode(suite, existing) || existing.creationCount > 0n);
  if (isTaken) return refuse(TransactionStatus.AddressAlreadyUsed, 0);
  // Nobody has a balance. 2.x answers with status 0 and the address of a contract that does not exist.
  if (creation.value !== 0n) return refuse(TransactionStatus.NotEnoughCash, creation.gas);

  const snapshot = host.snapshot();
  overlay.setAccount(address, openedAccount(host, creation.sender, existing));
  const outcome = payDeposit(runConstructor(host, creation, address), host.block.freeStorage);
  if (outcome.status !== TransactionStatus.None) {
    host.revert(snapshot);
    return { ...outcome, address };
  }
  storeCode(host, address, outcome.output);
  return { ...outcome, output: EMPTY_BYTES, address };
}

function addressOf(host: TransactionHost, creation: Creation, creationNumber: bigint): Address {
  const { suite } = host.block;
  if (creation.salt === undefined) return contractAddress(suite, creation.sender, creationNumber);
  return create2Address(suite, creation.sender, fromBigInt(creation.salt, SALT_BYTES), creation.initCode);
}

/** Managers are the origin and those of the creating contract. An account whose code destroyed itself keeps its own. */
function openedAccount(host: TransactionHost, sender: Address, existing: AccountRecord | undefined): AccountRecord {
  const { overlay, suite } = host.block;
  const account = existing ?? newAccount(suite);
  const { origin } = host.context;
  const inherited = sender === origin ? [] : (overlay.account(sender)?.managers ?? []);
  const managers = new Set([...account.managers, origin, ...inherited]);
  return { ...account, managers: [...managers], destroyed: false };
}

function runConstructor(host: TransactionHost, creation: Creation, address: Address): ExecutionOutcome {
  const message = {
    kind: 'call' as const,
    gas: creation.gas,
    sender: creation.sender,
    recipient: address,
    codeAddress: address,
    value: creation.value,
    input: EMPTY_BYTES,
    depth: creation.depth,
    isStatic: false,
  };
  return execute(creation.initCode, message, host, host.context, host.block.schedule, host.block.suite);
}

/**
 * 200 gas per byte of runtime code. The step also runs after a constructor that reverted, with the revert data as the code
 * (rule of 2.x): the gas is taken, and 12 replaces 22 where it is not there.
 */
function payDeposit(outcome: ExecutionOutcome, freeStorage: boolean): ExecutionOutcome {
  const bytes = outcome.output.length;
  const deposit = bytes * CODE_DEPOSIT_GAS_PER_BYTE;
  if (bytes > CODE_BYTES_MAX || deposit > outcome.gasLeft) {
    return { status: TransactionStatus.OutOfGas, gasLeft: outcome.gasLeft, output: EMPTY_BYTES };
  }
  return freeStorage ? outcome : { ...outcome, gasLeft: outcome.gasLeft - deposit };
}

function storeCode(host: TransactionHost, address: Address, code: Uint8Array): void {
  const { overlay, suite } = host.block;
  const account = overlay.account(address) ?? newAccount(suite);
  overlay.setAccount(address, { ...account, codeHash: overlay.addCode(code) });
}

import { type Contract, createContract } from '../contract.js';
import { type Address, addressOf } from '../hex.js';
import type { Caller, SendOptions, WaitOptions } from '../transaction/requests.js';
import { changes, reads } from './systemAbi.js';
import { changed, type Changed, type Grant, grants, readJsonOf, systemAddress } from './systemContract.js';

const PERMISSION_ABI = [
  changes('insert', ['string', 'string']),
  changes('remove', ['string', 'string']),
  changes('grantWrite', ['address', 'address']),
  changes('revokeWrite', ['address', 'address']),
  reads('queryByName', ['string'], ['string']),
  reads('queryPermission', ['address'], ['string']),
] as const;

/** Tables of the chain that can be protected; any other name is a table of users. */
export type ProtectedTable = '_sys_consensus_' | '_sys_tables_' | '_sys_cns_' | '_sys_config_' | (string & {});

/** Who may write which table or contract. Where nobody is named everybody may. */
export class Permission {
  readonly #contract: Contract<typeof PERMISSION_ABI>;

  constructor(caller: Caller) {
    this.#contract = createContract(caller, systemAddress(0x1005), PERMISSION_ABI);
  }

  grant(table: ProtectedTable, account: Address, options: SendOptions & WaitOptions = {}): Promise<Changed> {
    return changed(this.#contract.execute.insert([table, addressOf(account)], options));
  }

  revoke(table: ProtectedTable, account: Address, options: SendOptions & WaitOptions = {}): Promise<Changed> {
    return changed(this.#contract.execute.remove([table, addressOf(account)], options));
  }

  async list(table: ProtectedTable): Promise<readonly Grant[]> {
    return readJsonOf(await this.#contract.read.queryByName([table]), grants);
  }

  /** After the first grant only those named may change the contract: name its deployer too. */
  grantContract(contract: Address, account: Address, options: SendOptions & WaitOptions = {}): Promise<Changed> {
    return changed(this.#contract.execute.grantWrite([contract, account], options));
  }

  revokeContract(contract: Address, account: Address, options: SendOptions & WaitOptions = {}): Promise<Changed> {
    return changed(this.#contract.execute.revokeWrite([contract, account], options));
  }

  async listContract(contract: Address): Promise<readonly Grant[]> {
    return readJsonOf(await this.#contract.read.queryPermission([contract]), grants);
  }
}

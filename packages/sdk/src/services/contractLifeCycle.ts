import { type Contract, createContract } from '../contract.js';
import type { Address } from '../hex.js';
import type { Caller, SendOptions, WaitOptions } from '../transaction/requests.js';
import { changes, reads } from './systemAbi.js';
import { changed, type Changed, checkCode, systemAddress } from './systemContract.js';

const LIFE_CYCLE_ABI = [
  changes('freeze', ['address']),
  changes('unfreeze', ['address']),
  changes('grantManager', ['address', 'address']),
  changes('revokeManager', ['address', 'address']),
  reads('getStatus', ['address'], ['int256', 'string']),
  reads('listManager', ['address'], ['int256', 'address[]']),
] as const;

/** Freezing contracts, for their managers: whoever deployed them, whom those named, and the committee. */
export class ContractLifeCycle {
  readonly #contract: Contract<typeof LIFE_CYCLE_ABI>;

  constructor(caller: Caller) {
    this.#contract = createContract(caller, systemAddress(0x1007), LIFE_CYCLE_ABI);
  }

  freeze(contract: Address, options: SendOptions & WaitOptions = {}): Promise<Changed> {
    return changed(this.#contract.execute.freeze([contract], options));
  }

  unfreeze(contract: Address, options: SendOptions & WaitOptions = {}): Promise<Changed> {
    return changed(this.#contract.execute.unfreeze([contract], options));
  }

  grantManager(contract: Address, account: Address, options: SendOptions & WaitOptions = {}): Promise<Changed> {
    return changed(this.#contract.execute.grantManager([contract, account], options));
  }

  revokeManager(contract: Address, account: Address, options: SendOptions & WaitOptions = {}): Promise<Changed> {
    return changed(this.#contract.execute.revokeManager([contract, account], options));
  }

  /** A sentence of the chain, for example `The contract is available.` */
  async status(contract: Address): Promise<string> {
    const [, sentence] = await this.#contract.read.getStatus([contract]);
    return sentence;
  }

  async listManagers(contract: Address): Promise<readonly Address[]> {
    const [code, managers] = await this.#contract.read.listManager([contract]);
    checkCode(code);
    return managers;
  }
}

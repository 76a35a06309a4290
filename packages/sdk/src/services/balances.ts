import { type Contract, createContract } from '../contract.js';
import { type Address, type Hash, ZERO_ADDRESS } from '../hex.js';
import type { Caller, SendOptions, WaitOptions } from '../transaction/requests.js';
import { changes, reads } from './systemAbi.js';
import { changed, type Changed, systemAddress } from './systemContract.js';

const BALANCES_ABI = [
  changes('setIssuer', ['address']),
  changes('allow', ['bytes32', 'bool']),
  changes('issue', ['address', 'uint256']),
  changes('transfer', ['address', 'uint256']),
  reads('issuer', [], ['address']),
  reads('isAllowed', ['bytes32'], ['uint256']),
  reads('balanceOf', ['address'], ['uint256']),
  reads('supply', [], ['uint256']),
] as const;

type Options = SendOptions & WaitOptions;

/** Money of accounts on one chain, in the smallest unit (docs/hot-accounts.md). Only where `enable_interchain` is on; not of 2.x. */
export class Balances {
  readonly #contract: Contract<typeof BALANCES_ABI>;

  constructor(caller: Caller) {
    this.#contract = createContract(caller, systemAddress(0x2005), BALANCES_ABI);
  }

  /** For the committee: who issues money here. */
  setIssuer(issuer: Address, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.setIssuer([issuer], options));
  }

  /** For the committee: whether money may come from a chain by cross transactions. */
  allowChain(chain: Hash, isAllowed: boolean, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.allow([chain, isAllowed], options));
  }

  /** For the issuer. */
  issue(to: Address, amount: bigint, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.issue([to, amount], options));
  }

  transfer(to: Address, amount: bigint, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.transfer([to, amount], options));
  }

  /** undefined: nobody issues money here. */
  async issuer(): Promise<Address | undefined> {
    const issuer = await this.#contract.read.issuer();
    return issuer === ZERO_ADDRESS ? undefined : issuer;
  }

  async isAllowedChain(chain: Hash): Promise<boolean> {
    return (await this.#contract.read.isAllowed([chain])) !== 0n;
  }

  async balanceOf(account: Address): Promise<bigint> {
    return this.#contract.read.balanceOf([account]);
  }

  /** All money that was issued here. */
  async supply(): Promise<bigint> {
    return this.#contract.read.supply();
  }
}

import { type Contract, createContract } from '../contract.js';
import type { Address } from '../hex.js';
import type { Receipt } from '../rpc/shapes.js';
import type { Caller, SendOptions, WaitOptions } from '../transaction/requests.js';
import { changes, reads } from './systemAbi.js';
import { changed, type Changed, checkCode, systemAddress } from './systemContract.js';

/** Answers a code and what remains. */
const adjusts = <const N extends string>(name: N) =>
  ({ ...reads(name, ['address', 'uint256'], ['int256', 'uint256']), stateMutability: 'nonpayable' }) as const;

const GAS_CHARGE_ABI = [
  adjusts('charge'),
  adjusts('deduct'),
  changes('grantCharger', ['address']),
  changes('revokeCharger', ['address']),
  reads('queryRemainGas', ['address'], ['int256', 'uint256']),
  reads('listChargers', [], ['address[]']),
] as const;

export interface RemainingGas {
  readonly remaining: bigint;
  readonly receipt: Receipt;
}

type Options = SendOptions & WaitOptions;

/** Gas that accounts are given, on chains where `enable_charge_mgr` is on. */
export class GasCharge {
  readonly #contract: Contract<typeof GAS_CHARGE_ABI>;

  constructor(caller: Caller) {
    this.#contract = createContract(caller, systemAddress(0x1009), GAS_CHARGE_ABI);
  }

  async charge(account: Address, gas: bigint, options: Options = {}): Promise<RemainingGas> {
    const { result, receipt } = await this.#contract.execute.charge([account, gas], options);
    checkCode(result[0]);
    return { remaining: result[1], receipt };
  }

  async deduct(account: Address, gas: bigint, options: Options = {}): Promise<RemainingGas> {
    const { result, receipt } = await this.#contract.execute.deduct([account, gas], options);
    checkCode(result[0]);
    return { remaining: result[1], receipt };
  }

  async remaining(account: Address): Promise<bigint> {
    const [code, remaining] = await this.#contract.read.queryRemainGas([account]);
    checkCode(code);
    return remaining;
  }

  grantCharger(account: Address, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.grantCharger([account], options));
  }

  revokeCharger(account: Address, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.revokeCharger([account], options));
  }

  listChargers(): Promise<readonly Address[]> {
    return this.#contract.read.listChargers();
  }
}

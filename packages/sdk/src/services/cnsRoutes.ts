import { type Contract, createContract } from '../contract.js';
import type { Address } from '../hex.js';
import type { Caller, SendOptions, WaitOptions } from '../transaction/requests.js';
import { changes, reads } from './systemAbi.js';
import { changed, type Changed, checkCode, systemAddress } from './systemContract.js';

const ROUTES_ABI = [
  changes('setRoute', ['string', 'string', 'string', 'uint256']),
  changes('setShare', ['string', 'uint256']),
  reads('route', ['string', 'address'], ['address', 'string', 'string']),
  reads('routeOf', ['string'], ['int256', 'string', 'string', 'uint256']),
] as const;

export interface CnsRoute {
  readonly version: string;
  readonly nextVersion: string;
  /** Of a thousand senders, how many get the next version. */
  readonly share: number;
}

/** Which of two versions of a name each sender gets (docs/system-contracts.md, "Routes of names"). Not of 2.x. */
export class CnsRoutes {
  readonly #contract: Contract<typeof ROUTES_ABI>;

  constructor(caller: Caller) {
    this.#contract = createContract(caller, systemAddress(0x2000), ROUTES_ABI);
  }

  set(name: string, route: CnsRoute, options: SendOptions & WaitOptions = {}): Promise<Changed> {
    const { version, nextVersion, share } = route;
    return changed(this.#contract.execute.setRoute([name, version, nextVersion, BigInt(share)], options));
  }

  setShare(name: string, share: number, options: SendOptions & WaitOptions = {}): Promise<Changed> {
    return changed(this.#contract.execute.setShare([name, BigInt(share)], options));
  }

  /** What this sender gets; without a route what was registered last. */
  async resolve(name: string, sender: Address): Promise<{ address: Address; version: string; abi: string }> {
    const [address, version, abi] = await this.#contract.read.route([name, sender]);
    return { address, version, abi };
  }

  /** @throws SdkError -60102 when the name has none */
  async get(name: string): Promise<CnsRoute> {
    const [code, version, nextVersion, share] = await this.#contract.read.routeOf([name]);
    checkCode(code);
    return { version, nextVersion, share: Number(share) };
  }
}

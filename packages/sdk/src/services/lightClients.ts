import { type Contract, createContract } from '../contract.js';
import type { Hash, Hex } from '../hex.js';
import { bareHex, integer, list, mapped, record, text } from '../rpc/reader.js';
import type { Caller, SendOptions, WaitOptions } from '../transaction/requests.js';
import { changes, reads } from './systemAbi.js';
import { changed, type Changed, checkCode, readJsonOf, systemAddress } from './systemContract.js';

const LIGHT_CLIENTS_ABI = [
  changes('register', ['bytes32', 'string', 'string', 'uint256', 'string']),
  changes('reset', ['bytes32', 'uint256', 'string']),
  changes('update', ['bytes32', 'bytes']),
  changes('report', ['bytes32', 'bytes', 'bytes']),
  changes('checkReceipt', ['bytes32', 'bytes']),
  reads('client', ['bytes32'], ['string', 'string', 'uint256', 'uint256', 'bool']),
  reads('clients', [], ['string']),
  reads('sealersAt', ['bytes32', 'uint256'], ['string']),
] as const;

/** How the blocks of a chain are agreed on: what a quorum is depends on it. */
export type ConsensusRule = 'pbft' | 'rpbft' | 'raft';

/** What one chain believes of another without proof. */
export interface ChainAnchor {
  readonly number: number;
  /** Node ids, 128 digits each. */
  readonly sealers: readonly string[];
}

export interface LightClient {
  readonly name: string;
  readonly rule: string;
  /** Height from which the sealers are known that were learnt last. */
  readonly anchorNumber: number;
  /** Height of the highest block that was proven. */
  readonly highestProven: number;
  /** Two blocks of one height were proven: nothing of the chain is believed until the committee resets it. */
  readonly isFrozen: boolean;
}

const clientList = list(
  mapped(
    record({
      chain: bareHex,
      name: text,
      rule: text,
      anchorNumber: integer,
      highestProven: integer,
      frozen: text,
    }),
    ({ chain, frozen, ...rest }): ListedClient => ({ ...rest, chain: `0x${chain}`, isFrozen: frozen === 'true' }),
  ),
);

export interface ListedClient extends LightClient {
  /** Its identity. */
  readonly chain: Hash;
}

type Options = SendOptions & WaitOptions;

/**
 * What this chain knows of others, each by its identity, the hash of its block 0 (docs/interchain.md). Only where
 * `enable_interchain` is on; not of 2.x.
 */
export class LightClients {
  readonly #contract: Contract<typeof LIGHT_CLIENTS_ABI>;

  constructor(caller: Caller) {
    this.#contract = createContract(caller, systemAddress(0x2001), LIGHT_CLIENTS_ABI);
  }

  /** For the committee. The anchor is believed as it is given: read it from nodes that you trust. */
  register(
    chain: Hash,
    { name, rule, anchor }: { readonly name: string; readonly rule: ConsensusRule; readonly anchor: ChainAnchor },
    options: Options = {},
  ): Promise<Changed> {
    const { number, sealers } = anchor;
    return changed(this.#contract.execute.register([chain, name, rule, BigInt(number), sealers.join(',')], options));
  }

  /** For the committee: begins anew at this anchor, and ends that the client is frozen. */
  reset(chain: Hash, { number, sealers }: ChainAnchor, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.reset([chain, BigInt(number), sealers.join(',')], options));
  }

  /** Tells of sealers that followed those known. @param proof of `messageBundleBytes`, with a receipt that names the chain */
  update(chain: Hash, proof: Hex, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.update([chain, proof], options));
  }

  /** Whether `update` would succeed, without a transaction. @throws SdkError with the code it would be refused with */
  async tryUpdate(chain: Hash, proof: Hex): Promise<void> {
    checkCode(await this.#contract.simulate.update([chain, proof]));
  }

  /** Freezes the client by two proven blocks of one height. */
  report(chain: Hash, proof: Hex, otherProof: Hex, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.report([chain, proof, otherProof], options));
  }

  /** Whether this chain believes the receipts of a bundle, without a transaction. @throws SdkError with the code if not */
  async checkReceipt(chain: Hash, bundle: Hex): Promise<void> {
    checkCode(await this.#contract.simulate.checkReceipt([chain, bundle]));
  }

  /** undefined: this chain does not know that one */
  async get(chain: Hash): Promise<LightClient | undefined> {
    const [name, rule, anchorNumber, highestProven, isFrozen] = await this.#contract.read.client([chain]);
    if (rule === '') return undefined;
    return { name, rule, anchorNumber: Number(anchorNumber), highestProven: Number(highestProven), isFrozen };
  }

  async list(): Promise<readonly ListedClient[]> {
    return readJsonOf(await this.#contract.read.clients(), clientList);
  }

  /** Node ids of those that this chain holds for the sealers of a block; empty when it knows none for that height. */
  async sealersAt(chain: Hash, number: number): Promise<readonly string[]> {
    const sealers = await this.#contract.read.sealersAt([chain, BigInt(number)]);
    return sealers === '' ? [] : sealers.split(',');
  }
}

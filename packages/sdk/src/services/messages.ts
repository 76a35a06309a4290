import { type Contract, createContract } from '../contract.js';
import type { Address, Hash, Hex } from '../hex.js';
import type { Receipt } from '../rpc/shapes.js';
import type { Caller, SendOptions, WaitOptions } from '../transaction/requests.js';
import { changes, reads } from './systemAbi.js';
import { changed, type Changed, checkCode, systemAddress } from './systemContract.js';

const MESSAGES_ABI = [
  changes('send', ['bytes32', 'address', 'bytes']),
  changes('mark', []),
  changes('deliver', ['bytes32', 'bytes']),
  changes('retry', ['bytes32', 'uint256', 'bytes']),
  reads('outbox', ['bytes32'], ['uint256']),
  reads('inbox', ['bytes32'], ['uint256', 'uint256']),
  reads('sentAt', ['bytes32', 'uint256'], ['uint256']),
  reads('state', ['bytes32', 'uint256'], ['uint256']),
  {
    type: 'event',
    name: 'Received',
    inputs: [
      { name: 'chain', type: 'bytes32', indexed: true },
      { name: 'sequence', type: 'uint256', indexed: true },
      { name: 'receiver', type: 'address', indexed: true },
      { name: 'success', type: 'bool' },
    ],
  },
] as const;

/** `failed`: taken, but its receiver refused it; it can be tried again. */
export type MessageState = 'unknown' | 'taken' | 'failed';
const STATES: readonly MessageState[] = ['unknown', 'taken', 'failed'];

type Options = SendOptions & WaitOptions;

/**
 * Messages between chains, numbered from 1 for each ordered pair, each taken once and in order (docs/interchain.md). Only
 * where `enable_interchain` is on; not of 2.x.
 */
export class Messages {
  readonly #contract: Contract<typeof MESSAGES_ABI>;

  constructor(caller: Caller) {
    this.#contract = createContract(caller, systemAddress(0x2002), MESSAGES_ABI);
  }

  /** @param chain identity of the chain where it goes, which must be known here. @returns its number; a relay does the rest */
  async send(
    chain: Hash,
    { receiver, payload }: { readonly receiver: Address; readonly payload: Hex },
    options: Options = {},
  ): Promise<{ readonly sequence: bigint; readonly receipt: Receipt }> {
    const { result, receipt } = await this.#contract.execute.send([chain, receiver, payload], options);
    checkCode(result);
    return { sequence: result, receipt };
  }

  /** Lets the block prove of which chain it is, for light clients that must learn of new sealers. */
  mark(options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.mark([], options));
  }

  /** Hands messages over, as relays do. @param bundle of `messageBundleBytes`. @returns as count those not known before */
  deliver(chain: Hash, bundle: Hex, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.deliver([chain, bundle], options));
  }

  /** Gives a message that failed to its receiver again. @returns a count of 0 when it failed once more */
  retry(chain: Hash, sequence: bigint, bundle: Hex, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.retry([chain, sequence, bundle], options));
  }

  /** Number of the last message sent to a chain; 0: none. */
  async lastSent(chain: Hash): Promise<bigint> {
    return this.#contract.read.outbox([chain]);
  }

  /** Number of the last message taken from a chain, and how many of them failed. */
  async inbox(chain: Hash): Promise<{ readonly lastTaken: bigint; readonly failed: bigint }> {
    const [lastTaken, failed] = await this.#contract.read.inbox([chain]);
    return { lastTaken, failed };
  }

  /** The block that holds a message sent to a chain; undefined: there is no such message. */
  async sentAt(chain: Hash, sequence: bigint): Promise<number | undefined> {
    const number = Number(await this.#contract.read.sentAt([chain, sequence]));
    return number === 0 ? undefined : number;
  }

  /** What became of a message from a chain. */
  async stateOf(chain: Hash, sequence: bigint): Promise<MessageState> {
    return STATES[Number(await this.#contract.read.state([chain, sequence]))] ?? 'unknown';
  }

  /** Of messages that arrived: `find`, `watch`, `decode`. */
  get received() {
    return this.#contract.events.Received;
  }
}

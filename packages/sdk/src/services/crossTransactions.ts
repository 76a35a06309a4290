import { type Contract, createContract } from '../contract.js';
import type { Address, Hash, Hex } from '../hex.js';
import { PLATFORM_PORTS, type Ports, sleep } from '../ports.js';
import type { Receipt } from '../rpc/shapes.js';
import { SdkError, sdkError } from '../sdkError.js';
import type { Caller, SendOptions, WaitOptions } from '../transaction/requests.js';
import { changes, reads } from './systemAbi.js';
import { changed, type Changed, systemAddress } from './systemContract.js';

const CROSS_ABI = [
  {
    type: 'function',
    name: 'begin',
    inputs: [
      { name: 'chain', type: 'bytes32' },
      { name: 'participant', type: 'address' },
      { name: 'remoteParticipant', type: 'address' },
      { name: 'data', type: 'bytes' },
      { name: 'timeoutBlocks', type: 'uint256' },
    ],
    outputs: [{ name: 'id', type: 'bytes32' }],
    stateMutability: 'nonpayable',
  },
  changes('cancel', ['bytes32']),
  changes('finish', ['bytes32']),
  reads('transaction', ['bytes32'], ['uint256', 'bytes32', 'address', 'address', 'address', 'uint256']),
  {
    type: 'event',
    name: 'TransactionChanged',
    inputs: [
      { name: 'id', type: 'bytes32', indexed: true },
      { name: 'state', type: 'uint256' },
    ],
  },
] as const;

/** In the order of their numbers (docs/cross-transactions.md, "States"). */
const STATES = [
  'unknown',
  'preparing',
  'ready',
  'refused',
  'confirming',
  'confirmed',
  'cancelling',
  'cancelled',
] as const;
export type CrossState = (typeof STATES)[number];

/** How long `follow` waits for the end, and how often it looks, if not said. */
const FOLLOW_TIMEOUT_MS = 600_000;
const FOLLOW_POLL_MS = 1_000;

/** Refusals of `cancel` and `finish` that say that somebody else was faster, or that it is to be tried later. */
const HARMLESS: ReadonlySet<unknown> = new Set([-60500, -60501, -60502, -60504, -60505]);

export interface CrossRequest {
  /** Identity of the other chain, which must be known here. */
  readonly chain: Hash;
  /** Here: what holds and gives. */
  readonly participant: Address;
  /** There: what takes. */
  readonly remoteParticipant: Address;
  /** For the participant here: of Balances and CrossToken the ABI of address and amount. */
  readonly data: Hex;
  /** Blocks of this chain after which it can be cancelled. */
  readonly timeoutBlocks: number;
}

export interface CrossTransaction {
  readonly state: CrossState;
  /** Identity of the other chain. */
  readonly chain: Hash;
  readonly participant: Address;
  readonly remoteParticipant: Address;
  /** Who began it; zero on the other chain. */
  readonly initiator: Address;
  /** The block from which it can be cancelled; 0 on the other chain. */
  readonly deadlineBlock: number;
}

/** How far a transaction is on both chains. */
export interface CrossProgress {
  readonly id: Hash;
  readonly source: CrossState;
  readonly target: CrossState;
}

export interface FollowOptions {
  /**
   * Whether it cancels after the time-out and finishes what participants could not do; true if not said. On a chain whose client has
   * no account it only looks.
   */
  readonly acts?: boolean;
  readonly timeoutMs?: number;
  readonly pollMs?: number;
  readonly ports?: Ports;
}

type Options = SendOptions & WaitOptions;

/** Transactions over two chains that happen on both or on none (docs/cross-transactions.md). Not of 2.x. */
export class CrossTransactions {
  readonly #caller: Pick<Caller, 'account' | 'getBlockNumber'>;
  readonly #contract: Contract<typeof CROSS_ABI>;

  constructor(caller: Caller) {
    this.#caller = caller;
    this.#contract = createContract(caller, systemAddress(0x2004), CROSS_ABI);
  }

  /** Holds here and asks there; a relay does the rest. @throws ExecutionError with the reason of the participant */
  async begin(request: CrossRequest, options: Options = {}): Promise<{ readonly id: Hash; readonly receipt: Receipt }> {
    const { chain, participant, remoteParticipant, data, timeoutBlocks } = request;
    const args = [chain, participant, remoteParticipant, data, BigInt(timeoutBlocks)] as const;
    const { result, receipt } = await this.#contract.execute.begin(args, options);
    return { id: result, receipt };
  }

  /** What this chain knows; state `unknown` where it does not. */
  async get(id: Hash): Promise<CrossTransaction> {
    const [state, chain, participant, remoteParticipant, initiator, deadline] = await this.#contract.read.transaction([
      id,
    ]);
    const name = STATES[Number(state)];
    if (name === undefined) {
      throw sdkError('BadAnswer', `0x2004 answered a state ${state}`, 'see the version of the chain');
    }
    return { state: name, chain, participant, remoteParticipant, initiator, deadlineBlock: Number(deadline) };
  }

  /** On the chain that began it, after the time-out. @throws SdkError -60501 before, -60502 when it is decided */
  cancel(id: Hash, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.cancel([id], options));
  }

  /** Asks a participant again that could not do what is decided. @throws SdkError -60505 when it failed again */
  finish(id: Hash, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.finish([id], options));
  }

  /**
   * Begins here and shows every change on both chains until both have ended. Leaving the loop leaves the transaction to others.
   * @throws SdkError `Timeout`: it may still end
   */
  async *run(
    target: CrossTransactions,
    request: CrossRequest,
    options: FollowOptions = {},
  ): AsyncGenerator<CrossProgress, CrossProgress> {
    const { id } = await this.begin(request);
    return yield* this.follow(target, id, options);
  }

  /** As `run`, for a transaction that was begun here before, by anybody. @returns how it ended */
  async *follow(
    target: CrossTransactions,
    id: Hash,
    options: FollowOptions = {},
  ): AsyncGenerator<CrossProgress, CrossProgress> {
    const { acts = true, timeoutMs = FOLLOW_TIMEOUT_MS, pollMs = FOLLOW_POLL_MS, ports = PLATFORM_PORTS } = options;
    const deadlineMs = ports.nowMs() + timeoutMs;
    let shown: CrossProgress | undefined;
    for (;;) {
      const [here, there] = await Promise.all([this.get(id), target.get(id)]);
      const progress: CrossProgress = { id, source: here.state, target: there.state };
      if (shown?.source !== progress.source || shown.target !== progress.target) yield progress;
      shown = progress;
      if (isEnded(progress)) return progress;
      if (ports.nowMs() >= deadlineMs) {
        const problem = `transaction ${id} is ${here.state} here and ${there.state} there after ${timeoutMs} ms`;
        throw sdkError('Timeout', problem, 'follow it again; see that a relay runs between the chains');
      }
      if (acts) await Promise.all([this.#help(id, here), target.#help(id, there)]);
      await sleep(ports, pollMs);
    }
  }

  /** Does what anybody may do to bring it to its end. */
  async #help(id: Hash, { state, deadlineBlock }: CrossTransaction): Promise<void> {
    if (this.#caller.account === undefined) return;
    if (state === 'confirming' || state === 'cancelling') await harmless(this.finish(id));
    if (state !== 'preparing') return;
    // The next block is the one that may hold it.
    if ((await this.#caller.getBlockNumber()) + 1 >= deadlineBlock) await harmless(this.cancel(id));
  }
}

function isEnded({ source, target }: CrossProgress): boolean {
  if (source === 'confirmed') return target === 'confirmed';
  return source === 'cancelled' && (target === 'cancelled' || target === 'refused');
}

async function harmless(done: Promise<unknown>): Promise<void> {
  try {
    await done;
  } catch (error) {
    if (!(error instanceof SdkError) || !HARMLESS.has(error.code)) throw error;
  }
}

import type { Address } from '@menglian/types/address';
import type { SignedTransaction } from '@menglian/types/transaction';
import { CALL_KINDS_MAX } from './limits.js';
import type { Plan } from './plan.js';

/**
 * What it costs to hand a transaction to a worker and to merge what comes back, on both threads together, and what of it the
 * group's thread alone can do. Measured on two cores that the three threads share (packages/executor/bench/parallel.mjs).
 */
const HAND_OVER_MICROS = 100;
const MERGE_MICROS = 30;

/** Calls cheaper than this run on the group's thread, however many workers there are: to merge them costs as much. */
const SPECULATIVE_MICROS_MIN = 2 * MERGE_MICROS;

/** A block below this is over before workers have woken up. */
const BLOCK_MICROS_MIN = 2_000;

/** What must be gained, as a share of serial time, for what estimates do not see. */
const GAIN_MIN = 0.15;

/** Share of a kind's tries that may end in a conflict: each costs its time twice. */
const CONFLICTS_MAX = 0.4;

/** Where transactions hardly meet, nothing is lost by settling them late, and each time the group's thread wakes up costs. */
const LEAD_MAX = 64;
const CONFLICTS_FEW = 0.02;

/** Weight of the newest measurement. */
const NEWEST = 1 / 8;
/** Kinds that are not tried are measured in order, and tried again after so many calls, for they may have changed. */
const RETRY_AFTER_CALLS = 2_000;

interface Kind {
  micros: number;
  /** Share of tries that ended in a conflict. */
  conflicts: number;
  callsSinceTry: number;
}

const DEPLOYMENT: Address = 'deployment';

/**
 * What calls cost here, learnt from those that ran: by contract and function. It says which are worth a worker, and whether
 * a block is worth the workers. It never decides a result.
 */
export class Costs {
  #kinds = new Map<Address, Map<number, Kind>>();
  #size = 0;
  /** Share of the latest tries of all kinds that ended in a conflict. */
  #conflicts = 0;

  /** How many outcomes may wait to be settled: few where transactions meet, for those after them should see what they did. */
  get lead(): number {
    return this.#conflicts > CONFLICTS_FEW ? 0 : LEAD_MAX;
  }

  /** A call took so long. A thread that was made to wait for the machine took longer, so no single call counts for much. */
  note(transaction: SignedTransaction, micros: number): void {
    const kind = this.#find(transaction);
    if (kind === undefined) this.#add(transaction, micros);
    else kind.micros += (Math.min(micros, 2 * kind.micros + 10) - kind.micros) * NEWEST;
  }

  /** A worker's try counted, or met a conflict. */
  noteTry(transaction: SignedTransaction, hadConflict: boolean): void {
    this.#conflicts += ((hadConflict ? 1 : 0) - this.#conflicts) / 100;
    const kind = this.#find(transaction);
    if (kind === undefined) return;
    kind.conflicts += ((hadConflict ? 1 : 0) - kind.conflicts) * NEWEST;
    kind.callsSinceTry = 0;
  }

  /** Whether to try it on a worker. Unknown calls run in order first. */
  isWorthIt(transaction: SignedTransaction): boolean {
    const kind = this.#find(transaction);
    if (kind === undefined || kind.micros < SPECULATIVE_MICROS_MIN) return false;
    if (kind.conflicts <= CONFLICTS_MAX) return true;
    kind.callsSinceTry += 1;
    return kind.callsSinceTry > RETRY_AFTER_CALLS;
  }

  /** Whether the block would be faster with so many workers. */
  isBlockWorthIt(transactions: readonly SignedTransaction[], plan: Plan, workers: number): boolean {
    /** When each transaction would be settled if there were workers without end. */
    const chains: number[] = [];
    let [serial, handedOver, settling, inOrder, longest] = [0, 0, 0, 0, 0];
    for (const [i, { isSpeculative, predecessor }] of plan.entries()) {
      const micros = this.#find(transactions[i]!)?.micros ?? 0;
      serial += micros;
      if (isSpeculative) {
        handedOver += micros + HAND_OVER_MICROS;
        settling += MERGE_MICROS;
      } else inOrder += micros;
      const chain = (predecessor < 0 ? 0 : chains[predecessor]!) + micros;
      chains.push(chain);
      if (chain > longest) longest = chain;
    }
    const parallel = Math.max((handedOver + inOrder) / workers, longest, settling + inOrder);
    return handedOver >= BLOCK_MICROS_MIN && parallel < (1 - GAIN_MIN) * serial;
  }

  #find({ to, data }: SignedTransaction): Kind | undefined {
    return this.#kinds.get(to ?? DEPLOYMENT)?.get(selectorOf(data));
  }

  #add({ to, data }: SignedTransaction, micros: number): void {
    if (this.#size >= CALL_KINDS_MAX) {
      this.#kinds = new Map();
      this.#size = 0;
    }
    this.#size += 1;
    const address = to ?? DEPLOYMENT;
    let functions = this.#kinds.get(address);
    if (functions === undefined) {
      functions = new Map();
      this.#kinds.set(address, functions);
    }
    functions.set(selectorOf(data), { micros, conflicts: 0, callsSinceTry: 0 });
  }
}

/** Of what is shorter than a selector the length: it is negative. */
function selectorOf(data: Uint8Array): number {
  if (data.length < 4) return -1 - data.length;
  return ((data[0]! << 24) | (data[1]! << 16) | (data[2]! << 8) | data[3]!) >>> 0;
}

import type { SeededRandom } from '@menglian/base/seededRandom';
import type { SimulatedBlock } from './chain.js';
import type { NetworkOptions } from './options.js';
import type { Scheduler } from './scheduler.js';

export type Deliver = (from: number, to: number, packet: Packet) => void;

/** What travels: consensus messages, and the block sync of the host. */
export type Packet =
  | { readonly kind: 'consensus'; readonly payload: Uint8Array }
  | { readonly kind: 'blockRequest'; readonly fromHeight: number }
  | { readonly kind: 'blocks'; readonly blocks: readonly SimulatedBlock[] }
  | { readonly kind: 'status'; readonly height: number };

/** Stands for block sync where kinds of consensus messages are named by their codes. */
export const BLOCK_SYNC_CODE = 0;

/** Links between replicas: they lose, delay, reorder, duplicate and may be cut in one direction. */
export class SimulatedNetwork {
  readonly #random: SeededRandom;
  readonly #scheduler: Scheduler;
  readonly #deliver: Deliver;
  readonly #cutLinks = new Set<string>();
  #options: NetworkOptions;
  /** Consensus messages of these kinds do not reach these replicas. */
  #jammed: { readonly codes: ReadonlySet<number>; readonly receivers: ReadonlySet<number> } | undefined = undefined;

  constructor(random: SeededRandom, scheduler: Scheduler, options: NetworkOptions, deliver: Deliver) {
    this.#random = random;
    this.#scheduler = scheduler;
    this.#options = options;
    this.#deliver = deliver;
  }

  send(from: number, to: number, packet: Packet): void {
    if (this.isCut(from, to) || this.#isJammed(to, packet) || this.#random.chance(this.#options.lossPercent)) return;
    const copies = this.#random.chance(this.#options.duplicatePercent) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      this.#scheduler.after(this.#delayMs(), () => {
        if (!this.isCut(from, to)) this.#deliver(from, to, packet);
      });
    }
  }

  isCut(from: number, to: number): boolean {
    return this.#cutLinks.has(`${from}>${to}`);
  }

  cut(from: number, to: number): void {
    this.#cutLinks.add(`${from}>${to}`);
  }

  /**
   * An adversary on the wire that knows the protocol: some phases never reach some replicas. Random loss alone almost
   * never leaves a certificate with a single replica, and that is where view changes go wrong.
   */
  jam(codes: readonly number[], receivers: readonly number[]): void {
    this.#jammed = { codes: new Set(codes), receivers: new Set(receivers) };
  }

  #isJammed(to: number, packet: Packet): boolean {
    if (this.#jammed === undefined || !this.#jammed.receivers.has(to)) return false;
    const code = packet.kind === 'consensus' ? packet.payload[1] : BLOCK_SYNC_CODE;
    return code !== undefined && this.#jammed.codes.has(code);
  }

  /** Every link works from now on, without loss and with short delays. */
  heal(): void {
    this.#cutLinks.clear();
    this.#jammed = undefined;
    this.#options = { lossPercent: 0, duplicatePercent: 0, minimumDelayMs: 1, meanDelayMs: 2 };
  }

  mend(): void {
    this.#cutLinks.clear();
  }

  #delayMs(): number {
    const { minimumDelayMs, meanDelayMs } = this.#options;
    // Inverse of the exponential distribution, capped: no message is older than twenty means.
    const uniform = (this.#random.below(1_000_000) + 1) / 1_000_001;
    return minimumDelayMs + Math.floor(Math.min(20, -Math.log(uniform)) * meanDelayMs);
  }
}

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

/** Old messages kept to be sent again. */
const REMEMBERED_PACKETS = 48;

/** No message is older than so many means, except those of the heavy tail. */
const LONGEST_DELAY_MEANS = 20;

const HEAVY_TAIL_FACTOR = 60;

interface Remembered {
  readonly from: number;
  readonly to: number;
  readonly packet: Packet;
}

/** Links between replicas: they lose, delay, reorder, duplicate, repeat, damage and may be cut in one direction. */
export class SimulatedNetwork {
  readonly #random: SeededRandom;
  readonly #scheduler: Scheduler;
  readonly #deliver: Deliver;
  readonly #count: number;
  /** By `from * count + to`. What is cut for one reason may be cut for another as well. */
  readonly #cuts: Uint8Array;
  /** Cuts that belong to what a replica is, not to bad luck: between twins. `mend` leaves them. */
  readonly #permanentCuts: Uint8Array;
  /** Percent of the usual delay, by link. */
  readonly #slowness: Uint16Array;
  readonly #remembered: Remembered[] = [];
  /** Whether bytes may arrive changed: links that authenticate never let that happen, engines must bear it. */
  readonly mayFlipBits: boolean;
  #options: NetworkOptions;
  /** Consensus messages of these kinds do not reach these replicas. */
  #jammed: { readonly codes: ReadonlySet<number>; readonly receivers: ReadonlySet<number> } | undefined = undefined;
  sentBytes = 0;

  constructor(
    random: SeededRandom,
    scheduler: Scheduler,
    options: NetworkOptions,
    setting: { readonly count: number; readonly mayFlipBits: boolean },
    deliver: Deliver,
  ) {
    this.#random = random;
    this.#scheduler = scheduler;
    this.#options = options;
    this.#count = setting.count;
    this.mayFlipBits = setting.mayFlipBits;
    this.#deliver = deliver;
    this.#cuts = new Uint8Array(setting.count * setting.count);
    this.#permanentCuts = new Uint8Array(setting.count * setting.count);
    this.#slowness = new Uint16Array(setting.count * setting.count).fill(100);
  }

  send(from: number, to: number, packet: Packet): void {
    if (packet.kind === 'consensus') this.sentBytes += packet.payload.length;
    if (this.isCut(from, to) || (this.#jammed !== undefined && this.#isJammed(to, packet))) return;
    const { lossPercent, duplicatePercent, replayPercent, damagePercent } = this.#options;
    if (lossPercent > 0 && this.#random.chance(lossPercent)) return;
    if (replayPercent > 0) this.#rememberAndReplay({ from, to, packet });
    const isDamaged = damagePercent > 0 && this.#random.chance(damagePercent);
    this.#arrive(from, to, isDamaged ? this.#damaged(packet) : packet);
    if (duplicatePercent > 0 && this.#random.chance(duplicatePercent)) this.#arrive(from, to, packet);
  }

  #arrive(from: number, to: number, packet: Packet): void {
    this.#scheduler.after(this.#delayMs(from, to), () => {
      if (!this.isCut(from, to)) this.#deliver(from, to, packet);
    });
  }

  isCut(from: number, to: number): boolean {
    const link = from * this.#count + to;
    return this.#cuts[link] === 1 || this.#permanentCuts[link] === 1;
  }

  cut(from: number, to: number): void {
    this.#cuts[from * this.#count + to] = 1;
  }

  mendLink(from: number, to: number): void {
    this.#cuts[from * this.#count + to] = 0;
  }

  setPermanentCut(from: number, to: number, isCut: boolean): void {
    this.#permanentCuts[from * this.#count + to] = isCut ? 1 : 0;
  }

  slow(from: number, to: number, percent: number): void {
    this.#slowness[from * this.#count + to] = percent;
  }

  /**
   * An adversary on the wire that knows the protocol: some phases never reach some replicas. Random loss alone almost
   * never leaves a certificate with a single replica, and that is where view changes go wrong.
   */
  jam(codes: readonly number[], receivers: readonly number[]): void {
    this.#jammed = codes.length === 0 ? undefined : { codes: new Set(codes), receivers: new Set(receivers) };
  }

  /** Every link works from now on, without loss and with short delays. */
  heal(): void {
    this.mend();
    this.#jammed = undefined;
    this.#slowness.fill(100);
    this.#remembered.length = 0;
    this.#options = {
      lossPercent: 0,
      duplicatePercent: 0,
      replayPercent: 0,
      damagePercent: 0,
      heavyTailPercent: 0,
      minimumDelayMs: 1,
      meanDelayMs: 2,
    };
  }

  mend(): void {
    this.#cuts.fill(0);
  }

  #isJammed(to: number, packet: Packet): boolean {
    if (this.#jammed === undefined || !this.#jammed.receivers.has(to)) return false;
    const code = packet.kind === 'consensus' ? packet.payload[1] : BLOCK_SYNC_CODE;
    return code !== undefined && this.#jammed.codes.has(code);
  }

  /** Old messages arrive again, whatever has happened since: other views, other heights, other lives. */
  #rememberAndReplay(sent: Remembered): void {
    const random = this.#random;
    if (this.#remembered.length < REMEMBERED_PACKETS) this.#remembered.push(sent);
    else if (random.chance(10)) this.#remembered[random.below(REMEMBERED_PACKETS)] = sent;
    if (!random.chance(this.#options.replayPercent)) return;
    const { from, to, packet } = random.pick(this.#remembered);
    this.#arrive(from, to, packet);
  }

  #damaged(packet: Packet): Packet {
    if (packet.kind !== 'consensus') return packet;
    const { payload } = packet;
    if (!this.mayFlipBits || this.#random.chance(50)) {
      return { kind: 'consensus', payload: payload.slice(0, this.#random.below(payload.length)) };
    }
    const flipped = payload.slice();
    const at = this.#random.below(flipped.length);
    flipped[at] = flipped[at]! ^ (1 << this.#random.below(8));
    return { kind: 'consensus', payload: flipped };
  }

  #delayMs(from: number, to: number): number {
    const { minimumDelayMs, meanDelayMs, heavyTailPercent } = this.#options;
    if (meanDelayMs === 0) return minimumDelayMs;
    // Inverse of the exponential distribution.
    const uniform = (this.#random.below(1_000_000) + 1) / 1_000_001;
    let means = Math.min(LONGEST_DELAY_MEANS, -Math.log(uniform));
    if (heavyTailPercent > 0 && this.#random.chance(heavyTailPercent)) means *= HEAVY_TAIL_FACTOR;
    const slowness = this.#slowness[from * this.#count + to]!;
    return minimumDelayMs + Math.floor((means * meanDelayMs * slowness) / 100);
  }
}

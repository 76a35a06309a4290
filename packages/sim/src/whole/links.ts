import type { SeededRandom } from '@menglian/base/seededRandom';
import type { Plane } from '@menglian/node/group/threadProtocol';
import type { VirtualTime } from './virtualTime.js';

export interface LinkQuality {
  readonly lossPercent: number;
  readonly duplicatePercent: number;
  readonly minimumDelayMs: number;
  /** Mean of the exponential part of the delay: what makes messages overtake each other. */
  readonly meanDelayMs: number;
  /** True: what is sent on a plane arrives in order, as on one connection. */
  readonly isOrdered: boolean;
  /** What a node can send in a millisecond; 0 for no bound. */
  readonly bytesPerMs: number;
  /** How often a message of the past comes once more, late. */
  readonly replayPercent: number;
}

export const GOOD_LINKS: LinkQuality = {
  lossPercent: 0,
  duplicatePercent: 0,
  minimumDelayMs: 1,
  meanDelayMs: 2,
  isOrdered: true,
  bytesPerMs: 0,
  replayPercent: 0,
};

export interface Packet {
  readonly from: number;
  readonly to: number;
  readonly plane: Plane;
  readonly payload: Uint8Array;
}

/** Messages remembered for replays. */
const PAST_MAX = 200;
/** Charged for each message beside its payload when bandwidth is bounded. */
const OVERHEAD_BYTES = 60;

/** Links between all nodes: they lose, delay, reorder, duplicate and repeat, and may be cut in one direction. */
export class Links {
  readonly #random: SeededRandom;
  readonly #time: VirtualTime;
  readonly #deliver: (packet: Packet) => void;
  readonly #cut = new Set<string>();
  readonly #freeAtMs = new Map<number, number>();
  readonly #lastArrivalMs = new Map<string, number>();
  readonly #past: Packet[] = [];
  quality: LinkQuality;

  constructor(time: VirtualTime, random: SeededRandom, quality: LinkQuality, deliver: (packet: Packet) => void) {
    this.#time = time;
    this.#random = random;
    this.quality = quality;
    this.#deliver = deliver;
  }

  send(packet: Packet): void {
    const { random, quality } = { random: this.#random, quality: this.quality };
    if (this.isCut(packet.from, packet.to)) return;
    const waitMs = this.#queueMs(packet);
    if (random.chance(quality.lossPercent)) return;
    const copies = random.chance(quality.duplicatePercent) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) this.#arrive(packet, waitMs + this.#delayMs());
    if (quality.replayPercent === 0) return;
    if (this.#past.length > 0 && random.chance(quality.replayPercent)) {
      this.#arrive(random.pick(this.#past), waitMs + random.below(10_000));
    }
    if (this.#past.length < PAST_MAX) this.#past.push(packet);
    else this.#past[random.below(PAST_MAX)] = packet;
  }

  isCut(from: number, to: number): boolean {
    return this.#cut.has(`${from}>${to}`);
  }

  cut(from: number, to: number): void {
    this.#cut.add(`${from}>${to}`);
  }

  /** Every link works again; how well is another matter. */
  mend(): void {
    this.#cut.clear();
  }

  #arrive(packet: Packet, delayMs: number): void {
    let arrivalMs = this.#time.nowMs + delayMs;
    if (this.quality.isOrdered) {
      const line = `${packet.from}>${packet.to}/${packet.plane}`;
      arrivalMs = Math.max(arrivalMs, this.#lastArrivalMs.get(line) ?? 0);
      this.#lastArrivalMs.set(line, arrivalMs);
    }
    this.#time.after(arrivalMs - this.#time.nowMs, () => {
      if (!this.isCut(packet.from, packet.to)) this.#deliver(packet);
    });
  }

  #queueMs({ from, payload }: Packet): number {
    const { bytesPerMs } = this.quality;
    if (bytesPerMs === 0) return 0;
    const { nowMs } = this.#time;
    const freeAtMs = Math.max(nowMs, this.#freeAtMs.get(from) ?? 0);
    const doneMs = freeAtMs + (payload.length + OVERHEAD_BYTES) / bytesPerMs;
    this.#freeAtMs.set(from, doneMs);
    return Math.floor(doneMs - nowMs);
  }

  #delayMs(): number {
    const { minimumDelayMs, meanDelayMs } = this.quality;
    // Inverse of the exponential distribution, capped: no message is older than twenty means.
    const uniform = (this.#random.below(1_000_000) + 1) / 1_000_001;
    return minimumDelayMs + Math.floor(Math.min(20, -Math.log(uniform)) * meanDelayMs);
  }
}

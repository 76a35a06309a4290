import type { SeededRandom } from '@menglian/base/seededRandom';
import type { Plane } from '@menglian/node/group/threadProtocol';
import type { Packet } from './links.js';

const PLANES: readonly Plane[] = ['consensus', 'sync', 'transactions'];
/** Messages of all nodes that hostile ones remember, to bend and to send again. */
const MEMORY_MAX = 300;
const LYING_HEIGHTS = [1_000, 2 ** 40, 2 ** 53 - 1];

/**
 * What a hostile node makes of the messages that its host wants to send: on all planes it cuts them off, flips bits, repeats
 * old ones of anybody, sends them on the wrong plane, keeps them back, or says that its chain is endless. Signatures it has
 * none but its own, so that this is a node gone wrong or wicked, and not one that holds the keys of others.
 */
export class HostileWire {
  readonly #random: SeededRandom;
  readonly #memory: Packet[] = [];

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** Listens to anything that anybody sends. */
  overhear(packet: Packet): void {
    if (this.#memory.length < MEMORY_MAX) this.#memory.push(packet);
    else if (this.#random.chance(10)) this.#memory[this.#random.below(MEMORY_MAX)] = packet;
  }

  /** What is sent in place of that packet. */
  bend(packet: Packet): Packet[] {
    const random = this.#random;
    const also = (payload: Uint8Array, plane = packet.plane): Packet[] => [packet, { ...packet, plane, payload }];
    switch (random.below(12)) {
      case 0:
        return [];
      case 1:
        return [{ ...packet, payload: flipped(random, packet.payload) }];
      case 2:
        return also(flipped(random, packet.payload));
      case 3:
        return also(packet.payload.slice(0, random.below(packet.payload.length + 1)));
      case 4:
        return also(random.bytes(random.below(200)));
      case 5:
        return also(packet.payload, random.pick(PLANES));
      case 6:
      case 7: {
        const old = this.#memory.length > 0 ? random.pick(this.#memory) : packet;
        return also(random.chance(30) ? flipped(random, old.payload) : old.payload, old.plane);
      }
      case 8:
        return also(this.#lyingStatus(), 'sync');
      default:
        return [packet];
    }
  }

  /** A status that somebody sent, with another height in it. */
  #lyingStatus(): Uint8Array {
    const statuses = this.#memory.filter(({ plane, payload }) => plane === 'sync' && payload[1] === 0);
    if (statuses.length === 0) return this.#random.bytes(74);
    const payload = this.#random.pick(statuses).payload.slice();
    new DataView(payload.buffer).setBigUint64(2, BigInt(this.#random.pick(LYING_HEIGHTS)));
    return payload;
  }
}

function flipped(random: SeededRandom, payload: Uint8Array): Uint8Array {
  const bytes = payload.slice();
  if (bytes.length === 0) return bytes;
  for (let flips = 1 + random.below(3); flips > 0; flips--) {
    const position = random.below(bytes.length);
    bytes[position] = bytes[position]! ^ (1 << random.below(8));
  }
  return bytes;
}

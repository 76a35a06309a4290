import { concatBytes } from '@menglian/base/bytes';
import type { SeededRandom } from '@menglian/base/seededRandom';

/** Bytes that decoders treat as boundaries: prefixes and lengths of RLP, ends of ranges. */
const EDGES = [0x00, 0x01, 0x37, 0x38, 0x7f, 0x80, 0x81, 0xb7, 0xb8, 0xbf, 0xc0, 0xc1, 0xf7, 0xf8, 0xfb, 0xff];

type Mutation = (random: SeededRandom, bytes: Uint8Array, other: Uint8Array) => Uint8Array;

function at(random: SeededRandom, bytes: Uint8Array): number {
  return random.below(Math.max(1, bytes.length));
}

const MUTATIONS: readonly Mutation[] = [
  function flipBit(random, bytes) {
    const mutated = bytes.slice();
    if (mutated.length > 0) mutated[at(random, mutated)]! ^= 1 << random.below(8);
    return mutated;
  },
  function setEdge(random, bytes) {
    const mutated = bytes.slice();
    if (mutated.length > 0) mutated[at(random, mutated)] = random.pick(EDGES);
    return mutated;
  },
  function truncate(random, bytes) {
    return bytes.slice(0, at(random, bytes));
  },
  function append(random, bytes) {
    return concatBytes(bytes, random.bytes(1 + random.below(8)));
  },
  function insert(random, bytes) {
    const place = at(random, bytes);
    return concatBytes(bytes.subarray(0, place), random.bytes(1 + random.below(4)), bytes.subarray(place));
  },
  function remove(random, bytes) {
    const place = at(random, bytes);
    return concatBytes(bytes.subarray(0, place), bytes.subarray(place + 1 + random.below(4)));
  },
  /** Lengths of RLP and of our layouts stand as one to four bytes: change them by little, or to something huge. */
  function editLength(random, bytes) {
    const mutated = bytes.slice();
    const place = at(random, mutated);
    const width = 1 + random.below(4);
    if (random.chance(50)) mutated.fill(random.pick([0x00, 0xff]), place, place + width);
    else if (place < mutated.length) mutated[place]! += random.pick([1, -1, 32, -32]);
    return mutated;
  },
  function duplicate(random, bytes) {
    const place = at(random, bytes);
    const end = place + random.below(64);
    return concatBytes(bytes.subarray(0, end), bytes.subarray(place));
  },
  function splice(random, bytes, other) {
    return concatBytes(bytes.subarray(0, at(random, bytes)), other.subarray(at(random, other)));
  },
];

/** One of `samples` with one to three mutations, now and then noise. Nothing of the samples is changed. */
export function mutate(random: SeededRandom, samples: readonly Uint8Array[]): Uint8Array {
  if (random.chance(2)) return random.bytes(random.below(200));
  let bytes = random.pick(samples);
  for (let count = 1 + random.below(3); count > 0; count--) {
    bytes = random.pick(MUTATIONS)(random, bytes, random.pick(samples));
  }
  return bytes;
}

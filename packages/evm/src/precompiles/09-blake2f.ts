import type { BuiltIn } from './builtIn.js';

/** The compression function F of BLAKE2b: EIP-152, RFC 7693 section 3.2. One gas per round. */

const INPUT_BYTES = 213;
const STATE_OFFSET = 4;
const MESSAGE_OFFSET = 68;
const COUNTER_OFFSET = 196;
const FINAL_OFFSET = 212;
const WORK_PER_ROUND = 60;

/** RFC 7693 section 2.6; 64-bit words as [low, high] halves, here and below. */
const INITIAL = Uint32Array.of(
  0xf3bcc908,
  0x6a09e667,
  0x84caa73b,
  0xbb67ae85,
  0xfe94f82b,
  0x3c6ef372,
  0x5f1d36f1,
  0xa54ff53a,
  0xade682d1,
  0x510e527f,
  0x2b3e6c1f,
  0x9b05688c,
  0xfb41bd6b,
  0x1f83d9ab,
  0x137e2179,
  0x5be0cd19,
);

/** RFC 7693 section 2.7 */
const SCHEDULE = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
] as const;

export const blake2Compression: BuiltIn = {
  name: 'blake2f',
  gas: roundsOf,
  work: (input) => WORK_PER_ROUND * roundsOf(input),
  run(input) {
    if (input.length !== INPUT_BYTES || input[FINAL_OFFSET]! > 1) return undefined;
    return compress(input, roundsOf(input), input[FINAL_OFFSET] === 1);
  },
};

/** Priced even where the length is wrong, as 2.x does: fewer than four bytes are a shorter number. */
function roundsOf(input: Uint8Array): number {
  let rounds = 0;
  for (const byte of input.subarray(0, 4)) rounds = rounds * 256 + byte;
  return rounds;
}

function compress(input: Uint8Array, rounds: number, isFinal: boolean): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const state = readHalves(view, STATE_OFFSET, 16);
  const message = readHalves(view, MESSAGE_OFFSET, 32);
  const counter = readHalves(view, COUNTER_OFFSET, 4);
  const work = new Uint32Array(32);
  work.set(state);
  work.set(INITIAL, 16);
  for (let i = 0; i < 4; i++) work[24 + i]! ^= counter[i]!;
  if (isFinal) {
    work[28] = ~work[28]!;
    work[29] = ~work[29]!;
  }
  for (let round = 0; round < rounds; round++) {
    const order = SCHEDULE[round % 10]!;
    mix(work, message, 0, 8, 16, 24, order[0], order[1]);
    mix(work, message, 2, 10, 18, 26, order[2], order[3]);
    mix(work, message, 4, 12, 20, 28, order[4], order[5]);
    mix(work, message, 6, 14, 22, 30, order[6], order[7]);
    mix(work, message, 0, 10, 20, 30, order[8], order[9]);
    mix(work, message, 2, 12, 22, 24, order[10], order[11]);
    mix(work, message, 4, 14, 16, 26, order[12], order[13]);
    mix(work, message, 6, 8, 18, 28, order[14], order[15]);
  }
  const output = new DataView(new ArrayBuffer(64));
  for (let i = 0; i < 16; i++) output.setUint32(4 * i, state[i]! ^ work[i]! ^ work[i + 16]!, true);
  return new Uint8Array(output.buffer);
}

function readHalves(view: DataView, offset: number, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => view.getUint32(offset + 4 * i, true));
}

/** The function G of RFC 7693 section 3.1 on the words at indexes a, b, c and d with the message words x and y. */
function mix(
  work: Uint32Array,
  message: Uint32Array,
  a: number,
  b: number,
  c: number,
  d: number,
  x: number,
  y: number,
): void {
  addTo(work, a, work[b]!, work[b + 1]!);
  addTo(work, a, message[2 * x]!, message[2 * x + 1]!);
  let low = work[d]! ^ work[a]!;
  let high = work[d + 1]! ^ work[a + 1]!;
  work[d] = high;
  work[d + 1] = low;
  addTo(work, c, high, low);
  low = work[b]! ^ work[c]!;
  high = work[b + 1]! ^ work[c + 1]!;
  work[b] = (low >>> 24) | (high << 8);
  work[b + 1] = (high >>> 24) | (low << 8);
  addTo(work, a, work[b]!, work[b + 1]!);
  addTo(work, a, message[2 * y]!, message[2 * y + 1]!);
  low = work[d]! ^ work[a]!;
  high = work[d + 1]! ^ work[a + 1]!;
  work[d] = (low >>> 16) | (high << 16);
  work[d + 1] = (high >>> 16) | (low << 16);
  addTo(work, c, work[d]!, work[d + 1]!);
  low = work[b]! ^ work[c]!;
  high = work[b + 1]! ^ work[c + 1]!;
  work[b] = (high >>> 31) | (low << 1);
  work[b + 1] = (low >>> 31) | (high << 1);
}

/** 64-bit addition to the word at `index`; halves may come as negative 32-bit integers. */
function addTo(work: Uint32Array, index: number, low: number, high: number): void {
  const sum = work[index]! + (low >>> 0);
  work[index] = sum;
  work[index + 1] = work[index + 1]! + high + (sum > 0xffff_ffff ? 1 : 0);
}

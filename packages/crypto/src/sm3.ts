/** SM3 in plain JavaScript: GB/T 32905-2016 (also ISO/IEC 10118-3:2018 and draft-sca-cfrg-sm3). */

const BLOCK_BYTES = 64;
/** The padding is one byte 0x80 and the length in bits, 8 bytes. */
const MIN_PADDING_BYTES = 9;

const INITIAL_VALUE = [
  0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e,
] as const;

/** T_j rotated left by j: the round constants as the compression function adds them. */
const ROUND_CONSTANTS = Int32Array.from({ length: 64 }, (_, j) => rotateLeft(j < 16 ? 0x79cc4519 : 0x7a879d8a, j % 32));

const words = new Int32Array(68);

/** @returns 32 bytes, a fresh array */
export function sm3(message: Uint8Array): Uint8Array {
  const state = Int32Array.from(INITIAL_VALUE);
  const wholeBytes = message.length - (message.length % BLOCK_BYTES);
  for (let offset = 0; offset < wholeBytes; offset += BLOCK_BYTES) compress(state, message, offset);

  const rest = message.length - wholeBytes;
  const tail = new Uint8Array(rest + MIN_PADDING_BYTES <= BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES);
  tail.set(message.subarray(wholeBytes));
  tail[rest] = 0x80;
  // A JavaScript array holds fewer than 2^53 bytes, so the length in bits needs both halves but no big integer.
  const tailView = new DataView(tail.buffer);
  tailView.setUint32(tail.length - 8, Math.floor(message.length / 0x2000_0000));
  tailView.setUint32(tail.length - 4, (message.length << 3) >>> 0);
  for (let offset = 0; offset < tail.length; offset += BLOCK_BYTES) compress(state, tail, offset);

  const digest = new Uint8Array(32);
  const view = new DataView(digest.buffer);
  for (let i = 0; i < 8; i++) view.setInt32(4 * i, state[i]!);
  return digest;
}

/** The compression function CF of 5.3.3. The letters are the standard's. */
function compress(state: Int32Array, bytes: Uint8Array, offset: number): void {
  for (let j = 0; j < 16; j++) {
    const at = offset + 4 * j;
    words[j] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }
  for (let j = 16; j < 68; j++) {
    const mixed = words[j - 16]! ^ words[j - 9]! ^ rotateLeft(words[j - 3]!, 15);
    words[j] = permute1(mixed) ^ rotateLeft(words[j - 13]!, 7) ^ words[j - 6]!;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let j = 0; j < 64; j++) {
    const rotatedA = rotateLeft(a, 12);
    const ss1 = rotateLeft((rotatedA + e + ROUND_CONSTANTS[j]!) | 0, 7);
    const ss2 = ss1 ^ rotatedA;
    const ff = j < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
    const gg = j < 16 ? e ^ f ^ g : (e & f) | (~e & g);
    const tt1 = (ff + d + ss2 + (words[j]! ^ words[j + 4]!)) | 0;
    const tt2 = (gg + h + ss1 + words[j]!) | 0;
    d = c;
    c = rotateLeft(b, 9);
    b = a;
    a = tt1;
    h = g;
    g = rotateLeft(f, 19);
    f = e;
    e = permute0(tt2);
  }
  state[0]! ^= a;
  state[1]! ^= b;
  state[2]! ^= c;
  state[3]! ^= d;
  state[4]! ^= e;
  state[5]! ^= f;
  state[6]! ^= g;
  state[7]! ^= h;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function permute0(word: number): number {
  return word ^ rotateLeft(word, 9) ^ rotateLeft(word, 17);
}

function permute1(word: number): number {
  return word ^ rotateLeft(word, 15) ^ rotateLeft(word, 23);
}

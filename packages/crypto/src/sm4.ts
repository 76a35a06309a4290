/**
 * The block cipher SM4, GB/T 32907-2016 (ISO/IEC 18033-3), and its modes ECB, CBC and CTR (GB/T 17964-2021). Plain
 * JavaScript with table look-ups: for data at rest and tests, not for keys that others can time.
 */
import { invariant } from '@menglian/base/invariant';
import { fromHex } from '@menglian/base/bytes';

const SM4_KEY_BYTES = 16;
const SM4_BLOCK_BYTES = 16;

const ROUNDS = 32;

const S_BOX = fromHex(
  'd690e9fecce13db716b614c228fb2c052b679a762abe04c3aa441326498606999c4250f491ef987a33540b43edcfac62' +
    'e4b31ca9c908e89580df94fa758f3fa64707a7fcf37317ba83593c19e6854fa8686b81b27164da8bf8eb0f4b70569d35' +
    '1e240e5e6358d1a225227c3b01217887d40046579fd327524c3602e7a0c4c89eeabf8ad240c738b5a3f7f2cef96115a1' +
    'e0ae5da49b341a55ad933230f58cb1e31df6e22e8266ca60c02923ab0d534e6fd5db3745defd8e2f03ff6a726d6c5b51' +
    '8d1baf92bbddbc7f11d95c411f105ad80ac13188a5cd7bbd2d74d012b8e5b4b08969974a0c96777e65b9f109c56ec684' +
    '18f07dec3adc4d2079ee5f3ed7cb3948',
);

const FAMILY_KEY = [0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc] as const;

/** CK_i: byte j of word i is 7·(4i + j) modulo 256 (7.3). */
const FIXED_KEY = Int32Array.from({ length: ROUNDS }, (_, i) => {
  let word = 0;
  for (let j = 0; j < 4; j++) word = (word << 8) | ((7 * (4 * i + j)) & 0xff);
  return word;
});

/** L after the S-box (6.2 b and a), for each byte of a word: what a round adds is the sum of four entries. */
const [TABLE_0, TABLE_1, TABLE_2, TABLE_3] = [24, 16, 8, 0].map((shift) =>
  Int32Array.from(S_BOX, (byte) => {
    const word = byte << shift;
    return word ^ rotateLeft(word, 2) ^ rotateLeft(word, 10) ^ rotateLeft(word, 18) ^ rotateLeft(word, 24);
  }),
) as [Int32Array, Int32Array, Int32Array, Int32Array];

/** The round keys of one key, in the order of use. */
export interface Sm4Key {
  readonly encryption: Int32Array;
  readonly decryption: Int32Array;
}

/** @param key 16 bytes */
export function expandSm4Key(key: Uint8Array): Sm4Key {
  invariant(key.length === SM4_KEY_BYTES, 'crypto/sm4-key-length');
  const state = FAMILY_KEY.map((word, i) => word ^ readWord(key, 4 * i));
  const encryption = new Int32Array(ROUNDS);
  for (let i = 0; i < ROUNDS; i++) {
    const substituted = substitute(state[1]! ^ state[2]! ^ state[3]! ^ FIXED_KEY[i]!);
    const word = state[0]! ^ substituted ^ rotateLeft(substituted, 13) ^ rotateLeft(substituted, 23);
    encryption[i] = word;
    state.shift();
    state.push(word);
  }
  return { encryption, decryption: encryption.toReversed() };
}

/** Electronic code book, without padding. For vectors and key wrapping; equal blocks stay visibly equal. */
export function sm4EncryptEcb(key: Sm4Key, plaintext: Uint8Array): Uint8Array {
  return eachBlock(key.encryption, plaintext);
}

/** @returns undefined when the length is no multiple of 16 */
export function sm4DecryptEcb(key: Sm4Key, ciphertext: Uint8Array): Uint8Array | undefined {
  return ciphertext.length % SM4_BLOCK_BYTES === 0 ? eachBlock(key.decryption, ciphertext) : undefined;
}

/** Cipher block chaining with the padding of PKCS #7. @param initializationVector 16 bytes, never used twice */
export function sm4EncryptCbc(key: Sm4Key, initializationVector: Uint8Array, plaintext: Uint8Array): Uint8Array {
  invariant(initializationVector.length === SM4_BLOCK_BYTES, 'crypto/sm4-iv-length');
  const paddingLength = SM4_BLOCK_BYTES - (plaintext.length % SM4_BLOCK_BYTES);
  const output = new Uint8Array(plaintext.length + paddingLength).fill(paddingLength);
  output.set(plaintext);
  let previous = initializationVector;
  for (let offset = 0; offset < output.length; offset += SM4_BLOCK_BYTES) {
    const block = output.subarray(offset, offset + SM4_BLOCK_BYTES);
    exclusiveOr(block, previous);
    transformBlock(key.encryption, block, 0, block, 0);
    previous = block;
  }
  return output;
}

/** @returns undefined when the length or the padding is wrong (a wrong key usually shows itself so) */
export function sm4DecryptCbc(
  key: Sm4Key,
  initializationVector: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array | undefined {
  invariant(initializationVector.length === SM4_BLOCK_BYTES, 'crypto/sm4-iv-length');
  if (ciphertext.length === 0 || ciphertext.length % SM4_BLOCK_BYTES !== 0) return undefined;
  const output = eachBlock(key.decryption, ciphertext);
  exclusiveOr(output.subarray(0, SM4_BLOCK_BYTES), initializationVector);
  exclusiveOr(output.subarray(SM4_BLOCK_BYTES), ciphertext);
  const paddingLength = output[output.length - 1]!;
  if (paddingLength < 1 || paddingLength > SM4_BLOCK_BYTES) return undefined;
  const end = output.length - paddingLength;
  for (let i = end; i < output.length; i++) if (output[i] !== paddingLength) return undefined;
  return output.slice(0, end);
}

/** Counter mode, its own inverse. @param counter 16 bytes, big-endian, counted up by one a block; never used twice */
export function sm4Ctr(key: Sm4Key, counter: Uint8Array, data: Uint8Array): Uint8Array {
  invariant(counter.length === SM4_BLOCK_BYTES, 'crypto/sm4-iv-length');
  // Copies even of Buffers, whose own slice would be a view.
  const block = new Uint8Array(counter);
  const output = new Uint8Array(data);
  const keyStream = new Uint8Array(Math.ceil(data.length / SM4_BLOCK_BYTES) * SM4_BLOCK_BYTES);
  for (let offset = 0; offset < keyStream.length; offset += SM4_BLOCK_BYTES) {
    transformBlock(key.encryption, block, 0, keyStream, offset);
    incrementCounter(block);
  }
  exclusiveOr(output, keyStream);
  return output;
}

function incrementCounter(counter: Uint8Array): void {
  for (let i = counter.length - 1; i >= 0; i--) {
    counter[i]!++;
    // A byte that wrapped to 0 carries into the one before it.
    if (counter[i] !== 0) return;
  }
}

function eachBlock(roundKeys: Int32Array, input: Uint8Array): Uint8Array {
  invariant(input.length % SM4_BLOCK_BYTES === 0, 'crypto/sm4-block-length');
  const output = new Uint8Array(input.length);
  for (let offset = 0; offset < input.length; offset += SM4_BLOCK_BYTES) {
    transformBlock(roundKeys, input, offset, output, offset);
  }
  return output;
}

/** Input and output may be the same array at the same place. */
function transformBlock(roundKeys: Int32Array, input: Uint8Array, from: number, output: Uint8Array, to: number): void {
  let x0 = readWord(input, from);
  let x1 = readWord(input, from + 4);
  let x2 = readWord(input, from + 8);
  let x3 = readWord(input, from + 12);
  for (let round = 0; round < ROUNDS; round += 4) {
    x0 ^= roundFunction(x1 ^ x2 ^ x3 ^ roundKeys[round]!);
    x1 ^= roundFunction(x2 ^ x3 ^ x0 ^ roundKeys[round + 1]!);
    x2 ^= roundFunction(x3 ^ x0 ^ x1 ^ roundKeys[round + 2]!);
    x3 ^= roundFunction(x0 ^ x1 ^ x2 ^ roundKeys[round + 3]!);
  }
  writeWord(output, to, x3);
  writeWord(output, to + 4, x2);
  writeWord(output, to + 8, x1);
  writeWord(output, to + 12, x0);
}

/** T of 6.2. */
function roundFunction(word: number): number {
  return TABLE_0[word >>> 24]! ^ TABLE_1[(word >>> 16) & 0xff]! ^ TABLE_2[(word >>> 8) & 0xff]! ^ TABLE_3[word & 0xff]!;
}

/** The S-box for each byte; only the key schedule needs it by itself. */
function substitute(word: number): number {
  return (
    (S_BOX[word >>> 24]! << 24) |
    (S_BOX[(word >>> 16) & 0xff]! << 16) |
    (S_BOX[(word >>> 8) & 0xff]! << 8) |
    S_BOX[word & 0xff]!
  );
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** target[i] ^= other[i] over the length of the target. */
function exclusiveOr(target: Uint8Array, other: Uint8Array): void {
  for (let i = 0; i < target.length; i++) target[i]! ^= other[i]!;
}

function readWord(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!;
}

function writeWord(bytes: Uint8Array, offset: number, word: number): void {
  bytes[offset] = word >>> 24;
  bytes[offset + 1] = word >>> 16;
  bytes[offset + 2] = word >>> 8;
  bytes[offset + 3] = word;
}

import { concatBytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';

export type HashFunction = (message: Uint8Array) => Uint8Array;

/** Bytes of a message that one call of the permutation takes in, and all that it works on. */
const RATE_BYTES = 136;
const STATE_BYTES = 200;
const HASH_BYTES = 32;

/**
 * Stands for the permutation inside a compiler's keccak-256, and makes another hash function of it. The sponge around it
 * stays as it is: it puts each block of the message into the first 136 bytes of the state, calls the permutation, and at
 * the end takes the first 32 bytes. This keeps the blocks, and after each call leaves the hash of what would be the
 * whole message if that block was the last.
 *
 * The other 64 bytes, which the sponge does not touch, say which message a state belongs to: zero is a new one.
 */
export class HashSwitch {
  #blocks: Uint8Array[] = [];
  #left: Uint8Array = new Uint8Array(HASH_BYTES);
  #message = 0;

  /** @param hash is given every message, and also beginnings of one that look as if they were whole */
  constructor(readonly hash: HashFunction) {}

  /** @param at where the state is */
  permute(memory: Uint8Array, at: number): void {
    const state = memory.subarray(at, at + STATE_BYTES);
    invariant(state.length === STATE_BYTES, 'keccak-state-outside-memory');
    const mark = new DataView(state.buffer, state.byteOffset + RATE_BYTES, STATE_BYTES - RATE_BYTES);
    const block = state.slice(0, RATE_BYTES);
    if (mark.getUint32(0) === 0) {
      invariant(isZero(state.subarray(RATE_BYTES)), 'keccak-state-unknown');
      this.#message += 1;
      this.#blocks = [];
    } else {
      invariant(mark.getUint32(0) === this.#message, 'keccak-messages-interleaved');
      for (const [index, byte] of this.#left.entries()) block[index]! ^= byte;
    }
    this.#blocks.push(block);
    const message = unpadded(this.#blocks);
    this.#left = message === undefined ? new Uint8Array(HASH_BYTES) : this.hash(message);
    state.fill(0);
    state.set(this.#left);
    mark.setUint32(0, this.#message);
  }
}

/** Without keccak's padding 01 00 … 80. @returns undefined if there is none */
function unpadded(blocks: readonly Uint8Array[]): Uint8Array | undefined {
  const last = blocks.at(-1)!.slice();
  last[RATE_BYTES - 1]! ^= 0x80;
  const end = last.findLastIndex((byte) => byte !== 0);
  return last[end] === 1 ? concatBytes(...blocks.slice(0, -1), last.subarray(0, end)) : undefined;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

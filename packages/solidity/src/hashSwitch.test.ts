import { toHex } from '@menglian/base/bytes';
import { keccak256, sm3 } from '@menglian/crypto/hashes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HashSwitch } from './hashSwitch.js';
import { findKeccakTable, KECCAK_TABLE } from './keccakTable.js';

const RATE_BYTES = 136;

/** The sponge of keccak-256 over memory, with the permutation left to a switch. */
class Sponge {
  readonly memory = new Uint8Array(1000);

  constructor(
    readonly hashSwitch: HashSwitch,
    readonly at: number,
  ) {}

  hash(message: Uint8Array): Uint8Array {
    const state = this.memory.subarray(this.at, this.at + 200).fill(0);
    const padded = new Uint8Array(message.length - (message.length % RATE_BYTES) + RATE_BYTES);
    padded.set(message);
    padded[message.length]! ^= 1;
    padded[padded.length - 1]! ^= 0x80;
    for (let start = 0; start < padded.length; start += RATE_BYTES) {
      for (let index = 0; index < RATE_BYTES; index++) state[index]! ^= padded[start + index]!;
      this.hashSwitch.permute(this.memory, this.at);
    }
    return state.slice(0, 32);
  }
}

describe('the hash switch', () => {
  it('makes any hash function of the sponge', () => {
    const messages = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      fc.nat(600).map((length) => new Uint8Array(length)),
      // Blocks in the middle that look like the last one.
      fc.array(fc.constantFrom(0, 1, 0x80, 0x81), { maxLength: 600 }).map((bytes) => Uint8Array.from(bytes)),
      fc.nat(4).map((blocks) => {
        const bytes = new Uint8Array(RATE_BYTES * blocks + 3);
        for (let block = 0; block < blocks; block++) bytes[block * RATE_BYTES] = 1;
        for (let block = 1; block <= blocks; block++) bytes[block * RATE_BYTES - 1] = 0x80;
        return bytes;
      }),
    );
    for (const hash of [keccak256, sm3]) {
      const sponge = new Sponge(new HashSwitch(hash), 333);
      fc.assert(
        fc.property(messages, (message) => {
          expect(toHex(sponge.hash(message))).toBe(toHex(hash(message)));
        }),
      );
    }
  });

  it('stops when a state is not its own', () => {
    const memory = new Uint8Array(300);
    memory[RATE_BYTES] = 1;
    expect(() => new HashSwitch(sm3).permute(memory, 0)).toThrow('keccak-messages-interleaved');
    expect(() => new HashSwitch(sm3).permute(new Uint8Array(100), 0)).toThrow('keccak-state-outside-memory');
  });
});

describe('the table of keccak-256', () => {
  it('is that of FIPS 202', () => {
    const words = new BigUint64Array(KECCAK_TABLE.slice().buffer);
    expect([words[0], words[1], words[2], words[23]]).toEqual([1n, 0x8082n, 0x800000000000808an, 0x8000000080008008n]);
  });

  it('is found only where it is once', () => {
    const memory = new Uint8Array(1000);
    expect(findKeccakTable(memory)).toBeUndefined();
    memory.set(KECCAK_TABLE, 77);
    expect(findKeccakTable(memory)).toBe(77);
    memory.set(KECCAK_TABLE, 500);
    expect(findKeccakTable(memory)).toBeUndefined();
  });
});

import { createCipheriv } from 'node:crypto';
import { equalBytes, fromHex, toHex } from '@menglian/base/bytes';
import { InvariantError } from '@menglian/base/invariant';
import { SeededRandom } from '@menglian/base/seededRandom';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGcm, createSm4Gcm, javascriptCounterMode, nodeCounterMode, type Sm4Gcm } from './sm4Gcm.js';
import { createAddonSm4Gcm } from './sm4GcmAddon.js';

// RFC 8998, A.1
const vector = {
  key: fromHex('0123456789abcdeffedcba9876543210'),
  nonce: fromHex('00001234567800000000abcd'),
  additionalData: fromHex('feedfacedeadbeeffeedfacedeadbeefabaddad2'),
  plaintext: fromHex(
    'aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffff' +
      'eeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa',
  ),
  sealed:
    '17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15' +
    'a56834cbcf98c397b4024a2691233b8d' +
    '83de3541e4c2b58177e065a9bf7b62ec',
};

type Addon = typeof import('../native/load.cjs');

const addon: Addon | undefined = await import('../native/load.cjs').then(
  (module) => module.default,
  () => undefined,
);

/** The instructions of this processor for vectors of 16, 8, 4 and 1 blocks, as far as it has them. */
const WIDTHS = addon === undefined ? [] : [16, 8, 4, 1].filter((lanes) => addon.sm4UseLanes(lanes) === lanes);

/** Every way to compute; those of the addon differ by what is chosen before each message. */
const WAYS: readonly (readonly [string, (key: Uint8Array) => Sm4Gcm])[] = [
  ['OpenSSL', (key) => createGcm(nodeCounterMode(key)!)],
  ['JavaScript', (key) => createGcm(javascriptCounterMode(key))],
  ...WIDTHS.map((lanes) => [`the addon, ${lanes} at a time`, (key: Uint8Array) => withLanes(lanes, key)] as const),
];

function withLanes(lanes: number, key: Uint8Array): Sm4Gcm {
  addon!.sm4UseLanes(lanes);
  const gcm = createAddonSm4Gcm(key)!;
  return {
    seal(...message) {
      addon!.sm4UseLanes(lanes);
      return gcm.seal(...message);
    },
    open(...message) {
      addon!.sm4UseLanes(lanes);
      return gcm.open(...message);
    },
  };
}

afterAll(() => void addon?.sm4UseLanes(16));

describe.each(WAYS)('sm4 in GCM with %s', (_, create) => {
  const gcm = create(vector.key);

  it('meets the example of RFC 8998', () => {
    const sealed = gcm.seal(vector.nonce, vector.plaintext, vector.additionalData);
    expect(toHex(sealed)).toBe(vector.sealed);
    expect(gcm.open(vector.nonce, sealed, vector.additionalData)).toEqual(vector.plaintext);
  });

  it('refuses anything changed, cut or lengthened', () => {
    const sealed = gcm.seal(vector.nonce, vector.plaintext, vector.additionalData);
    for (let i = 0; i < sealed.length; i++) {
      const changed = sealed.slice();
      changed[i]! ^= 1 << (i % 8);
      expect(gcm.open(vector.nonce, changed, vector.additionalData)).toBeUndefined();
      if (i >= 16) expect(gcm.open(vector.nonce, sealed.subarray(0, i), vector.additionalData)).toBeUndefined();
    }
    expect(gcm.open(vector.nonce, Uint8Array.of(...sealed, 0), vector.additionalData)).toBeUndefined();
    expect(gcm.open(vector.nonce, sealed, vector.additionalData.subarray(1))).toBeUndefined();
    expect(gcm.open(vector.nonce.toReversed(), sealed, vector.additionalData)).toBeUndefined();
  });

  it('refuses a tag with any bit changed', () => {
    const sealed = gcm.seal(vector.nonce, vector.plaintext, vector.additionalData);
    for (let bit = 0; bit < 128; bit++) {
      const changed = sealed.slice();
      changed[vector.plaintext.length + (bit >> 3)]! ^= 1 << (bit & 7);
      expect(gcm.open(vector.nonce, changed, vector.additionalData)).toBeUndefined();
    }
  });

  it('agrees with JavaScript about messages of random lengths', () => {
    const random = new SeededRandom(52);
    for (let i = 0; i < 60; i++) {
      const [key, nonce] = [random.bytes(16), random.bytes(12)];
      const [plaintext, additionalData] = [random.bytes(random.below(5001)), random.bytes(random.below(300))];
      const expected = createGcm(javascriptCounterMode(key)).seal(nonce, plaintext, additionalData);
      const ours = create(key);
      expect(equalBytes(ours.seal(nonce, plaintext, additionalData), expected)).toBe(true);
      expect(equalBytes(ours.open(nonce, expected, additionalData)!, plaintext)).toBe(true);
    }
  });

  it('gives the same bytes at every length', () => {
    const javascript = createGcm(javascriptCounterMode(vector.key));
    for (const length of [0, 1, 15, 16, 17, 2015, 2016, 2047, 2048, 2049, 16_384, 65_700, 100_000]) {
      const plaintext = new Uint8Array(length).map((_, i) => i);
      const sealed = gcm.seal(vector.nonce, plaintext, vector.nonce);
      expect(equalBytes(javascript.seal(vector.nonce, plaintext, vector.nonce), sealed)).toBe(true);
      expect(equalBytes(gcm.open(vector.nonce, sealed, vector.nonce)!, plaintext)).toBe(true);
    }
  });

  it('opens what it sealed, and leaves its input alone', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    const text = fc.uint8Array({ maxLength: 100 });
    fc.assert(
      fc.property(bytes(16), bytes(12), text, text, (key, nonce, plaintext, additionalData) => {
        const ours = create(key);
        const copies = [nonce.slice(), plaintext.slice(), additionalData.slice()];
        const sealed = ours.seal(nonce, plaintext, additionalData);
        expect(createSm4Gcm(key).seal(nonce, plaintext, additionalData)).toEqual(sealed);
        expect(ours.open(nonce, sealed, additionalData)).toEqual(plaintext);
        expect([nonce, plaintext, additionalData]).toEqual(copies);
      }),
      { numRuns: 50 },
    );
  });
});

describe('sm4 in GCM', () => {
  const gcm = createSm4Gcm(vector.key);
  const { nonce, plaintext, additionalData } = vector;

  it('takes the addon where there is one', () => {
    expect(createAddonSm4Gcm(vector.key) !== undefined).toBe(addon !== undefined);
  });

  it('refuses what is shorter than a tag, and a key or nonce of another length', () => {
    for (let length = 0; length < 16; length++) {
      expect(gcm.open(nonce, new Uint8Array(length), additionalData)).toBeUndefined();
    }
    for (const length of [0, 11, 13, 16]) {
      expect(() => gcm.seal(new Uint8Array(length), plaintext, additionalData)).toThrow(InvariantError);
      expect(() => gcm.open(new Uint8Array(length), plaintext, additionalData)).toThrow(InvariantError);
    }
    for (const length of [0, 15, 17]) expect(() => createSm4Gcm(new Uint8Array(length))).toThrow(InvariantError);
  });

  it('gives arrays of their own, which later messages leave alone', () => {
    const sealed = gcm.seal(nonce, plaintext, additionalData);
    const opened = gcm.open(nonce, sealed, additionalData)!;
    gcm.seal(nonce, new Uint8Array(500), additionalData);
    expect(toHex(sealed)).toBe(vector.sealed);
    expect(opened).toEqual(plaintext);
    expect([sealed.buffer.byteLength, opened.buffer.byteLength]).toEqual([sealed.length, opened.length]);
  });

  it('takes views into other arrays', () => {
    const whole = Buffer.concat([Buffer.alloc(3), nonce, additionalData, plaintext]);
    const views = [whole.subarray(3, 15), whole.subarray(35), whole.subarray(15, 35)] as const;
    expect(toHex(gcm.seal(...views))).toBe(vector.sealed);
  });
});

describe.runIf(addon !== undefined)('sm4 in the addon', () => {
  const prepared = new Uint8Array(256);
  beforeAll(() => addon!.sm4GcmPrepare(prepared, vector.key));

  it('refuses lengths that do not fit, and writes nothing', () => {
    const { sm4GcmPrepare, sm4GcmSeal, sm4GcmOpen } = addon!;
    const message = new Uint8Array(100);
    for (const call of [sm4GcmSeal, sm4GcmOpen]) {
      for (const [additionalLength, length] of [
        [0, 73],
        [73, 0],
        [40, 33],
        [-1, 0],
        [0, -1],
        [0xffff_ffff, 0xffff_ffff],
        [0x8000_0001, 0],
        [0, 2 ** 31],
      ]) {
        expect(() => call(prepared, message, additionalLength!, length!)).toThrow(RangeError);
      }
      expect(() => call(prepared.subarray(1), message, 0, 0)).toThrow(RangeError);
      expect(() => call(new Uint8Array(264).subarray(4, 260), message, 0, 0)).toThrow(RangeError);
      expect(() => call(prepared, message.subarray(73), 0, 0)).toThrow(RangeError);
      expect(() => call(prepared, [] as never, 0, 0)).toThrow(TypeError);
      expect(() => call(prepared, message, '1' as never, 0)).toThrow(TypeError);
      expect(() => (call as () => void)()).toThrow(TypeError);
    }
    expect(message).toEqual(new Uint8Array(100));
    expect(() => sm4GcmPrepare(prepared.subarray(8), vector.key)).toThrow(RangeError);
    expect(() => sm4GcmPrepare(prepared, vector.key.subarray(1))).toThrow(RangeError);
  });

  it('writes the message and its tag, nothing else; and nothing when the tag is wrong', () => {
    const { sm4GcmSeal, sm4GcmOpen } = addon!;
    const message = new Uint8Array(12 + 4 + 20 + 16 + 8).fill(0xee);
    sm4GcmSeal(prepared, message, 4, 20);
    expect(message.subarray(0, 16)).toEqual(new Uint8Array(16).fill(0xee));
    expect(message.subarray(52)).toEqual(new Uint8Array(8).fill(0xee));
    message[40]! ^= 1;
    const changed = message.slice();
    expect(sm4GcmOpen(prepared, message, 4, 20)).toBe(false);
    expect(message).toEqual(changed);
    message[40]! ^= 1;
    expect(sm4GcmOpen(prepared, message, 4, 20)).toBe(true);
    expect(message.subarray(0, 36)).toEqual(new Uint8Array(36).fill(0xee));
  });
});

describe('gcm', () => {
  it('agrees with OpenSSL when the cipher is AES, which OpenSSL has in this mode', () => {
    const random = new SeededRandom(51);
    for (let length = 0; length < 200; length++) {
      const [key, nonce] = [random.bytes(16), random.bytes(12)];
      const [plaintext, additionalData] = [random.bytes(length), random.bytes(random.below(100))];
      const gcm = createGcm((counter, data) => {
        return new Uint8Array(createCipheriv('aes-128-ctr', key, counter).update(data));
      });
      const theirs = createCipheriv('aes-128-gcm', key, nonce).setAAD(additionalData);
      const ciphertext = Buffer.concat([theirs.update(plaintext), theirs.final(), theirs.getAuthTag()]);
      expect(toHex(gcm.seal(nonce, plaintext, additionalData))).toBe(ciphertext.toString('hex'));
    }
  });
});

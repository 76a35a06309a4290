import { createDecipheriv, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, toHex, utf8Bytes } from '@menglian/base/bytes';
import { drawBytes } from '../testing/drawBytes.js';
import { makeDataKey } from './dataKey.js';
import { HEADER_BYTES, SEALED_EXTRA_BYTES, SEGMENT_HEADER_BYTES } from './sealedValue.js';
import { STORAGE_ALGORITHMS } from './valueCipher.js';
import { ValueSealer } from './valueSealer.js';

const KEY = utf8Bytes('s account 1');
const VALUE = utf8Bytes('balance 100');

describe.each(STORAGE_ALGORITHMS)('values under %s', (algorithm) => {
  const random = drawBytes(algorithm);
  const dataKey = makeDataKey(algorithm, random);
  const sealer = new ValueSealer('group1', [dataKey], random);

  it('come back as they were, 41 bytes longer in between', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.uint8Array({ maxLength: 5000 }), (key, value) => {
        const sealed = sealer.seal(key, value);
        expect(sealed).toHaveLength(value.length + SEALED_EXTRA_BYTES);
        expect(sealer.open(key, sealed)).toEqual({ ok: true, value });
      }),
    );
  });

  it('are refused when any byte is another, one is missing, or one more is there', () => {
    const sealed = sealer.seal(KEY, VALUE);
    for (let at = 0; at < sealed.length; at++) {
      for (const bit of [1, 0x80]) {
        const changed = sealed.slice();
        changed[at]! ^= bit;
        expect(sealer.open(KEY, changed).ok, `byte ${at}`).toBe(false);
      }
      expect(sealer.open(KEY, sealed.subarray(0, at)).ok).toBe(false);
    }
    expect(sealer.open(KEY, concatBytes(sealed, Uint8Array.of(0))).ok).toBe(false);
  });

  it('are refused at another key, in another store, and under another data key', () => {
    const sealed = sealer.seal(KEY, VALUE);
    expect(sealer.open(utf8Bytes('s account 2'), sealed)).toEqual({ ok: false, reason: 'changed' });
    const otherStore = new ValueSealer('group2', [dataKey], random);
    expect(otherStore.open(KEY, sealed)).toEqual({ ok: false, reason: 'changed' });
    const otherKey = new ValueSealer('group1', [makeDataKey(algorithm, random)], random);
    expect(otherKey.open(KEY, sealed)).toEqual({ ok: false, reason: 'unknown-key' });
  });

  it('takes any bytes from the disk', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(sealer.open(KEY, bytes).ok).toBe(false);
        const likeOurs = concatBytes(sealer.seal(KEY, VALUE).subarray(0, SEGMENT_HEADER_BYTES), bytes);
        expect(sealer.open(KEY, likeOurs).ok).toBe(false);
      }),
    );
  });

  it('never has a header twice, over openings and when a segment is full', () => {
    const headers = new Set<string>();
    for (let opening = 0; opening < 5; opening++) {
      const small = new ValueSealer('group1', [dataKey], random, 7);
      for (let i = 0; i < 20; i++) {
        const sealed = small.seal(KEY, VALUE);
        headers.add(toHex(sealed.subarray(0, HEADER_BYTES)));
        expect(sealer.open(KEY, sealed)).toEqual({ ok: true, value: VALUE });
      }
    }
    expect(headers.size).toBe(100);
  });

  it('go on under another key, and those before stay readable', () => {
    const own = new ValueSealer('group1', [dataKey], random);
    const before = own.seal(KEY, VALUE);
    const next = makeDataKey(algorithm === 'aes' ? 'sm4' : 'aes', random);
    own.useKeys([dataKey, next]);
    expect(own.currentKeyId).toBe(next.id);
    const after = own.seal(KEY, VALUE);
    expect(toHex(after.subarray(1, 5))).toBe(next.id);
    expect([own.open(KEY, before), own.open(KEY, after)]).toEqual([
      { ok: true, value: VALUE },
      { ok: true, value: VALUE },
    ]);
    own.useKeys([next]);
    expect(own.open(KEY, before)).toEqual({ ok: false, reason: 'unknown-key' });
  });
});

it('has the form that docs/encryption.md says, read here by node:crypto alone', () => {
  const key = makeDataKey('aes', drawBytes('form'));
  const sealed = new ValueSealer('group7', [key], drawBytes('salt')).seal(KEY, VALUE);
  const salt = sealed.subarray(5, 21);
  const counter = sealed.subarray(21, 25);
  const segmentKey = hkdfSync('sha256', key.key, salt, 'menglian values of group7', 32);
  const nonce = concatBytes(new Uint8Array(8), counter);
  const decipher = createDecipheriv('aes-256-gcm', new Uint8Array(segmentKey), nonce);
  decipher.setAAD(concatBytes(sealed.subarray(0, 25), KEY));
  decipher.setAuthTag(sealed.subarray(-16));
  const value = Buffer.concat([decipher.update(sealed.subarray(25, -16)), decipher.final()]);
  expect(toHex(value)).toBe(toHex(VALUE));
});

it('keeps its form', () => {
  const sealed = STORAGE_ALGORITHMS.map((algorithm) => {
    const key = makeDataKey(algorithm, (count) => new Uint8Array(count).fill(1));
    return toHex(new ValueSealer('group1', [key], (count) => new Uint8Array(count).fill(2)).seal(KEY, VALUE));
  });
  expect(sealed).toEqual([
    'e1b169ff280202020202020202020202020202020200000000fa2556cc51cabf089dfd3184bee822a3210e14213199710ccdcf7f',
    'e198250c9502020202020202020202020202020202000000007135c3413706ea47d38ccb8cada50b5d1db9e716e02f4a4ea4eeb3',
  ]);
});

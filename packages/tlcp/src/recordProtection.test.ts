import { createDecipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '@menglian/base/seededRandom';
import { masterSecret, sessionKeys, type DirectionKeys } from './keySchedule.js';
import { RecordProtection } from './recordProtection.js';
import { ContentType } from './records.js';
import { cbcCipher, sealCbc, sm3Of, testCiphers } from './testing/testCiphers.js';

const random = new SeededRandom(1);
const DATA = ContentType.applicationData;
const RANDOMS = { client: new Uint8Array(32).fill(1), server: new Uint8Array(32).fill(2) };
const MASTER = masterSecret(new Uint8Array(48).fill(3), RANDOMS);
const MODES = ['gcm', 'cbc'] as const;

function keys(mode: 'gcm' | 'cbc'): DirectionKeys {
  return sessionKeys(MASTER, RANDOMS, mode).client;
}

function protection(mode: 'gcm' | 'cbc', version = 0x0101): RecordProtection {
  return new RecordProtection(mode, keys(mode), version, (length) => random.bytes(length));
}

describe.each(MODES)('protection with %s', (mode) => {
  it('agrees with another implementation, both ways', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 600 }), { minLength: 1, maxLength: 5 }), (contents) => {
        const [ours, theirs] = [protection(mode), testCiphers(mode, 0x0101, MASTER, RANDOMS).client];
        const [mine, yours] = [protection(mode), testCiphers(mode, 0x0101, MASTER, RANDOMS).client];
        for (const content of contents) {
          expect(Buffer.from(ours.open(DATA, theirs.seal(DATA, content))!)).toEqual(Buffer.from(content));
          expect(yours.open(DATA, mine.seal(DATA, content))).toEqual(Buffer.from(content));
        }
      }),
      { numRuns: 50 },
    );
  });

  it('tells of a change in any bit, of the type, the version, or the order', () => {
    const content = Buffer.from('any content that is longer than one block');
    const sealed = protection(mode).seal(DATA, content);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = sealed.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(protection(mode).open(DATA, changed)).toBeUndefined();
    }
    expect(protection(mode).open(ContentType.alert, sealed)).toBeUndefined();
    expect(protection(mode, 0x0303).open(DATA, sealed)).toBeUndefined();
    const later = protection(mode);
    later.seal(DATA, content);
    expect(later.open(DATA, sealed)).toBeUndefined();
    expect(Buffer.from(protection(mode).open(DATA, sealed)!)).toEqual(content);
  });

  it('takes fragments of any length and content without a throw', () => {
    const one = protection(mode);
    for (let length = 0; length < 200; length++) expect(one.open(DATA, random.bytes(length))).toBeUndefined();
  });

  it('never seals twice alike', () => {
    const one = protection(mode);
    const content = Buffer.from('the same');
    expect(new Set(Array.from({ length: 100 }, () => Buffer.from(one.seal(DATA, content)).toString('hex'))).size).toBe(
      100,
    );
  });
});

describe('padding of CBC', () => {
  const { macKey, key } = keys('cbc');
  const [mac, cipherKey] = [Buffer.from(macKey), Buffer.from(key)];

  it('may have any length', () => {
    for (let extraBlocks = 0; extraBlocks < 16; extraBlocks++) {
      const sealed = cbcCipher(mac, cipherKey, 0x0101, extraBlocks).seal(DATA, Buffer.from('padded'));
      expect(Buffer.from(protection('cbc').open(DATA, sealed)!).toString()).toBe('padded');
    }
  });

  it('must be the same byte everywhere, be it ever so long', () => {
    const whole = Buffer.concat([Buffer.alloc(10), checksum(Buffer.alloc(10)), Buffer.alloc(230, 229)]);
    expect(opened(whole)).toHaveLength(10);
    for (let i = 42; i < whole.length; i++) {
      const changed = Buffer.from(whole);
      changed[i]! ^= 0x80;
      expect(opened(changed)).toBeUndefined();
    }
  });

  it('must not claim more than there is', () => {
    for (const claimed of [0, 15, 16, 31, 32, 47, 48, 255]) {
      expect(opened(Buffer.concat([Buffer.alloc(47, claimed), Buffer.from([claimed])]))).toBeUndefined();
    }
  });

  function opened(padded: Buffer): Uint8Array | undefined {
    return protection('cbc').open(DATA, sealCbc(cipherKey, padded, 0n));
  }

  /** Of the first record. */
  function checksum(content: Buffer): Buffer {
    const sealed = cbcCipher(mac, cipherKey, 0x0101).seal(DATA, content);
    const opener = protection('cbc');
    expect(opener.open(DATA, sealed)).toBeDefined();
    return plainOf(sealed).subarray(content.length, content.length + 32);
  }

  function plainOf(sealed: Buffer): Buffer {
    const decipher = createDecipheriv('sm4-cbc', cipherKey, sealed.subarray(0, 16)).setAutoPadding(false);
    return Buffer.concat([decipher.update(sealed.subarray(16)), decipher.final()]);
  }
});

describe('keys of a session', () => {
  /** Of the implementation in the tests, which has OpenSSL's SM3: both stay what they are. */
  it('are these for these secrets', () => {
    expect(sm3Of(MASTER).toString('hex')).toBe('19a9145b0dba37f01a6618395479b4cfcbb578d050b9645ab5dc7f4a36aa22d8');
    expect(Buffer.from(keys('gcm').salt).toString('hex')).toBe('f5e8d90f');
    expect(Buffer.from(keys('cbc').key).toString('hex')).toBe('97e528fadb15ab3dc2a17dceb345e9a2');
  });
});

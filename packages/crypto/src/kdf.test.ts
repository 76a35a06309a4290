import { createHmac, hkdfSync, pbkdf2Sync } from 'node:crypto';
import { concatBytes, fromHex, toHex, utf8Bytes } from '@menglian/base/bytes';
import { InvariantError } from '@menglian/base/invariant';
import { SeededRandom } from '@menglian/base/seededRandom';
import { describe, expect, it } from 'vitest';
import { sha256, sm3 } from './hashes.js';
import { hmac } from './hmac.js';
import { hkdf, hkdfExpand, javascriptPbkdf2, pbkdf2, PBKDF2_ROUNDS_MAX, sm3Kdf, tlcpPrf } from './kdf.js';

describe('hmac with sm3', () => {
  it('agrees with OpenSSL around the length of a block', () => {
    const random = new SeededRandom(6);
    for (const keyLength of [0, 1, 32, 63, 64, 65, 200]) {
      const key = random.bytes(keyLength);
      const message = random.bytes(random.below(200));
      expect(toHex(hmac(sm3, key, message))).toBe(createHmac('sm3', key).update(message).digest('hex'));
      expect(toHex(hmac(sha256, key, message))).toBe(createHmac('sha256', key).update(message).digest('hex'));
    }
  });
});

describe('the key derivation function of SM2', () => {
  it('counts from 1 and cuts the last block', () => {
    const shared = utf8Bytes('shared');
    const block = (i: number) => sm3(concatBytes(shared, Uint8Array.of(0, 0, 0, i)));
    const whole = concatBytes(block(1), block(2), block(3));
    for (const length of [0, 1, 31, 32, 33, 64, 95, 96]) {
      expect(sm3Kdf(shared, length)).toEqual(whole.slice(0, length));
    }
    expect(() => sm3Kdf(shared, 2 ** 32)).toThrow(InvariantError);
  });
});

describe('hkdf', () => {
  it('meets test case 1 of RFC 5869', () => {
    const okm = hkdf(
      sha256,
      new Uint8Array(22).fill(0x0b),
      fromHex('000102030405060708090a0b0c'),
      fromHex('f0f1f2f3f4f5f6f7f8f9'),
      42,
    );
    expect(toHex(okm)).toBe('3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865');
  });

  it('agrees with OpenSSL, with SM3', () => {
    const random = new SeededRandom(7);
    for (const length of [1, 16, 32, 33, 100, 255 * 32]) {
      const [secret, salt, info] = [random.bytes(40), random.bytes(random.below(80)), random.bytes(random.below(50))];
      const theirs = Buffer.from(hkdfSync('sm3', secret, salt, info, length)).toString('hex');
      expect(toHex(hkdf(sm3, secret, salt, info, length))).toBe(theirs);
    }
    expect(() => hkdfExpand(sm3, new Uint8Array(32), new Uint8Array(0), 8161)).toThrow(InvariantError);
  });
});

describe('pbkdf2', () => {
  it('agrees with OpenSSL, with either hash, and so does the one in JavaScript', () => {
    const password = utf8Bytes('密码 password');
    const salt = utf8Bytes('salt');
    for (const name of ['sm3', 'sha256'] as const) {
      for (const [rounds, length] of [
        [1, 32],
        [2, 20],
        [100, 70],
      ] as const) {
        const theirs = pbkdf2Sync(password, salt, rounds, length, name).toString('hex');
        expect(toHex(pbkdf2(name, password, salt, rounds, length))).toBe(theirs);
        expect(toHex(javascriptPbkdf2({ sm3, sha256 }[name], password, salt, rounds, length))).toBe(theirs);
      }
    }
    expect(() => pbkdf2('sm3', password, salt, 0, 32)).toThrow(InvariantError);
    expect(() => pbkdf2('sm3', password, salt, PBKDF2_ROUNDS_MAX + 1, 32)).toThrow(InvariantError);
  });
});

describe('the pseudo-random function of TLCP', () => {
  it('is P_SM3 of label and seed', () => {
    const [secret, seed] = [utf8Bytes('secret'), utf8Bytes('seed')];
    const labelled = utf8Bytes('master secretseed');
    const mac = (...parts: readonly Uint8Array[]) =>
      new Uint8Array(
        createHmac('sm3', secret)
          .update(concatBytes(...parts))
          .digest(),
      );
    const first = mac(labelled);
    const second = mac(first);
    const whole = concatBytes(mac(first, labelled), mac(second, labelled));
    for (const length of [1, 12, 32, 48, 64]) {
      expect(tlcpPrf(secret, 'master secret', seed, length)).toEqual(whole.slice(0, length));
    }
  });

  // openssl kdf -keylen 48 -kdfopt digest:SM3 -kdfopt hexsecret:… -kdfopt seed:… TLS1-PRF
  it('agrees with the TLS1-PRF of the openssl program', () => {
    const secret = new Uint8Array(48).map((_, i) => i);
    expect(toHex(tlcpPrf(secret, 'key expansion', utf8Bytes('0123456789abcdef'), 48))).toBe(
      '1dabf27ae7524c5a93b91f8ae769b98a79976fd523c517707722743beffa8afa70fb91a7372d1e80e4dd5a7b5814bce4',
    );
  });
});

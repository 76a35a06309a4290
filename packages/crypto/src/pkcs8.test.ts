import { createPrivateKey } from 'node:crypto';
import { fromHex, toHex, utf8Bytes } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derSequence } from './der.js';
import { PBKDF2_ROUNDS_MAX } from './kdf.js';
import { type KeyCurve, keyOfPkcs8, keyOfSec1, pkcs8OfKey } from './pkcs8.js';
import { decryptPkcs8, encryptPkcs8, type Pkcs8Encryption, roundsOfPkcs8 } from './pkcs8Encryption.js';
import { sm2PublicKey } from './sm2.js';

const random = new SeededRandom(12);

function encrypt(pkcs8: Uint8Array, password: Uint8Array, encryption: Pkcs8Encryption): Uint8Array {
  const encrypted = encryptPkcs8(pkcs8, password, encryption);
  if (!encrypted.ok) throw new Error(encrypted.reason);
  return encrypted.value;
}

const key = random.bytes(32);
const other: Record<KeyCurve, KeyCurve> = { sm2: 'secp256k1', secp256k1: 'sm2' };

describe('pkcs8', () => {
  it('reads what it wrote, on its own curve only', () => {
    for (const curve of ['sm2', 'secp256k1'] as const) {
      for (const publicKey of [undefined, new Uint8Array(64).fill(1)]) {
        const der = pkcs8OfKey(curve, key, publicKey);
        expect(keyOfPkcs8(der, curve)).toEqual(key);
        expect(keyOfPkcs8(der, other[curve])).toBeUndefined();
        expect(keyOfPkcs8(der.subarray(0, der.length - 1), curve)).toBeUndefined();
        expect(keyOfPkcs8(Uint8Array.of(...der, 0), curve)).toBeUndefined();
        expect(keyOfSec1(derSequence(der)[2]!.content, curve)).toBeUndefined();
      }
    }
  });

  it('reads and writes SM2 keys as OpenSSL does', () => {
    // openssl genpkey -algorithm SM2
    const written =
      '308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420' +
      'fb8fa4bd17afc1e7cf451fb730de2282a116da6cf71291acf61a58989b9291e1a14403420004' +
      '145ed1b275888542dec081e2d0c8e9c8b31fe1e14a072fd5e4a8e992407af3f6' +
      '0e42d289758e60e94c952bcde50a0126dcd74b567b165b20ea6f477dfdd6660b';
    const read = keyOfPkcs8(fromHex(written), 'sm2')!;
    expect(toHex(pkcs8OfKey('sm2', read, sm2PublicKey(read)))).toBe(written);
    // openssl ec: the curve stands inside
    const sec1 = `30770201010420${toHex(read)}a00a06082a811ccf5501822da144034200${toHex(fromHex(written).slice(-65))}`;
    expect(keyOfSec1(fromHex(sec1), 'sm2')).toEqual(read);
    expect(keyOfSec1(fromHex(sec1), 'secp256k1')).toBeUndefined();
  });

  it('takes any bytes', () => {
    const der = pkcs8OfKey('sm2', key);
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.nat(255), (index, byte) => {
        const changed = der.slice();
        changed[index] = byte;
        expect(keyOfPkcs8(changed, 'sm2')?.length ?? 32).toBe(32);
      }),
    );
  });
});

describe('pkcs8 under a password', () => {
  const password = utf8Bytes('密码');
  const der = pkcs8OfKey('sm2', key, sm2PublicKey(key));
  const encryption = (changes: Partial<Pkcs8Encryption> = {}): Pkcs8Encryption => ({
    cipher: 'sm4-cbc',
    hash: 'sm3',
    rounds: 10,
    salt: random.bytes(16),
    initializationVector: random.bytes(16),
    ...changes,
  });
  const ways = (['sm4-cbc', 'aes-256-cbc'] as const).flatMap((cipher) =>
    (['sm3', 'sha256'] as const).map((hash) => ({ cipher, hash })),
  );

  it.each(ways)('opens with $cipher and $hash, by that password only', (way) => {
    const encrypted = encrypt(der, password, encryption(way));
    expect(decryptPkcs8(encrypted, password)).toEqual({ ok: true, value: der });
    expect(decryptPkcs8(encrypted, utf8Bytes('x'))).toEqual({ ok: false, reason: 'WrongPassword' });
  });

  it('is opened by OpenSSL', () => {
    for (const cipher of ['sm4-cbc', 'aes-256-cbc'] as const) {
      const encrypted = encrypt(der, password, encryption({ cipher, hash: 'sha256' }));
      const opened = createPrivateKey({
        key: Buffer.from(encrypted),
        format: 'der',
        type: 'pkcs8',
        passphrase: Buffer.from(password),
      });
      expect(new Uint8Array(opened.export({ format: 'der', type: 'pkcs8' }))).toEqual(der);
    }
  });

  it('opens what OpenSSL wrote', () => {
    const plain = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
    for (const cipher of ['sm4-cbc', 'aes-256-cbc']) {
      const written = plain.export({ format: 'der', type: 'pkcs8', cipher, passphrase: 'secret' });
      expect(decryptPkcs8(new Uint8Array(written), utf8Bytes('secret'))).toEqual({ ok: true, value: der });
    }
  });

  it('tells the rounds, also of the schemes that others open', () => {
    const plain = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
    const written = plain.export({ format: 'der', type: 'pkcs8', cipher: 'aes-128-cbc', passphrase: 'secret' });
    expect(roundsOfPkcs8(new Uint8Array(written))).toBe(2048n);
    expect(roundsOfPkcs8(encrypt(der, password, encryption({ rounds: 77 })))).toBe(77n);
    // openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES -iter 1000
    const old = '3021301c060a2a864886f70d010c0103300e04080102030405060708020203e80401ff';
    expect(roundsOfPkcs8(fromHex(old))).toBe(1000n);
    const scrypt = '2b06010401da47040b';
    const other = toHex(new Uint8Array(written)).replace('06092a864886f70d01050c', `0609${scrypt}`);
    expect(roundsOfPkcs8(fromHex(other))).toBeUndefined();
    expect(roundsOfPkcs8(der)).toBeUndefined();
  });

  it('names what it cannot read', () => {
    const reasonOf = (bytes: Uint8Array) => {
      const result = decryptPkcs8(bytes, password);
      return result.ok ? 'opened' : result.reason;
    };
    const encrypted = encrypt(der, password, encryption());
    const changed = (from: string, to: string) => fromHex(toHex(encrypted).replace(from, to));
    expect(reasonOf(der)).toBe('Malformed');
    expect(reasonOf(new Uint8Array(5000))).toBe('Malformed');
    expect(reasonOf(changed('2a864886f70d01050d', '2a864886f70d010503'))).toBe('Unsupported');
    expect(reasonOf(changed('2a811ccf55016802', '2a811ccf55016803'))).toBe('Unsupported');
    expect(reasonOf(changed('2a811ccf5501831102', '2a811ccf5501831104'))).toBe('Unsupported');
    const many = encrypt(der, password, encryption({ rounds: 65_536 }));
    const count = (rounds: number) => `0203${rounds.toString(16).padStart(6, '0')}`;
    const tooMany = toHex(many).replace(count(65_536), count(PBKDF2_ROUNDS_MAX + 1));
    expect(reasonOf(fromHex(tooMany))).toBe('Unsupported');
  });

  it('takes any bytes', () => {
    const encrypted = encrypt(der, password, encryption());
    fc.assert(
      fc.property(fc.nat(encrypted.length - 1), fc.nat(255), (index, byte) => {
        const changed = encrypted.slice();
        changed[index] = byte;
        decryptPkcs8(changed, password);
      }),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => !decryptPkcs8(bytes, password).ok));
  });
});

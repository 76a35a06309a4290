import { createPrivateKey, createPublicKey } from 'node:crypto';
import { toHex, utf8Bytes } from '@menglian/base/bytes';
import { derElement } from '@menglian/crypto/der';
import { sm2PublicKey } from '@menglian/crypto/sm2';
import { describe, expect, it } from 'vitest';
import { OID, objectIdentifier, TAG } from './asn1.js';
import { privateKeyPem, readPrivateKey } from './privateKey.js';
import { keyPem, makeKey, makeTestCertificate, toPem } from './testing/testCertificates.js';

const good = keyPem(makeKey('SM2'));
const certificate = makeTestCertificate({});

function keyOf(pem: string): Uint8Array {
  const read = readPrivateKey(pem);
  if (!read.ok) throw new Error(read.reason);
  return read.value.key;
}

describe('private keys in files', () => {
  const key = keyOf(good);
  const block = (label: string, der: Uint8Array) => toPem(der).replaceAll('CERTIFICATE', label);
  const sec1 = (octets: Uint8Array, ...rest: readonly Uint8Array[]) =>
    derElement(TAG.sequence, derElement(TAG.integer, Uint8Array.of(1)), derElement(TAG.octetString, octets), ...rest);
  const curve = (id: string) => derElement(TAG.context0, objectIdentifier(id));
  const judge = (pem: string) => {
    const read = readPrivateKey(pem);
    return read.ok ? read.value.algorithm : read.reason;
  };

  it('are taken in the forms that tools write', () => {
    expect(judge(good)).toBe('sm2');
    expect(judge(block('EC PRIVATE KEY', sec1(key, curve(OID.sm2))))).toBe('sm2');
    expect(judge(block('SM2 PRIVATE KEY', sec1(key, curve(OID.sm2))))).toBe('sm2');
    const parameters = block('EC PARAMETERS', objectIdentifier(OID.sm2));
    expect(judge(parameters + block('EC PRIVATE KEY', sec1(key, curve(OID.sm2))))).toBe('sm2');
    expect(judge(block('EC PRIVATE KEY', sec1(key, curve(OID.secp256k1))))).toBe('secp256k1');
    // Written by a tool that cuts leading zeros off.
    expect(judge(block('EC PRIVATE KEY', sec1(key.subarray(1), curve(OID.sm2))))).toBe('sm2');
  });

  it('are refused with the reason', () => {
    expect(judge(block('EC PRIVATE KEY', sec1(key)))).toMatch(/^holds a key of an unknown kind or on a curve without/);
    expect(judge(block('EC PRIVATE KEY', sec1(new Uint8Array(33).fill(1), curve(OID.sm2))))).toBe(
      'is longer than the 32 bytes of a private key',
    );
    for (const octets of [new Uint8Array(32), new Uint8Array(32).fill(0xff), new Uint8Array(0)]) {
      expect(judge(block('EC PRIVATE KEY', sec1(octets, curve(OID.sm2))))).toBe(
        'is a number outside of the range of keys on sm2',
      );
      expect(judge(block('EC PRIVATE KEY', sec1(octets, curve(OID.secp256k1))))).toBe(
        'is a number outside of the range of keys on secp256k1',
      );
    }
    const foreign = derElement(TAG.bitString, Uint8Array.of(0, 4), sm2PublicKey(utf8Bytes('k'.repeat(32))));
    expect(judge(block('EC PRIVATE KEY', sec1(key, curve(OID.sm2), derElement(TAG.context1, foreign))))).toMatch(
      /^holds a public key that does not belong to its private key/,
    );
    expect(judge(block('ENCRYPTED PRIVATE KEY', key))).toMatch(/^is encrypted/);
    expect(judge(certificate.pem)).toBe('holds a CERTIFICATE, not a private key in PEM');
    expect(judge(good + good)).toBe('is not one private key in PEM');
    expect(judge('')).toBe('is not one private key in PEM');
    expect(judge('x'.repeat(1_000_000))).toBe('is far larger than a private key');
    for (let length = 0; length < good.length - 2; length += 3) expect(judge(good.slice(0, length))).not.toBe('sm2');
  });

  it('are written as openssl writes them', () => {
    for (const [algorithm, curveName] of [
      ['sm2', 'SM2'],
      ['secp256k1', 'secp256k1'],
    ] as const) {
      const original = makeKey(curveName);
      expect(privateKeyPem(algorithm, keyOf(keyPem(original)))).toBe(keyPem(original));
      const read = readPrivateKey(keyPem(original));
      const spki = createPublicKey(createPrivateKey(keyPem(original))).export({ format: 'der', type: 'spki' });
      expect(read.ok && toHex(read.value.publicKey)).toBe(spki.subarray(-64).toString('hex'));
    }
  });
});

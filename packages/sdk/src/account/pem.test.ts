import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SdkError } from '../sdkError.js';
import { randomAccount } from './account.js';
import { derItems } from './der.js';
import { accountFromPem, pemOfAccount } from './pem.js';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
const secret = Buffer.from(privateKey.export({ format: 'jwk' }).d!, 'base64url').toString('hex');

describe('a PEM file', () => {
  it('gives its account, in either form', async () => {
    for (const type of ['pkcs8', 'sec1'] as const) {
      const account = await accountFromPem(privateKey.export({ type, format: 'pem' }).toString());
      expect(Buffer.from(account.exportPrivateKey()).toString('hex')).toBe(secret);
    }
  });

  it('is written as OpenSSL reads it', async () => {
    const account = await randomAccount();
    const pem = pemOfAccount(account);
    const { d } = createPrivateKey(pem).export({ format: 'jwk' });
    expect(Buffer.from(d!, 'base64url')).toEqual(Buffer.from(account.exportPrivateKey()));
    expect((await accountFromPem(pem)).address).toBe(account.address);
  });

  it('is refused when it is damaged, encrypted or of another curve', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
    const texts = [
      '',
      'PRIVATE KEY',
      other.export({ type: 'pkcs8', format: 'pem' }).toString(),
      other.export({ type: 'sec1', format: 'pem' }).toString(),
      privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString(),
      privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().replace('MIG', 'MIH'),
    ];
    for (const text of texts) {
      const error = (await accountFromPem(text).catch((thrown: unknown) => thrown)) as SdkError;
      expect(error.code, text).toBe('BadKey');
    }
  });
});

describe('DER', () => {
  it('takes any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void derItems(bytes)));
  });
});

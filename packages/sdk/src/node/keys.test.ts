import { execFileSync } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { toHex } from '@menglian/base/bytes';
import { scrypt } from '@noble/hashes/scrypt.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomAccount } from '../account/account.js';
import { accountFromPem, pemOfAccount } from '../account/pem.js';
import type { SdkError } from '../sdkError.js';
import { accountFromKeystore, keystoreOfAccount } from './keystore.js';
import { accountFromPkcs12, pkcs12OfAccount } from './pkcs12.js';

const failure = (promise: Promise<unknown>) =>
  promise.catch((error: unknown) => error as SdkError) as Promise<SdkError>;

/** Test vectors of the Web3 Secret Storage Definition. */
const SECRET = '7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d';
const crypto = (kdf: string, kdfparams: object, ciphertext: string, iv: string, mac: string) =>
  JSON.stringify({
    version: 3,
    id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
    crypto: { cipher: 'aes-128-ctr', cipherparams: { iv }, ciphertext, kdf, kdfparams, mac },
  });
const SALT = 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd';
const PBKDF2 = crypto(
  'pbkdf2',
  { c: 262144, dklen: 32, prf: 'hmac-sha256', salt: SALT },
  '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
  '6087dab2f9fdbbfaddc31a909735c1e6',
  '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
);
/** Made with the scrypt and the keccak of another library. */
const SCRYPT = (() => {
  const salt = new Uint8Array(32).fill(5);
  const iv = '83dbcc02d8ccb40e466191a123791e0e';
  const derived = scrypt('testpassword', salt, { N: 4096, r: 8, p: 2, dkLen: 32 });
  const cipher = createCipheriv('aes-128-ctr', derived.subarray(0, 16), Buffer.from(iv, 'hex'));
  const ciphertext = cipher.update(SECRET, 'hex');
  const mac = toHex(keccak_256(Buffer.concat([derived.subarray(16), ciphertext])));
  const parameters = { dklen: 32, n: 4096, p: 2, r: 8, salt: toHex(salt) };
  return crypto('scrypt', parameters, ciphertext.toString('hex'), iv, mac);
})();

describe('a keystore', () => {
  it('of others opens', async () => {
    for (const json of [PBKDF2, SCRYPT, PBKDF2.replace('"crypto"', '"Crypto"')]) {
      expect(toHex((await accountFromKeystore(json, 'testpassword')).exportPrivateKey())).toBe(SECRET);
    }
  });

  it('of ours opens', async () => {
    const account = await randomAccount();
    const json = await keystoreOfAccount(account, '密码');
    expect((JSON.parse(json) as { id: string }).id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/);
    expect((await accountFromKeystore(json, '密码')).address).toBe(account.address);
  });

  it('is of either suite, and of the address that it states', async () => {
    const account = await accountFromKeystore(PBKDF2, 'testpassword', 'sm');
    expect([toHex(account.exportPrivateKey()), account.suite.name]).toEqual([SECRET, 'sm']);
    const stated = (address: string) => PBKDF2.replace('{', `{"address":"${address}",`);
    for (const address of [account.address, account.address.slice(2).toUpperCase()]) {
      expect((await accountFromKeystore(stated(address), 'testpassword', 'sm')).address).toBe(account.address);
    }
    const error = await failure(accountFromKeystore(stated(account.address), 'testpassword'));
    expect([error.code, error.message]).toEqual(['OtherSuite', expect.stringContaining('holds a key of suite sm')]);
    const neither = await failure(accountFromKeystore(stated(`0x${'77'.repeat(20)}`), 'testpassword'));
    expect(neither.message).toContain('another address');
  });

  it('does not open with another password, and tells nothing', async () => {
    const error = await failure(accountFromKeystore(PBKDF2, 'hunter2'));
    expect([error.code, inspect(error).includes('hunter2')]).toEqual(['BadKey', false]);
  });

  it('is refused when it is damaged or would take too much', async () => {
    const broken = [
      '',
      '{}',
      'null',
      '{"version":3,"crypto":null}',
      PBKDF2.replace('"version":3', '"version":1'),
      PBKDF2.replace('aes-128-ctr', 'aes-128-cbc'),
      PBKDF2.replace('262144', '2621440000'),
      SCRYPT.replace('4096', '268435456'),
      SCRYPT.replace('4096', '4097'),
      SCRYPT.replace('"n":4096', '"n":262144').replace('"r":8', '"r":1'),
      SCRYPT.replace('"p":2', '"p":800'),
      SCRYPT.replace('"dklen":32', '"dklen":16'),
    ];
    for (const json of broken) expect((await failure(accountFromKeystore(json, 'x'))).code, json).toBe('BadKey');
  });
});

describe('a PKCS#12 file', () => {
  let folder: string;
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const p12 = () => Uint8Array.from(readFileSync(join(folder, 'account.p12')));

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'menglian-sdk-'));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(['ecdsa', 'sm'] as const)('of suite %s opens, however OpenSSL encrypted it', async (suite) => {
    const account = await randomAccount(suite);
    writeFileSync(join(folder, 'key.pem'), pemOfAccount(account));
    openssl('req', '-x509', '-new', '-key', 'key.pem', '-subj', '/CN=account', '-out', 'account.crt');
    const exporting = 'pkcs12 -export -inkey key.pem -in account.crt -name key -out account.p12'.split(' ');
    for (const options of [
      [],
      ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'],
      ['-keypbe', 'sm4-cbc', '-macalg', 'sm3'],
      ['-nocerts'],
    ]) {
      for (const password of ['secret', '']) {
        openssl(...exporting, ...options, '-passout', `pass:${password}`);
        expect((await accountFromPkcs12(p12(), password, suite)).address).toBe(account.address);
        expect((await failure(accountFromPkcs12(p12(), 'wrong', suite))).code).toBe('BadKey');
      }
    }
  });

  it.each(['ecdsa', 'sm'] as const)('of suite %s that we wrote is opened by us and by OpenSSL', async (suite) => {
    const account = await randomAccount(suite);
    writeFileSync(join(folder, 'ours.p12'), pkcs12OfAccount(account, '密码'));
    const ours = Uint8Array.from(readFileSync(join(folder, 'ours.p12')));
    expect((await accountFromPkcs12(ours, '密码', suite)).address).toBe(account.address);
    const other = suite === 'sm' ? 'ecdsa' : 'sm';
    const { code, message } = await failure(accountFromPkcs12(ours, '密码', other));
    expect([code, message]).toEqual(['OtherSuite', expect.stringContaining(`holds a key of suite ${suite}`)]);
    const pem = openssl('pkcs12', '-in', 'ours.p12', '-nodes', '-nocerts', '-passin', 'pass:密码').toString();
    expect((await accountFromPem(pem, suite)).address).toBe(account.address);
  });

  it('may be any bytes', async () => {
    const whole = p12();
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (index, byte) => {
        const damaged = Uint8Array.from(whole);
        damaged[index] = byte;
        await accountFromPkcs12(damaged, '').catch((error: SdkError) =>
          expect(['BadKey', 'OtherSuite']).toContain(error.code),
        );
      }),
      { numRuns: 200 },
    );
  });
});

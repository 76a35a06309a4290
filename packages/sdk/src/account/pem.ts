import { fromHex, utf8Bytes } from '@menglian/base/bytes';
import { type KeyCurve, keyOfPkcs8, keyOfSec1, pkcs8OfKey } from '@menglian/crypto/pkcs8';
import { decryptPkcs8, encryptPkcs8, type Pkcs8Hash } from '@menglian/crypto/pkcs8Encryption';
import type { SuiteName } from '@menglian/crypto/suite';
import { PLATFORM_PORTS, type Ports } from '../ports.js';
import { type SdkError, sdkError } from '../sdkError.js';
import { Account } from './account.js';
import { loadAccountSuite } from './accountSuite.js';

/** On which curve the keys of a suite are. */
export const CURVES: Readonly<Record<SuiteName, KeyCurve>> = { ecdsa: 'secp256k1', sm: 'sm2' };

export const OTHER_SUITE: Readonly<Record<SuiteName, SuiteName>> = { ecdsa: 'sm', sm: 'ecdsa' };

/** A key file has some hundred characters. */
const PEM_CHARACTERS_MAX = 65_536;

/** Rounds of PBKDF2 that files are written with: a tenth of a second in Node, a second in a browser. */
const ROUNDS_WRITTEN = 100_000;

/**
 * The account of a PEM file: `PRIVATE KEY` (PKCS#8, as the scripts for accounts of 2.x write it), `EC PRIVATE KEY` or `SM2
 * PRIVATE KEY` (SEC 1), or with a password `ENCRYPTED PRIVATE KEY` (PBES2 with SM4 or, in Node, AES).
 * @throws SdkError `BadKey` or `OtherSuite`, without anything of the text
 */
export async function accountFromPem(pem: string, suite: SuiteName = 'ecdsa', password?: string): Promise<Account> {
  const block = keyBlock(pem);
  if (block === undefined) throw noKey();
  const { kind, bytes } = block;
  const keyOn = kind === 'sec1' ? keyOfSec1 : keyOfPkcs8;
  const der = kind === 'encrypted' ? decrypted(bytes, password) : bytes;
  const key = keyOn(der, CURVES[suite]);
  if (key !== undefined) return new Account(await loadAccountSuite(suite), key);
  if (keyOn(der, CURVES[OTHER_SUITE[suite]]) === undefined) throw noKey();
  throw otherSuite('the PEM', suite);
}

/** @param place what holds the key. @param suite that was asked for */
export function otherSuite(place: string, suite: SuiteName): SdkError {
  const other = OTHER_SUITE[suite];
  return sdkError(
    'OtherSuite',
    `${place} holds a key of suite ${other}`,
    `give a key of suite ${suite}, or say '${other}'`,
  );
}

/** The account as the scripts for accounts of 2.x write it. */
export function pemOfAccount(account: Account): string {
  return pemText('PRIVATE KEY', pkcs8OfAccount(account));
}

/**
 * The account under a password: SM4 with suite sm, AES with suite ecdsa (in Node only).
 * @param hash what the password goes through: SM3 with suite sm, as GmSSL and Bouncy Castle read it; OpenSSL reads `sha256`
 * @throws SdkError `NotSupported` for suite ecdsa in a browser
 */
export function encryptedPemOfAccount(
  account: Account,
  password: string,
  hash: Pkcs8Hash = account.suite.name === 'sm' ? 'sm3' : 'sha256',
  ports: Ports = PLATFORM_PORTS,
): string {
  return pemText('ENCRYPTED PRIVATE KEY', encryptedKeyOfAccount(account, password, hash, ports));
}

/** What stands in such a PEM, and in a PKCS#12. */
export function encryptedKeyOfAccount(account: Account, password: string, hash: Pkcs8Hash, ports: Ports): Uint8Array {
  const encryption = {
    cipher: account.suite.name === 'sm' ? 'sm4-cbc' : 'aes-256-cbc',
    hash,
    rounds: ROUNDS_WRITTEN,
    salt: ports.random(16),
    initializationVector: ports.random(16),
  } as const;
  const encrypted = encryptPkcs8(pkcs8OfAccount(account), utf8Bytes(password), encryption);
  if (encrypted.ok) return encrypted.value;
  throw sdkError('NotSupported', 'there is no AES here to encrypt the key with', 'do it in Node, or with suite sm');
}

/** With the public key: nodejs-sdk cuts the key out of these bytes at a fixed place. */
function pkcs8OfAccount(account: Account): Uint8Array {
  return pkcs8OfKey(CURVES[account.suite.name], account.exportPrivateKey(), fromHex(account.publicKey));
}

interface KeyBlock {
  readonly kind: 'pkcs8' | 'sec1' | 'encrypted';
  readonly bytes: Uint8Array;
}

function keyBlock(pem: string): KeyBlock | undefined {
  if (typeof pem !== 'string' || pem.length > PEM_CHARACTERS_MAX) return undefined;
  const pattern = /-----BEGIN (EC |SM2 |ENCRYPTED )?PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END \1PRIVATE KEY-----/;
  const match = pattern.exec(pem);
  const bytes = match === null ? undefined : fromBase64(match[2]!);
  if (bytes === undefined) return undefined;
  const label = match![1];
  return { kind: label === undefined ? 'pkcs8' : label === 'ENCRYPTED ' ? 'encrypted' : 'sec1', bytes };
}

function decrypted(bytes: Uint8Array, password: string | undefined): Uint8Array {
  if (password === undefined) throw sdkError('BadKey', 'the PEM is encrypted', 'give its password');
  const opened = decryptPkcs8(bytes, utf8Bytes(password));
  if (opened.ok) return opened.value;
  if (opened.reason === 'WrongPassword') throw sdkError('BadKey', 'the PEM does not open', 'see the password');
  const advice = 'encrypt it with PBES2, PBKDF2 and sm4-cbc or, for Node, aes-256-cbc, as `openssl pkcs8 -topk8` does';
  throw sdkError('BadKey', 'the PEM is encrypted in a way that is not read here', advice);
}

function noKey(): SdkError {
  const advice = 'give a PEM of PRIVATE KEY, EC PRIVATE KEY or ENCRYPTED PRIVATE KEY on the curve of the suite';
  return sdkError('BadKey', 'the PEM holds no private key that can be read', advice);
}

function pemText(label: string, der: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...der));
  return `-----BEGIN ${label}-----\n${base64.replaceAll(/.{64}(?!$)/g, '$&\n')}\n-----END ${label}-----\n`;
}

function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text.replaceAll(/\s/g, '')), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

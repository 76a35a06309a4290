import { createCipheriv, createDecipheriv, pbkdf2, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { concatBytes, parseHex, toHex } from '@menglian/base/bytes';
import { keccak256 } from '@menglian/crypto/hashes';
import type { SuiteName } from '@menglian/crypto/suite';
import { Account } from '../account/account.js';
import { OTHER_SUITE, otherSuite } from '../account/pem.js';
import { PLATFORM_PORTS, type Ports } from '../ports.js';
import { integer, optional, record, text } from '../rpc/reader.js';
import { type SdkError, sdkError } from '../sdkError.js';
import { loadAccountSuite } from '../account/accountSuite.js';

/**
 * Encrypted keys as Ethereum clients keep them: Web3 Secret Storage Definition, version 3. The check sum is keccak-256 with
 * either suite, and the address that of the suite.
 */

const deriveByScrypt = promisify<Uint8Array, Uint8Array, number, ScryptOptions, Uint8Array>(scrypt);
const deriveByPbkdf2 = promisify(pbkdf2);

interface ScryptOptions {
  readonly N: number;
  readonly r: number;
  readonly p: number;
  readonly maxmem: number;
}

const CIPHER = 'aes-128-ctr';
const KEY_BYTES = 32;
const CIPHER_KEY_BYTES = 16;

/** Of a file; real ones have 500. */
const KEYSTORE_CHARACTERS_MAX = 65_536;

/** Memory that opening a file may take, 128·n·r: a hostile file must not stop the program. */
const SCRYPT_BYTES_MAX = 1024 * 1024 * 1024;

/** How often scrypt may be repeated. */
const SCRYPT_PARALLEL_MAX = 16;

/** Rounds of pbkdf2: some seconds. */
const PBKDF2_ROUNDS_MAX = 10_000_000;

/** What files are written with, as others do: 256 MiB and about a second. */
const SCRYPT_WRITTEN = { n: 262_144, r: 8, p: 1 };

const keystore = record({
  version: integer,
  address: optional(text, ''),
  crypto: record({
    cipher: text,
    ciphertext: text,
    cipherparams: record({ iv: text }),
    kdf: text,
    kdfparams: record({
      dklen: integer,
      salt: text,
      n: optional(integer, 0),
      r: optional(integer, 0),
      p: optional(integer, 0),
      c: optional(integer, 0),
      prf: optional(text, ''),
    }),
    mac: text,
  }),
});

type Keystore = ReturnType<typeof keystore>;

/** @param json text of the file. @throws SdkError `BadKey` or `OtherSuite`, with nothing of the file or the password */
export async function accountFromKeystore(
  json: string,
  password: string,
  suite: SuiteName = 'ecdsa',
): Promise<Account> {
  const { crypto, address } = parse(json);
  const [ciphertext, iv, mac] = [crypto.ciphertext, crypto.cipherparams.iv, crypto.mac].map(parseHex);
  const isKnown =
    crypto.cipher === CIPHER && ciphertext?.length === KEY_BYTES && iv?.length === 16 && mac?.length === 32;
  if (!isKnown) throw unreadable();
  const derived = await derive(crypto, new TextEncoder().encode(password.normalize('NFKC')));
  const sum = keccak256(concatBytes(derived.subarray(CIPHER_KEY_BYTES, 32), ciphertext!));
  if (!timingSafeEqual(sum, mac!)) throw sdkError('BadKey', 'the keystore does not open', 'see the password');
  const decipher = createDecipheriv(CIPHER, derived.subarray(0, CIPHER_KEY_BYTES), iv!);
  const key = concatBytes(decipher.update(ciphertext!), decipher.final());
  const account = new Account(await loadAccountSuite(suite), key);
  const isAt = (one: Account) => address.toLowerCase().replace('0x', '') === one.address.slice(2);
  if (address === '' || isAt(account)) return account;
  if (isAt(new Account(await loadAccountSuite(OTHER_SUITE[suite]), key))) throw otherSuite('the keystore', suite);
  throw sdkError('BadKey', 'the keystore is of another address than its key', 'take another copy of the file');
}

/** @returns JSON that this and other clients read. Takes about a second and 256 MiB. */
export async function keystoreOfAccount(
  account: Account,
  password: string,
  ports: Ports = PLATFORM_PORTS,
): Promise<string> {
  const salt = ports.random(32);
  const iv = ports.random(16);
  const { n, r, p } = SCRYPT_WRITTEN;
  const derived = await deriveByScrypt(new TextEncoder().encode(password.normalize('NFKC')), salt, 32, {
    N: n,
    r,
    p,
    maxmem: 2 * 128 * n * r,
  });
  const cipher = createCipheriv(CIPHER, derived.subarray(0, CIPHER_KEY_BYTES), iv);
  const ciphertext = concatBytes(cipher.update(account.exportPrivateKey()), cipher.final());
  return JSON.stringify({
    version: 3,
    id: uuidOf(ports.random(16)),
    address: account.address.slice(2),
    crypto: {
      cipher: CIPHER,
      cipherparams: { iv: toHex(iv) },
      ciphertext: toHex(ciphertext),
      kdf: 'scrypt',
      kdfparams: { dklen: 32, n, r, p, salt: toHex(salt) },
      mac: toHex(keccak256(concatBytes(derived.subarray(CIPHER_KEY_BYTES), ciphertext))),
    },
  });
}

function parse(json: string): Keystore {
  try {
    if (json.length > KEYSTORE_CHARACTERS_MAX) throw unreadable();
    const value = JSON.parse(json) as { crypto?: unknown; Crypto?: unknown };
    const read = keystore({ ...value, crypto: value.crypto ?? value.Crypto }, 'keystore');
    if (read.version === 3) return read;
  } catch {
    // What is wrong with it would repeat what is in it.
  }
  throw unreadable();
}

async function derive({ kdf, kdfparams }: Keystore['crypto'], password: Uint8Array): Promise<Uint8Array> {
  const { dklen, n, r, p, c, prf } = kdfparams;
  const salt = parseHex(kdfparams.salt);
  if (salt === undefined || dklen < 32 || dklen > 64) throw unreadable();
  if (kdf === 'scrypt') {
    const isPower = n > 1 && Number.isInteger(Math.log2(n));
    const isBounded = r > 0 && p > 0 && p <= SCRYPT_PARALLEL_MAX && 128 * n * r <= SCRYPT_BYTES_MAX;
    // RFC 7914, section 2; OpenSSL insists.
    const isAllowed = n < 2 ** Math.min(16 * r, 53);
    if (!isPower || !isBounded || !isAllowed) throw unreadable();
    return deriveByScrypt(password, salt, dklen, { N: n, r, p, maxmem: 128 * r * (n + p + 8) + 65_536 });
  }
  if (kdf !== 'pbkdf2' || prf !== 'hmac-sha256' || c < 1 || c > PBKDF2_ROUNDS_MAX) throw unreadable();
  return deriveByPbkdf2(password, salt, c, dklen, 'sha256');
}

function unreadable(): SdkError {
  const advice = 'give the text of a version 3 file with scrypt or pbkdf2 and aes-128-ctr';
  return sdkError('BadKey', 'this is no keystore that can be read', advice);
}

function uuidOf(bytes: Uint8Array): string {
  const marked = Uint8Array.from(bytes);
  marked[6] = (marked[6]! & 0x0f) | 0x40;
  marked[8] = (marked[8]! & 0x3f) | 0x80;
  return toHex(marked).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Private keys under a password: EncryptedPrivateKeyInfo with PBES2 and PBKDF2 (RFC 8018), as `openssl pkcs8` writes. */
import { concatBytes, fromHex, toBigInt, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { failure, type Result, success } from '@menglian/base/result';
import { derElement, derInside, derInteger, type DerItem, derSequence, DerTag, derUnsigned } from './der.js';
import { pbkdf2, PBKDF2_ROUNDS_MAX } from './kdf.js';
import { nodeCrypto } from './nodeCrypto.js';
import { expandSm4Key, sm4DecryptCbc, sm4EncryptCbc } from './sm4.js';

/** SM4 runs everywhere; AES is OpenSSL's, so in Node only. */
export type Pkcs8Cipher = 'sm4-cbc' | 'aes-256-cbc';
export type Pkcs8Hash = 'sm3' | 'sha256';

export interface Pkcs8Encryption {
  readonly cipher: Pkcs8Cipher;
  readonly hash: Pkcs8Hash;
  /** 1 to `PBKDF2_ROUNDS_MAX`; from 100,000 on a guess costs something. */
  readonly rounds: number;
  /** 8 to 64 random bytes. */
  readonly salt: Uint8Array;
  /** 16 random bytes. */
  readonly initializationVector: Uint8Array;
}

/**
 * `Malformed`: no EncryptedPrivateKeyInfo. `Unsupported`: a cipher, hash or cost that is not read here.
 * `WrongPassword`: or a damaged file, which cannot be told apart.
 */
export type Pkcs8Refusal = 'Malformed' | 'Unsupported' | 'WrongPassword';

const BLOCK_BYTES = 16;
/** Real salts have 8 to 32. */
const SALT_BYTES_MAX = 64;
/** Of a key under a password; real ones have 150 to 300. */
const PKCS8_BYTES_MAX = 4096;

const PBES2 = '2a864886f70d01050d';
const PBKDF2 = '2a864886f70d01050c';

/**
 * The first is written, all are read. HMAC-SM3 is 1.2.156.10197.1.401.2 in GM/T 0006, for GmSSL and for Bouncy Castle, and
 * 1.2.156.10197.1.401.3.1 for OpenSSL since 3.2; HMAC-SHA-256 is 1.2.840.113549.2.9 for all.
 */
const HASHES: Readonly<Record<Pkcs8Hash, readonly string[]>> = {
  sm3: ['2a811ccf5501831102', '2a811ccf550183110301'],
  sha256: ['2a864886f70d0209'],
};

interface CipherForm {
  readonly identifier: string;
  readonly keyBytes: number;
}

/** 1.2.156.10197.1.104.2 and 2.16.840.1.101.3.4.1.42 */
const CIPHERS: Readonly<Record<Pkcs8Cipher, CipherForm>> = {
  'sm4-cbc': { identifier: '2a811ccf55016802', keyBytes: 16 },
  'aes-256-cbc': { identifier: '60864801650304012a', keyBytes: 32 },
};

/**
 * @param pkcs8 of `pkcs8OfKey`
 * @param password bytes of its text: UTF-8, as elsewhere
 * @returns `Unsupported` for AES in a browser
 */
export function encryptPkcs8(
  pkcs8: Uint8Array,
  password: Uint8Array,
  encryption: Pkcs8Encryption,
): Result<Uint8Array, 'Unsupported'> {
  const { cipher, hash, rounds, salt, initializationVector } = encryption;
  invariant(salt.length >= 8 && salt.length <= SALT_BYTES_MAX, 'crypto/salt-length');
  invariant(initializationVector.length === BLOCK_BYTES, 'crypto/iv-length');
  if (!isThere(cipher)) return failure('Unsupported');
  const { identifier, keyBytes } = CIPHERS[cipher];
  const key = pbkdf2(hash, password, salt, rounds, keyBytes);
  const ciphertext = encryptCbc(cipher, key, initializationVector, pkcs8);
  // RFC 8018 wants the NULL of SHA-256; GmSSL reads HMAC-SM3 without one only.
  const hashIdentifier = [identifierOf(HASHES[hash][0]!), ...(hash === 'sm3' ? [] : [derElement(DerTag.null)])];
  const kdf = derElement(
    DerTag.sequence,
    identifierOf(PBKDF2),
    derElement(
      DerTag.sequence,
      derElement(DerTag.octetString, salt),
      derInteger(BigInt(rounds)),
      derElement(DerTag.sequence, ...hashIdentifier),
    ),
  );
  const scheme = derElement(
    DerTag.sequence,
    identifierOf(identifier),
    derElement(DerTag.octetString, initializationVector),
  );
  const algorithm = derElement(DerTag.sequence, identifierOf(PBES2), derElement(DerTag.sequence, kdf, scheme));
  return success(derElement(DerTag.sequence, algorithm, derElement(DerTag.octetString, ciphertext)));
}

/** @param der any bytes. @returns PrivateKeyInfo for `keyOfPkcs8` */
export function decryptPkcs8(der: Uint8Array, password: Uint8Array): Result<Uint8Array, Pkcs8Refusal> {
  const [algorithm, octets] = der.length > PKCS8_BYTES_MAX ? [] : derSequence(der);
  const [kind, parameters] = derInside(algorithm, DerTag.sequence);
  if (kind?.tag !== DerTag.objectIdentifier || octets?.tag !== DerTag.octetString) return failure('Malformed');
  if (toHex(kind.content) !== PBES2) return failure('Unsupported');
  const encryption = readParameters(parameters);
  if (!encryption.ok) return encryption;

  const { cipher, hash, rounds, salt, initializationVector } = encryption.value;
  if (!isThere(cipher)) return failure('Unsupported');
  const key = pbkdf2(hash, password, salt, rounds, CIPHERS[cipher].keyBytes);
  const plaintext = decryptCbc(cipher, key, initializationVector, octets.content);
  // Padding is right by chance for one wrong password in 256.
  if (plaintext === undefined || derSequence(plaintext).length < 3) return failure('WrongPassword');
  return success(plaintext);
}

/**
 * How costly a password's way to the key is, for who would have another program open what is `Unsupported` here.
 * @param der any bytes
 * @returns the rounds of PBKDF2 or of the schemes before it (RFC 8018, A.3; RFC 7292, C), undefined for anything else
 */
export function roundsOfPkcs8(der: Uint8Array): bigint | undefined {
  const [algorithm, octets] = derSequence(der);
  const [kind, parameters] = derInside(algorithm, DerTag.sequence);
  let costs: DerItem | undefined = parameters;
  if (isIdentifier(kind, PBES2)) {
    const [kdf] = derInside(parameters, DerTag.sequence);
    const [kdfKind, kdfParameters] = derInside(kdf, DerTag.sequence);
    costs = isIdentifier(kdfKind, PBKDF2) ? kdfParameters : undefined;
  }
  const [salt, rounds] = derInside(costs, DerTag.sequence);
  const count = derUnsigned(rounds);
  const isKnown = salt?.tag === DerTag.octetString && octets?.tag === DerTag.octetString && count !== undefined;
  return isKnown ? toBigInt(count) : undefined;
}

function readParameters(item: DerItem | undefined): Result<Pkcs8Encryption, Pkcs8Refusal> {
  const [kdf, scheme] = derInside(item, DerTag.sequence);
  const [kdfKind, kdfParameters] = derInside(kdf, DerTag.sequence);
  const [schemeKind, iv] = derInside(scheme, DerTag.sequence);
  const [salt, roundsItem, ...rest] = derInside(kdfParameters, DerTag.sequence);
  const cipher = keyWith(CIPHERS, (form) => isIdentifier(schemeKind, form.identifier));
  if (!isIdentifier(kdfKind, PBKDF2) || cipher === undefined) return failure('Unsupported');

  const rounds = derUnsigned(roundsItem);
  if (salt?.tag !== DerTag.octetString || rounds === undefined || iv?.tag !== DerTag.octetString) {
    return failure('Malformed');
  }
  if (iv.content.length !== BLOCK_BYTES || salt.content.length > SALT_BYTES_MAX) return failure('Malformed');
  // The length of the key may stand before the hash; it says what the cipher says.
  const length = rest[0]?.tag === DerTag.integer ? derUnsigned(rest.shift()) : undefined;
  if (length !== undefined && toBigInt(length) !== BigInt(CIPHERS[cipher].keyBytes)) return failure('Malformed');
  // Without a name the hash would be SHA-1.
  const [hashKind] = derInside(rest[0], DerTag.sequence);
  const hash = keyWith(HASHES, (identifiers) => identifiers.some((identifier) => isIdentifier(hashKind, identifier)));
  const count = toBigInt(rounds);
  if (hash === undefined || count < 1n || count > BigInt(PBKDF2_ROUNDS_MAX)) return failure('Unsupported');
  return success({ cipher, hash, rounds: Number(count), salt: salt.content, initializationVector: iv.content });
}

function isThere(cipher: Pkcs8Cipher): boolean {
  return cipher === 'sm4-cbc' || nodeCrypto !== undefined;
}

function encryptCbc(cipher: Pkcs8Cipher, key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Uint8Array {
  if (cipher === 'sm4-cbc') return sm4EncryptCbc(expandSm4Key(key), iv, plaintext);
  const encryption = nodeCrypto!.createCipheriv(cipher, key, iv);
  return concatBytes(encryption.update(plaintext), encryption.final());
}

function decryptCbc(
  cipher: Pkcs8Cipher,
  key: Uint8Array,
  iv: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array | undefined {
  if (cipher === 'sm4-cbc') return sm4DecryptCbc(expandSm4Key(key), iv, ciphertext);
  try {
    const decryption = nodeCrypto!.createDecipheriv(cipher, key, iv);
    return concatBytes(decryption.update(ciphertext), decryption.final());
  } catch {
    return undefined;
  }
}

function identifierOf(hex: string): Uint8Array {
  return derElement(DerTag.objectIdentifier, fromHex(hex));
}

function isIdentifier(item: DerItem | undefined, hex: string): boolean {
  return item?.tag === DerTag.objectIdentifier && toHex(item.content) === hex;
}

function keyWith<K extends string, V>(table: Readonly<Record<K, V>>, isRight: (value: V) => boolean): K | undefined {
  return (Object.keys(table) as K[]).find((key) => isRight(table[key]));
}

/**
 * A private key in a PKCS#12 file (RFC 7292), the form of key stores and of the scripts for accounts of 2.x. Certificates in
 * such a file are passed over.
 */
import { concatBytes, fromHex, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { derElement, derInside, derInteger, type DerItem, derItems, DerTag } from './der.js';
import { sha256 } from './hashes.js';
import { hmac } from './hmac.js';

/** pkcs-7 data, keyBag, pkcs8ShroudedKeyBag, SHA-256. */
const DATA = '2a864886f70d010701';
const KEY_BAG = '2a864886f70d010c0a0101';
const SHROUDED_KEY_BAG = '2a864886f70d010c0a0102';
const SHA256 = '608648016503040201';

/** Of a file; real ones have 1,000 to 4,000. */
const PKCS12_BYTES_MAX = 1024 * 1024;
const HASH_BLOCK_BYTES = 64;
const SALT_BYTES_MIN = 8;
const MAC_KEY = 3;

export interface Pkcs12Key {
  /** EncryptedPrivateKeyInfo, or PrivateKeyInfo when it is not encrypted. */
  readonly der: Uint8Array;
  readonly isEncrypted: boolean;
}

/** @param file any bytes. @returns its private keys, in order; none when it is anything else */
export function keysOfPkcs12(file: Uint8Array): Pkcs12Key[] {
  if (file.length > PKCS12_BYTES_MAX) return [];
  const [outer] = derItems(file) ?? [];
  const [, authenticated] = derInside(outer, DerTag.sequence);
  // Keys are in a part that is not encrypted as a whole, but one by one.
  const safes = contentOf(authenticated).flatMap((item) => derInside(item, DerTag.sequence));
  const bags = safes.flatMap(contentOf).flatMap((item) => derInside(item, DerTag.sequence));
  return bags.flatMap((bag) => {
    const [identifier, value] = derInside(bag, DerTag.sequence);
    const kind = identifier?.tag === DerTag.objectIdentifier ? toHex(identifier.content) : '';
    if (value?.tag !== DerTag.context0 || (kind !== SHROUDED_KEY_BAG && kind !== KEY_BAG)) return [];
    return [{ der: value.content, isEncrypted: kind === SHROUDED_KEY_BAG }];
  });
}

/** What is in a ContentInfo of plain data. */
function contentOf(contentInfo: DerItem | undefined): DerItem[] {
  const [kind, content] = derInside(contentInfo, DerTag.sequence);
  if (kind === undefined || toHex(kind.content) !== DATA) return [];
  const [octets] = derInside(content, DerTag.context0);
  return derInside(octets, DerTag.octetString);
}

/**
 * A file of one key, without certificates, sealed with HMAC-SHA-256 as OpenSSL and Java check it.
 * @param encryptedPkcs8 of `encryptPkcs8` with the same password
 * @param salt 8 random bytes or more
 * @param rounds of the seal's own derivation, beside those of the encryption
 */
export function pkcs12OfKey(
  encryptedPkcs8: Uint8Array,
  password: string,
  salt: Uint8Array,
  rounds: number,
): Uint8Array {
  invariant(salt.length >= SALT_BYTES_MIN, 'crypto/salt-length');
  const bag = derElement(DerTag.sequence, identifierOf(SHROUDED_KEY_BAG), derElement(DerTag.context0, encryptedPkcs8));
  const safe = derElement(DerTag.sequence, dataOf(derElement(DerTag.sequence, bag)));
  const seal = hmac(sha256, macKey(password, salt, rounds), safe);
  const algorithm = derElement(DerTag.sequence, identifierOf(SHA256), derElement(DerTag.null));
  const mac = derElement(
    DerTag.sequence,
    derElement(DerTag.sequence, algorithm, derElement(DerTag.octetString, seal)),
    derElement(DerTag.octetString, salt),
    derInteger(BigInt(rounds)),
  );
  return derElement(DerTag.sequence, derInteger(3n), dataOf(safe), mac);
}

function dataOf(content: Uint8Array): Uint8Array {
  return derElement(
    DerTag.sequence,
    identifierOf(DATA),
    derElement(DerTag.context0, derElement(DerTag.octetString, content)),
  );
}

/** Appendix B.2 for as many bytes as the hash has, so that one block is all. */
function macKey(password: string, salt: Uint8Array, rounds: number): Uint8Array {
  const diversifier = new Uint8Array(HASH_BLOCK_BYTES).fill(MAC_KEY);
  let key = sha256(concatBytes(diversifier, repeated(salt), repeated(utf16Bytes(`${password}\0`))));
  for (let round = 1; round < rounds; round++) key = sha256(key);
  return key;
}

/** Whole blocks of the bytes over and over. */
function repeated(bytes: Uint8Array): Uint8Array {
  const length = Math.ceil(bytes.length / HASH_BLOCK_BYTES) * HASH_BLOCK_BYTES;
  return Uint8Array.from({ length }, (_, i) => bytes[i % bytes.length]!);
}

/** Big-endian. */
function utf16Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(2 * text.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i));
  return bytes;
}

function identifierOf(hex: string): Uint8Array {
  return derElement(DerTag.objectIdentifier, fromHex(hex));
}

/** SM2 public-key encryption, GB/T 32918.4-2016. For keys and other short secrets: the message is masked, not streamed. */
import { concatBytes, fromBigInt, toBigInt } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { equalSecrets } from './constantTime.js';
import { derElement, derInteger, derSequence, DerTag, derUnsigned } from './der.js';
import { sm3 } from './hashes.js';
import { sm3Kdf } from './kdf.js';
import { isSm2PrivateKey } from './sm2.js';
import { decodeSm2Point, encodeSm2Point, SM2_POINT_BYTES, Sm2Curve, sm2Nonces, type Sm2Point } from './sm2Curve.js';

/**
 * How the parts stand: C1 is the point 04 ‖ X ‖ Y, C2 the masked message, C3 its hash. `c1c3c2` is the standard's order
 * since 2012, `c1c2c3` the one before; `asn1` is SM2Cipher of GM/T 0009-2012, 7.2, which OpenSSL reads and writes.
 * Some programs (sm-crypto) leave the 04 out: put it in front of theirs.
 */
export type Sm2CiphertextForm = 'c1c3c2' | 'c1c2c3' | 'asn1';

/** Longest message. Whatever is longer is encrypted with SM4, and SM4's key with this. */
export const SM2_MESSAGE_BYTES_MAX = 1024 * 1024;

const HASH_BYTES = 32;
const RANDOMNESS_BYTES = 32;
const UNCOMPRESSED = 4;
const C1_BYTES = 1 + SM2_POINT_BYTES;
/** What is looked at to decrypt: the message, the point, the hash, and their tags in DER. */
const CIPHERTEXT_BYTES_MAX = SM2_MESSAGE_BYTES_MAX + 256;

interface Parts {
  /** 64 bytes X ‖ Y */
  readonly point: Uint8Array;
  readonly masked: Uint8Array;
  readonly hash: Uint8Array;
}

/**
 * @param message 1 to `SM2_MESSAGE_BYTES_MAX` bytes
 * @param publicKey 64 bytes of a point of the curve: ask `isSm2PublicKey` about keys of others first
 * @param randomness 32 bytes that nobody can guess. The nonce is derived from them, the key and the message, so that
 *   the same bytes given twice by mistake do not give two messages the same mask.
 */
export function sm2Encrypt(
  message: Uint8Array,
  publicKey: Uint8Array,
  randomness: Uint8Array,
  form: Sm2CiphertextForm = 'c1c3c2',
): Uint8Array {
  invariant(randomness.length === RANDOMNESS_BYTES, 'crypto/randomness-length');
  for (const nonce of sm2Nonces(concatBytes(randomness, sm3(concatBytes(publicKey, message))))) {
    const ciphertext = sm2EncryptWithNonce(message, publicKey, nonce, form);
    if (ciphertext !== undefined) return ciphertext;
  }
  invariant(false, 'crypto/nonce-exhausted');
}

/**
 * For published examples, which state their nonce. Everyone else calls `sm2Encrypt`: a nonce that is known or used twice
 * gives the message away.
 * @returns undefined where the standard wants another nonce, because the mask would leave the message as it is
 */
export function sm2EncryptWithNonce(
  message: Uint8Array,
  publicKey: Uint8Array,
  nonce: bigint,
  form: Sm2CiphertextForm,
): Uint8Array | undefined {
  invariant(message.length > 0 && message.length <= SM2_MESSAGE_BYTES_MAX, 'crypto/sm2-message-length');
  const key = decodeSm2Point(publicKey);
  invariant(key !== undefined, 'crypto/public-key');
  const shared = encodeSm2Point(key.multiply(nonce));
  const mask = sm3Kdf(shared, message.length);
  if (isZero(mask)) return undefined;
  const point = encodeSm2Point(Sm2Curve.BASE.multiply(nonce));
  return join({ point, masked: exclusiveOr(mask, message), hash: hashOf(shared, message) }, form);
}

/**
 * @param ciphertext any bytes
 * @returns undefined when it was not made for this key or in this form, or was changed: which of these is not told
 */
export function sm2Decrypt(
  ciphertext: Uint8Array,
  privateKey: Uint8Array,
  form: Sm2CiphertextForm = 'c1c3c2',
): Uint8Array | undefined {
  invariant(isSm2PrivateKey(privateKey), 'crypto/private-key');
  if (ciphertext.length > CIPHERTEXT_BYTES_MAX) return undefined;
  const parts = form === 'asn1' ? splitDer(ciphertext) : split(ciphertext, form);
  if (parts === undefined || parts.masked.length === 0 || parts.masked.length > SM2_MESSAGE_BYTES_MAX) return undefined;
  // A point of another curve would give the private key away, a few bits with every answer.
  const point: Sm2Point | undefined = decodeSm2Point(parts.point);
  if (point === undefined) return undefined;
  const shared = encodeSm2Point(point.multiply(toBigInt(privateKey)));
  const mask = sm3Kdf(shared, parts.masked.length);
  const isMasked = !isZero(mask);
  const message = exclusiveOr(mask, parts.masked);
  const isRight = equalSecrets(hashOf(shared, message), parts.hash);
  return isRight && isMasked ? message : undefined;
}

function hashOf(shared: Uint8Array, message: Uint8Array): Uint8Array {
  return sm3(concatBytes(shared.subarray(0, 32), message, shared.subarray(32)));
}

function join({ point, masked, hash }: Parts, form: Sm2CiphertextForm): Uint8Array {
  if (form === 'c1c3c2') return concatBytes(Uint8Array.of(UNCOMPRESSED), point, hash, masked);
  if (form === 'c1c2c3') return concatBytes(Uint8Array.of(UNCOMPRESSED), point, masked, hash);
  return derElement(
    DerTag.sequence,
    derInteger(toBigInt(point.subarray(0, 32))),
    derInteger(toBigInt(point.subarray(32))),
    derElement(DerTag.octetString, hash),
    derElement(DerTag.octetString, masked),
  );
}

function split(ciphertext: Uint8Array, form: 'c1c3c2' | 'c1c2c3'): Parts | undefined {
  if (ciphertext.length < C1_BYTES + HASH_BYTES || ciphertext[0] !== UNCOMPRESSED) return undefined;
  const point = ciphertext.subarray(1, C1_BYTES);
  const rest = ciphertext.subarray(C1_BYTES);
  if (form === 'c1c3c2') return { point, hash: rest.subarray(0, HASH_BYTES), masked: rest.subarray(HASH_BYTES) };
  const end = rest.length - HASH_BYTES;
  return { point, hash: rest.subarray(end), masked: rest.subarray(0, end) };
}

function splitDer(ciphertext: Uint8Array): Parts | undefined {
  const items = derSequence(ciphertext);
  const [xItem, yItem, hash, masked] = items;
  const x = derUnsigned(xItem);
  const y = derUnsigned(yItem);
  if (items.length !== 4 || x === undefined || y === undefined || x.length > 32 || y.length > 32) return undefined;
  if (hash?.tag !== DerTag.octetString || hash.content.length !== HASH_BYTES) return undefined;
  if (masked?.tag !== DerTag.octetString) return undefined;
  const point = concatBytes(fromBigInt(toBigInt(x), 32), fromBigInt(toBigInt(y), 32));
  return { point, hash: hash.content, masked: masked.content };
}

function isZero(bytes: Uint8Array): boolean {
  let all = 0;
  for (let i = 0; i < bytes.length; i++) all |= bytes[i]!;
  return all === 0;
}

/** @param a changed and returned */
function exclusiveOr(a: Uint8Array, b: Uint8Array): Uint8Array {
  for (let i = 0; i < a.length; i++) a[i]! ^= b[i]!;
  return a;
}

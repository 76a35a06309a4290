/** SM2 signatures as certificates and other programs write them: SEQUENCE { INTEGER r, INTEGER s } (GM/T 0009-2012, 7.3). */
import { concatBytes, toBigInt } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { derElement, derInteger, derSequence, DerTag, derUnsigned } from './der.js';

const HALF_BYTES = 32;

/** @param signature 64 bytes r ‖ s. @returns 8 to 72 bytes */
export function derSignature(signature: Uint8Array): Uint8Array {
  invariant(signature.length === 2 * HALF_BYTES, 'crypto/signature-length');
  const r = derInteger(toBigInt(signature.subarray(0, HALF_BYTES)));
  const s = derInteger(toBigInt(signature.subarray(HALF_BYTES)));
  return derElement(DerTag.sequence, r, s);
}

/**
 * Takes the distinguished encoding only, so that a signature has one form. Ranges are the verifier's business.
 * @returns 64 bytes r ‖ s, or undefined for anything else
 */
export function parseDerSignature(der: Uint8Array): Uint8Array | undefined {
  const items = derSequence(der);
  const r = derUnsigned(items[0]);
  const s = derUnsigned(items[1]);
  if (items.length !== 2 || r === undefined || s === undefined) return undefined;
  if (r.length > HALF_BYTES || s.length > HALF_BYTES) return undefined;
  return concatBytes(leftPadded(r), leftPadded(s));
}

function leftPadded(bytes: Uint8Array): Uint8Array {
  return concatBytes(new Uint8Array(HALF_BYTES - bytes.length), bytes);
}

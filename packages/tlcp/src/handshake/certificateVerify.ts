/** How a client proves that its certificate is its own. Three ways are in use (docs/tlcp.md). */
import { toBigInt } from '@menglian/base/bytes';
import { sm3 } from '@menglian/crypto/hashes';
import { sm2Verify } from '@menglian/crypto/sm2';
import { decodeSm2Point, Sm2Curve, SM2_ORDER } from '@menglian/crypto/sm2Curve';
import { parseDerSignature } from '@menglian/crypto/sm2Der';
import { Version } from '../cipherSuites.js';

/**
 * @param transcript every message up to the one with the signature. It begins with a ClientHello and is longer than a
 *   hash, so that no signature made in one way can mean something in another
 * @param der the signature
 * @param publicKey 64 bytes X ‖ Y
 */
export function provesPossession(
  version: Version,
  transcript: Uint8Array,
  der: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  const signature = parseDerSignature(der);
  if (signature === undefined) return false;
  const hash = sm3(transcript);
  // TASSL under TLS 1.2 signs the hash without the signer's identity and key.
  if (version === Version.tls12) return verifiesHash(hash, signature, publicKey);
  // The standard signs the hash as a message; GmSSL 3 signs the messages themselves.
  return sm2Verify(hash, signature, publicKey) || sm2Verify(transcript, signature, publicKey);
}

/** SM2's verification from step B5 on, with e given (GB/T 32918.2, 7.1). */
function verifiesHash(hash: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  const r = toBigInt(signature.subarray(0, 32));
  const s = toBigInt(signature.subarray(32));
  const key = decodeSm2Point(publicKey);
  if (r === 0n || r >= SM2_ORDER || s === 0n || s >= SM2_ORDER || key === undefined) return false;
  const t = (r + s) % SM2_ORDER;
  if (t === 0n) return false;
  const sum = Sm2Curve.BASE.mulAddUnsafe(s, key, t);
  return !sum.is0() && (toBigInt(hash) + sum.toAffine().x) % SM2_ORDER === r;
}

/** Private keys in files: PKCS #8 (RFC 5208) and SEC 1 (RFC 5915), unencrypted, on a named curve. */
import { createECDH } from 'node:crypto';
import { concatBytes, equalBytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { failure, success, type Result } from '@menglian/base/result';
import { derElement, derInside, derInteger, derItems, derUnsigned, type DerItem } from '@menglian/crypto/der';
import { isScalar } from '@menglian/crypto/ecdsa/signatureForm';
import { isSm2PrivateKey, sm2PublicKey } from '@menglian/crypto/sm2';
import { readObjectIdentifier, TAG } from './asn1.js';
import { pemText, readPemBlocks } from './pem.js';
import { curveName, keyAlgorithm, readKeyAlgorithm, type NodeKeyAlgorithm } from './publicKeyInfo.js';

export interface PrivateKey {
  readonly algorithm: NodeKeyAlgorithm;
  /** 32 bytes */
  readonly key: Uint8Array;
  /** 64 bytes X ‖ Y */
  readonly publicKey: Uint8Array;
}

const KEY_BYTES = 32;
/** The key, and parameters of its curve in front of it, which openssl's `ecparam` writes. */
const MAX_BLOCKS = 2;
const PARAMETERS = new Set(['EC PARAMETERS', 'SM2 PARAMETERS']);
const SEC1 = new Set(['EC PRIVATE KEY', 'SM2 PRIVATE KEY']);

/**
 * Reads `node.key`, `gmnode.key` and the like.
 * @param pem any text
 * @returns the key, or what is wrong, as the end of a sentence that begins with the name of the file
 */
export function readPrivateKey(pem: string): Result<PrivateKey> {
  const blocks = readPemBlocks(pem, MAX_BLOCKS);
  if (!blocks.ok) {
    return failure(blocks.reason === 'TooLarge' ? 'is far larger than a private key' : 'is not one private key in PEM');
  }
  const keys = blocks.value.filter(({ label }) => !PARAMETERS.has(label));
  const block = keys[0];
  if (block === undefined || keys.length > 1) return failure('is not one private key in PEM');
  if (block.label === 'PRIVATE KEY') return readPkcs8(block.der);
  if (SEC1.has(block.label)) return readSec1(single(block.der), undefined);
  if (block.label === 'ENCRYPTED PRIVATE KEY') return failure('is encrypted; the key must be there without a password');
  return failure(`holds a ${block.label}, not a private key in PEM`);
}

function readPkcs8(der: Uint8Array): Result<PrivateKey> {
  // Behind the key may stand attributes, which say nothing about it.
  const [version, algorithm, key] = derInside(single(der), TAG.sequence);
  if (derUnsigned(version) === undefined || algorithm === undefined || key?.tag !== TAG.octetString) {
    return failure('is not a PKCS #8 private key in distinguished encoding');
  }
  const kind = readKeyAlgorithm(algorithm);
  return isNodeAlgorithm(kind) ? readSec1(single(key.content), kind) : failure(wrongKind(kind));
}

/** @param outer what PKCS #8 says about the curve */
function readSec1(item: DerItem | undefined, outer: NodeKeyAlgorithm | undefined): Result<PrivateKey> {
  const [version, octets, ...optional] = derInside(item, TAG.sequence);
  if (derUnsigned(version)?.[0] !== 1 || octets?.tag !== TAG.octetString) {
    return failure('is not an elliptic curve private key in distinguished encoding');
  }
  const parameters = optional.find(({ tag }) => tag === TAG.context0);
  const inner = parameters === undefined ? outer : curveName(readObjectIdentifier(single(parameters.content)));
  if (inner === undefined || !isNodeAlgorithm(inner)) return failure(wrongKind(inner ?? 'unknown'));
  if (outer !== undefined && outer !== inner) return failure(`says ${outer} outside and ${inner} inside`);
  // Old tools cut leading zeros off.
  if (octets.content.length > KEY_BYTES) return failure('is longer than the 32 bytes of a private key');
  const key = concatBytes(new Uint8Array(KEY_BYTES - octets.content.length), octets.content);
  if (!isPrivateKey(inner, key)) return failure(`is a number outside of the range of keys on ${inner}`);
  const publicKey = publicKeyOf(inner, key);
  const stated = optional.find(({ tag }) => tag === TAG.context1);
  if (stated !== undefined) {
    const bits = single(stated.content);
    const point = concatBytes(Uint8Array.of(0, 4), publicKey);
    if (bits?.tag !== TAG.bitString || !equalBytes(bits.content, point)) {
      return failure('holds a public key that does not belong to its private key, or in compressed form');
    }
  }
  return success({ algorithm: inner, key, publicKey });
}

/** PKCS #8 with the public key, as `openssl genpkey` writes it. */
export function privateKeyPem(algorithm: NodeKeyAlgorithm, key: Uint8Array): string {
  invariant(isPrivateKey(algorithm, key), 'certificates/private-key');
  const point = concatBytes(Uint8Array.of(0, 4), publicKeyOf(algorithm, key));
  const sec1 = derElement(
    TAG.sequence,
    derInteger(1n),
    derElement(TAG.octetString, key),
    derElement(TAG.context1, derElement(TAG.bitString, point)),
  );
  return pemText(
    'PRIVATE KEY',
    derElement(TAG.sequence, derInteger(0n), keyAlgorithm(algorithm), derElement(TAG.octetString, sec1)),
  );
}

function isPrivateKey(algorithm: NodeKeyAlgorithm, key: Uint8Array): boolean {
  return algorithm === 'sm2' ? isSm2PrivateKey(key) : key.length === KEY_BYTES && isScalar(key, 0);
}

/** @returns 64 bytes X ‖ Y */
function publicKeyOf(algorithm: NodeKeyAlgorithm, key: Uint8Array): Uint8Array {
  if (algorithm === 'sm2') return sm2PublicKey(key);
  const curve = createECDH('secp256k1');
  curve.setPrivateKey(key);
  return new Uint8Array(curve.getPublicKey().subarray(1));
}

function isNodeAlgorithm(kind: string): kind is NodeKeyAlgorithm {
  return kind === 'sm2' || kind === 'secp256k1';
}

function wrongKind(kind: string): string {
  return kind === 'unknown'
    ? 'holds a key of an unknown kind or on a curve without name; nodes have keys on sm2 or secp256k1'
    : `holds a key of the kind ${kind}; nodes have keys on sm2 or secp256k1`;
}

/** The one item that fills `bytes`. */
function single(bytes: Uint8Array): DerItem | undefined {
  const items = derItems(bytes);
  return items?.length === 1 ? items[0] : undefined;
}

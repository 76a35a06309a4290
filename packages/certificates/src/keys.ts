/** Keys that certificates are made of and signed with, of either family. */
import {
  createPrivateKey,
  createPublicKey,
  createSign,
  generateKeyPair,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import { toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { derElement } from '@menglian/crypto/der';
import { DEFAULT_SIGNER_ID, isSm2PrivateKey, sm2PublicKey, sm2SignAs } from '@menglian/crypto/sm2';
import { derSignature } from '@menglian/crypto/sm2Der';
import { objectIdentifier, OID, TAG } from './asn1.js';
import { privateKeyPem, readPrivateKey } from './privateKey.js';
import { publicKeyInfo } from './publicKeyInfo.js';

export interface CertificateKey {
  /** SubjectPublicKeyInfo */
  readonly publicKeyInfo: Uint8Array;
  /** AlgorithmIdentifier of what `sign` makes. */
  readonly signatureAlgorithm: Uint8Array;
  readonly isSm: boolean;
  /** PKCS #8, unencrypted: `BEGIN PRIVATE KEY`. */
  readonly privateKeyPem: string;
  /** @returns the signature as certificates hold it */
  sign(message: Uint8Array): Uint8Array;
}

const KEY_BYTES = 32;
const SM2_WITH_SM3 = derElement(TAG.sequence, objectIdentifier(OID.sm2WithSm3));
const ECDSA_WITH_SHA256 = derElement(TAG.sequence, objectIdentifier(OID.ecdsaWithSha256));
const RSA_WITH_SHA256 = derElement(TAG.sequence, objectIdentifier(OID.rsaWithSha256), derElement(TAG.null));

const generate = promisify(generateKeyPair);

/**
 * A key on secp256k1 whose 32 bytes do not begin with 00: tools of 2.x cut leading zeros off and then read another key,
 * so `build_chain.sh` throws such keys away as well.
 */
export async function generateChainKey(): Promise<CertificateKey> {
  for (;;) {
    const { privateKey } = await generate('ec', { namedCurve: 'secp256k1' });
    if (Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url')[0] !== 0) return standardKey(privateKey);
  }
}

/** A key of SM2, which does not begin with 00 either. */
export function generateSmKey(): CertificateKey {
  for (;;) {
    const key = new Uint8Array(randomBytes(KEY_BYTES));
    if (key[0] !== 0 && isSm2PrivateKey(key)) return smKey(key);
  }
}

/** A key for the TLS of the channel port, which clients of many kinds must be able to read. */
export async function generateChannelKey(): Promise<CertificateKey> {
  return standardKey((await generate('rsa', { modulusLength: 2048 })).privateKey);
}

/**
 * @param pem a private key that was checked: SM2, or any that Node.js reads
 * @throws Error when it signs neither with SM2 nor with ECDSA or RSA
 */
export function readCertificateKey(pem: string): CertificateKey {
  const key = readPrivateKey(pem);
  return key.ok && key.value.algorithm === 'sm2' ? smKey(key.value.key) : standardKey(createPrivateKey(pem));
}

function smKey(key: Uint8Array): CertificateKey {
  const publicKey = sm2PublicKey(key);
  return {
    publicKeyInfo: publicKeyInfo('sm2', publicKey),
    signatureAlgorithm: SM2_WITH_SM3,
    isSm: true,
    privateKeyPem: privateKeyPem('sm2', key),
    sign: (message) => derSignature(sm2SignAs(message, key, publicKey, DEFAULT_SIGNER_ID, randomBytes(KEY_BYTES))),
  };
}

/** @throws Error when the key is neither an elliptic curve's nor RSA */
function standardKey(key: KeyObject): CertificateKey {
  const type = key.asymmetricKeyType ?? 'unknown';
  if (type !== 'ec' && type !== 'rsa') throw new Error(`cannot sign certificates with a key of type ${type}`);
  return {
    publicKeyInfo: new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' })),
    signatureAlgorithm: type === 'rsa' ? RSA_WITH_SHA256 : ECDSA_WITH_SHA256,
    isSm: false,
    privateKeyPem: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
    sign: (message) => new Uint8Array(createSign('SHA256').update(message).sign(key)),
  };
}

/**
 * Public key of a private key on secp256k1 or sm2 as 128 hexadecimal digits X ‖ Y: the text of `node.nodeid`,
 * `gmnode.nodeid` and `sdk.publickey`.
 */
export function publicKeyText(pem: string): string {
  const key = readPrivateKey(pem);
  invariant(key.ok, 'certificates/private-key', key.ok ? undefined : key.reason);
  return toHex(key.value.publicKey);
}

import { equalBytes, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { hashEach } from '@menglian/crypto/hashEach';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { fakeHash } from '../fakeCrypto.js';

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 65;

interface KeyEntry {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/**
 * A crypto suite whose signatures are looked up in a table of all keys: r is the number of the key, s a hash of the private
 * key and the digest. Who does not hold a private key cannot sign with it, which is all that a simulation needs; real
 * curves would make it a thousand times slower. Everything else behaves as the suite `ecdsa` does.
 */
export function createTableSuite(): CryptoSuite {
  const keys: KeyEntry[] = [];
  const numbers = new Map<string, number>();

  function numberOf(privateKey: Uint8Array): number {
    invariant(privateKey.length === KEY_BYTES, 'sim/private-key');
    const name = toHex(privateKey);
    const known = numbers.get(name);
    if (known !== undefined) return known;
    const publicKey = new Uint8Array(2 * KEY_BYTES);
    publicKey.set(fakeHash(privateKey));
    publicKey.set(fakeHash(publicKey), KEY_BYTES);
    numbers.set(name, keys.length);
    return keys.push({ privateKey: privateKey.slice(), publicKey }) - 1;
  }

  function sign(digest: Uint8Array, privateKey: Uint8Array): Uint8Array {
    invariant(digest.length === KEY_BYTES, 'sim/digest-length');
    const number = numberOf(privateKey);
    const signature = new Uint8Array(SIGNATURE_BYTES);
    new DataView(signature.buffer).setUint32(KEY_BYTES - 4, number + 1);
    const preimage = new Uint8Array(2 * KEY_BYTES);
    preimage.set(keys[number]!.privateKey);
    preimage.set(digest, KEY_BYTES);
    const secret = fakeHash(preimage);
    // Never 0, as no s is; rare enough not to matter for who can sign.
    secret[KEY_BYTES - 1] = secret[KEY_BYTES - 1]! | 1;
    signature.set(secret, KEY_BYTES);
    return signature;
  }

  function recover(digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined {
    if (digest.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return undefined;
    const view = new DataView(signature.buffer, signature.byteOffset);
    const key = keys[view.getUint32(KEY_BYTES - 4) - 1];
    if (key === undefined || !equalBytes(signature, sign(digest, key.privateKey))) return undefined;
    return key.publicKey;
  }

  return {
    name: 'ecdsa',
    provider: 'table',
    signatureLength: SIGNATURE_BYTES,
    emptyHash: fakeHash(new Uint8Array(0)),
    hash: fakeHash,
    hashMany: (hashes, bytes, ranges) => hashEach(fakeHash, hashes, bytes, ranges),
    isPrivateKey: (bytes) => bytes.length === KEY_BYTES && bytes.some((byte) => byte !== 0),
    publicKey: (privateKey) => keys[numberOf(privateKey)]!.publicKey,
    sign,
    verify(digest, signature, publicKey) {
      const signer = recover(digest, signature);
      return signer !== undefined && equalBytes(signer, publicKey);
    },
    recover,
    recoverMany: (checks) => checks.map(({ digest, signature }) => recover(digest, signature)),
  };
}

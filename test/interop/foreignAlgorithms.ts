import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { sm2, sm3 } from 'sm-crypto-v2';
import { SUITE } from '../e2e/suite.js';

/** The algorithms of a chain, from other people's libraries. */
interface ForeignAlgorithms {
  /** @returns 32 bytes */
  readonly hash: (bytes: Uint8Array) => Uint8Array;
  readonly newKey: () => ForeignKey;
  /** Whether a signature in a block is of the node with this id. */
  readonly isSignedBy: (digest: Uint8Array, signature: Uint8Array, nodeId: string) => boolean;
}

export interface ForeignKey {
  /** 64 bytes */
  readonly publicKey: Uint8Array;
  /** @returns the item of a transaction that stands before r and s, and r ‖ s, 64 bytes */
  readonly sign: (digest: Uint8Array) => { readonly before: number | Uint8Array; readonly scalars: Uint8Array };
}

const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const fromHex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));

const ECDSA: ForeignAlgorithms = {
  hash: keccak_256,
  newKey: () => {
    const secret = secp256k1.utils.randomSecretKey();
    return {
      publicKey: secp256k1.getPublicKey(secret, false).subarray(1),
      sign: (digest) => {
        const signature = secp256k1.sign(digest, secret, { prehash: false, format: 'recovered' });
        return { before: 27 + signature[0]!, scalars: signature.subarray(1) };
      },
    };
  },
  isSignedBy: (digest, signature, nodeId) => {
    const recovered = Uint8Array.of(signature[64]!, ...signature.subarray(0, 64));
    const key = secp256k1.Signature.fromBytes(recovered, 'recovered').recoverPublicKey(digest);
    return toHex(key.toBytes(false).subarray(1)) === nodeId;
  },
};

/** The digest is what SM2 signs, hashed once more with the signer's identity. */
const SM2_OPTIONS = { hash: true, der: false } as const;

const SM: ForeignAlgorithms = {
  hash: (bytes) => fromHex(sm3(bytes)),
  newKey: () => {
    const { privateKey, publicKey: point } = sm2.generateKeyPairHex();
    const publicKey = fromHex(point.slice(2));
    return {
      publicKey,
      sign: (digest) => ({ before: publicKey, scalars: fromHex(sm2.doSignature(digest, privateKey, SM2_OPTIONS)) }),
    };
  },
  isSignedBy: (digest, signature, nodeId) =>
    toHex(signature.subarray(64)) === nodeId &&
    sm2.doVerifySignature(digest, toHex(signature.subarray(0, 64)), `04${nodeId}`, SM2_OPTIONS),
};

export const FOREIGN: ForeignAlgorithms = SUITE === 'sm' ? SM : ECDSA;

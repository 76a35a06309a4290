import { secp256k1 } from '@noble/curves/secp256k1.js';
import { invariant } from '@menglian/base/invariant';
import type { EcdsaArithmetic } from './ecdsaSuite.js';

/** secp256k1 in JavaScript. About 900 recoveries a second on one core: correct everywhere, fast nowhere. */
export const javascriptArithmetic: EcdsaArithmetic = {
  provider: 'javascript',

  publicKey(privateKey) {
    return secp256k1.getPublicKey(privateKey, false).subarray(1);
  },

  sign(digest, privateKey) {
    const recovered = secp256k1.sign(digest, privateKey, { prehash: false, lowS: true, format: 'recovered' });
    const signature = new Uint8Array(65);
    signature.set(recovered.subarray(1));
    // v of 2 or 3 means that R's x coordinate is at or above n: one signature in 2^127, and no form for it.
    invariant(recovered[0]! <= 1, 'crypto/recovery-id');
    signature[64] = recovered[0]!;
    return signature;
  },

  recover(digest, signature) {
    const form = new Uint8Array(65);
    form[0] = signature[64]!;
    form.set(signature.subarray(0, 64), 1);
    try {
      // Decoded and not re-encoded compressed, because the square root of the compressed form would be taken again.
      return secp256k1.Signature.fromBytes(form, 'recovered').recoverPublicKey(digest).toBytes(false).slice(1);
    } catch {
      // The library has no other way to say that r is no x coordinate or that the result is the point at infinity.
      return undefined;
    }
  },
};

import { invariant } from '@menglian/base/invariant';
import { sm3 } from '../hashes.js';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES, type SmArithmetic } from './arithmetic.js';

type Addon = typeof import('../../native/load.cjs');

/**
 * Loads our own addon, whose SM2 and SM3 are in native/sm2 and native/sm3.h.
 * @returns undefined where it was not built, or where there is no such thing as addons
 */
export async function loadAddonArithmetic(): Promise<SmArithmetic | undefined> {
  try {
    const module = await import('../../native/load.cjs');
    return addonArithmetic(module.default);
  } catch {
    return undefined;
  }
}

function addonArithmetic(addon: Addon): SmArithmetic {
  return {
    provider: 'addon',

    publicKey(privateKey) {
      const key = new Uint8Array(PUBLIC_KEY_BYTES);
      invariant(addon.sm2PublicKey(key, privateKey), 'crypto/private-key');
      return key;
    },

    sign(digest, privateKey, entropy) {
      const signature = new Uint8Array(SIGNATURE_BYTES);
      invariant(addon.sm2Sign(signature, digest, privateKey, entropy), 'crypto/private-key');
      return signature;
    },

    verify: (digest, signature) => addon.sm2Verify(digest, signature),

    hash: sm3,

    hashMany(hashes, bytes, ranges) {
      addon.sm3Many(hashes, bytes, new Uint8Array(ranges.buffer, ranges.byteOffset, ranges.byteLength));
    },
  };
}

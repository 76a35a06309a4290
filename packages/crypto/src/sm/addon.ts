import { equalBytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { UNKNOWN_PARITY, type SignatureCheck } from '../suite.js';
import { DIGEST_BYTES, PAIR_BYTES, PUBLIC_KEY_BYTES, SIGNATURE_BYTES, type SmArithmetic } from './arithmetic.js';

type Addon = typeof import('../../native/load.cjs');

const HASH_BYTES = 32;

/** A packed check, see native/sm2/sm2.h: form, digest, signature, guess of the parity. */
const DIGEST_AT = 1;
const SIGNATURE_AT = DIGEST_AT + DIGEST_BYTES;
const PARITY_AT = SIGNATURE_AT + SIGNATURE_BYTES;
const CHECK_BYTES = PARITY_AT + 1;

const MALFORMED = 0;
const COMPLETE = 1;

/** Checks of one call. More would gain less than 2 % and need more memory at a time (4 MB). */
const BATCH_CHECKS_MAX = 4096;

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

    recoverMany(checks, parities) {
      const answers: (Uint8Array | undefined)[] = [];
      for (let start = 0; start < checks.length; start += BATCH_CHECKS_MAX) {
        const batch = checks.slice(start, start + BATCH_CHECKS_MAX);
        const found = new Uint8Array(batch.length);
        recoverBatch(addon, batch, answers, found);
        parities?.set(found, start);
      }
      return answers;
    },

    hash(data) {
      const hash = new Uint8Array(HASH_BYTES);
      addon.sm3(hash, data);
      return hash;
    },

    hashMany(hashes, bytes, ranges) {
      addon.sm3Many(hashes, bytes, new Uint8Array(ranges.buffer, ranges.byteOffset, ranges.byteLength));
    },
  };
}

/** Appends the answers for one batch. */
function recoverBatch(
  addon: Addon,
  checks: readonly SignatureCheck[],
  answers: (Uint8Array | undefined)[],
  parities: Uint8Array,
): void {
  const packed = new Uint8Array(checks.length * CHECK_BYTES);
  const verdicts = new Uint8Array(checks.length);
  for (let i = 0; i < checks.length; i++) pack(packed, i * CHECK_BYTES, checks[i]!);
  addon.sm2VerifyMany(verdicts, parities, packed);
  for (let i = 0; i < checks.length; i++) answers.push(verdicts[i] === 0 ? undefined : signerOf(checks[i]!));
}

/** Whose a valid signature is. */
function signerOf({ signature, likelyKey }: SignatureCheck): Uint8Array {
  const key = signature.subarray(PAIR_BYTES);
  return likelyKey !== undefined && equalBytes(key, likelyKey) ? likelyKey : new Uint8Array(key);
}

/** Ranges are checked in C; lengths here, because packed parts have no others. */
function pack(packed: Uint8Array, offset: number, { digest, signature, likelyParity }: SignatureCheck): void {
  if (digest.length !== DIGEST_BYTES || signature.length !== SIGNATURE_BYTES) {
    packed[offset] = MALFORMED;
    return;
  }
  packed[offset] = COMPLETE;
  packed.set(digest, offset + DIGEST_AT);
  packed.set(signature, offset + SIGNATURE_AT);
  packed[offset + PARITY_AT] = likelyParity ?? UNKNOWN_PARITY;
}

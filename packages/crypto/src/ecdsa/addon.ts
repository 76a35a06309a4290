import { invariant } from '@menglian/base/invariant';
import type { SignatureCheck } from '../suite.js';
import type { EcdsaArithmetic } from './ecdsaSuite.js';
import { DIGEST_BYTES, PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from './signatureForm.js';

type Addon = typeof import('../../native/load.cjs');

/** A packed check, see native/ecdsa.h: form, digest, signature, guess. */
const DIGEST_AT = 1;
const SIGNATURE_AT = DIGEST_AT + DIGEST_BYTES;
const GUESS_AT = SIGNATURE_AT + SIGNATURE_BYTES;
const CHECK_BYTES = GUESS_AT + PUBLIC_KEY_BYTES;

const MALFORMED = 0;
const WITHOUT_GUESS = 1;
const WITH_GUESS = 2;

const REFUSED = 0;
const GUESSED = 1;

/** Checks of one call. More would gain less than 2 % and need more memory at a time (6 MB). */
const BATCH_CHECKS_MAX = 4096;

/**
 * Loads our own addon over libsecp256k1, which checks many signatures in one multiplication.
 * @returns undefined where it was not built, or where there is no such thing as addons
 */
export async function loadAddonArithmetic(): Promise<EcdsaArithmetic | undefined> {
  try {
    const module = await import('../../native/load.cjs');
    return addonArithmetic(module.default);
  } catch {
    return undefined;
  }
}

function addonArithmetic(addon: Addon): EcdsaArithmetic {
  return {
    provider: 'addon',

    publicKey(privateKey) {
      const key = new Uint8Array(PUBLIC_KEY_BYTES);
      invariant(addon.publicKey(key, privateKey), 'crypto/private-key');
      return key;
    },

    sign(digest, privateKey) {
      const signature = new Uint8Array(SIGNATURE_BYTES);
      invariant(addon.sign(signature, digest, privateKey), 'crypto/private-key');
      // v of 2 or 3 means that R's x coordinate is at or above n: one signature in 2^127, and no form for it.
      invariant(signature[64]! <= 1, 'crypto/recovery-id');
      return signature;
    },

    recover(digest, signature) {
      const key = new Uint8Array(PUBLIC_KEY_BYTES);
      return addon.recover(key, digest, signature) ? key : undefined;
    },

    recoverMany(checks) {
      const answers: (Uint8Array | undefined)[] = [];
      for (let start = 0; start < checks.length; start += BATCH_CHECKS_MAX) {
        recoverBatch(addon, checks.slice(start, start + BATCH_CHECKS_MAX), answers);
      }
      return answers;
    },

    hashMany(hashes, bytes, ranges) {
      addon.keccak256Many(hashes, bytes, new Uint8Array(ranges.buffer, ranges.byteOffset, ranges.byteLength));
    },
  };
}

/** Appends the answers for one batch. */
function recoverBatch(addon: Addon, checks: readonly SignatureCheck[], answers: (Uint8Array | undefined)[]): void {
  const packed = new Uint8Array(checks.length * CHECK_BYTES);
  const verdicts = new Uint8Array(checks.length);
  const keys = new Uint8Array(checks.length * PUBLIC_KEY_BYTES);
  for (let i = 0; i < checks.length; i++) pack(packed, i * CHECK_BYTES, checks[i]!);
  addon.recoverMany(verdicts, keys, packed);
  for (let i = 0; i < checks.length; i++) {
    if (verdicts[i] === GUESSED) answers.push(checks[i]!.likelyKey);
    else if (verdicts[i] === REFUSED) answers.push(undefined);
    else answers.push(keys.slice(i * PUBLIC_KEY_BYTES, (i + 1) * PUBLIC_KEY_BYTES));
  }
}

/** Ranges are checked in C, by the rules of signatureForm.ts; lengths here, because packed parts have no others. */
function pack(packed: Uint8Array, offset: number, { digest, signature, likelyKey }: SignatureCheck): void {
  if (digest.length !== DIGEST_BYTES || signature.length !== SIGNATURE_BYTES) {
    packed[offset] = MALFORMED;
    return;
  }
  packed.set(digest, offset + DIGEST_AT);
  packed.set(signature, offset + SIGNATURE_AT);
  packed[offset] = WITHOUT_GUESS;
  if (likelyKey?.length === PUBLIC_KEY_BYTES) {
    packed[offset] = WITH_GUESS;
    packed.set(likelyKey, offset + GUESS_AT);
  }
}

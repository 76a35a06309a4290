// oxlint-disable-next-line typescript/triple-slash-reference -- the tests' type check must find the declaration too
/// <reference path="./secp256k1-bindings.d.ts" />
import { invariant } from '@menglian/base/invariant';
import type { EcdsaArithmetic } from './ecdsaSuite.js';
import { compareAt, CURVE_ORDER } from './signatureForm.js';

/** The part of libsecp256k1's binding that is used here. Its functions throw on anything they refuse. */
interface NativeBinding {
  publicKeyCreate(privateKey: Uint8Array, compressed: boolean): Uint8Array;
  ecdsaSign(digest: Uint8Array, privateKey: Uint8Array): { signature: Uint8Array; recid: number };
  ecdsaRecover(signature: Uint8Array, recoveryId: number, digest: Uint8Array, compressed: boolean): Uint8Array;
}

/**
 * Loads libsecp256k1 as the npm package `secp256k1` ships it. The file `bindings.js` is asked for and not the package
 * itself, because the package answers with its own, slow JavaScript when there is no binary, and does not say so.
 * @returns undefined where there is no binary for this platform, or no such thing as binaries
 */
export async function loadNativeArithmetic(): Promise<EcdsaArithmetic | undefined> {
  try {
    const module = await import('secp256k1/bindings.js');
    return nativeArithmetic(module.default);
  } catch {
    return undefined;
  }
}

function nativeArithmetic(binding: NativeBinding): EcdsaArithmetic {
  return {
    provider: 'native',

    publicKey(privateKey) {
      return binding.publicKeyCreate(privateKey, false).slice(1);
    },

    sign(digest, privateKey) {
      const { signature, recid } = binding.ecdsaSign(reduced(digest), privateKey);
      // v of 2 or 3 means that R's x coordinate is at or above n: one signature in 2^127, and no form for it.
      invariant(recid <= 1, 'crypto/recovery-id');
      const joined = new Uint8Array(65);
      joined.set(signature);
      joined[64] = recid;
      return joined;
    },

    recover(digest, signature) {
      try {
        return binding.ecdsaRecover(signature.subarray(0, 64), signature[64]!, digest, false).slice(1);
      } catch {
        // The binding has no other way to say that r is no x coordinate or that the result is the point at infinity.
        return undefined;
      }
    },
  };
}

/**
 * The digest modulo n. libsecp256k1 feeds the bytes as they are to its nonce, RFC 6979 (2.3.4) wants them reduced first
 * as the JavaScript provider does; for the one digest in 2^128 at or above n the two would sign differently.
 */
function reduced(digest: Uint8Array): Uint8Array {
  if (compareAt(digest, 0, CURVE_ORDER) < 0) return digest;
  const difference = new Uint8Array(digest.length);
  let borrow = 0;
  for (let i = digest.length - 1; i >= 0; i--) {
    const value = digest[i]! - CURVE_ORDER[i]! - borrow;
    borrow = value < 0 ? 1 : 0;
    difference[i] = value & 0xff;
  }
  return difference;
}

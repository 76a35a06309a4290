import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { concatBytes, fromHex, toHex, utf8Bytes } from '@menglian/base/bytes';
import { sha3_512 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proveVrf, verifyVrf, vrfPublicKey } from './curve25519Vrf.js';
import { keccak256 } from './hashes.js';

const { Point } = ristretto255;

/** SHA3-512 as a scalar: little endian, modulo the order. */
function scalar(...parts: readonly Uint8Array[]): bigint {
  return BigInt(`0x${toHex(sha3_512(concatBytes(...parts)).toReversed())}`) % Point.Fn.ORDER;
}

function pointOfInput(publicKey: Uint8Array, input: Uint8Array): InstanceType<typeof Point> {
  return ristretto255_hasher.deriveToCurve!(sha3_512(concatBytes(publicKey, input)));
}

function littleEndianBytes(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
}

function publicKeyOf(privateKey: Uint8Array): Uint8Array {
  return Point.BASE.multiply(scalar(privateKey)).toBytes();
}

/** The owner's side, after the equations that verifyVrf checks. */
function prove(privateKey: Uint8Array, input: Uint8Array, blinding: bigint): Uint8Array {
  const secret = scalar(privateKey);
  const publicKey = publicKeyOf(privateKey);
  const inputPoint = pointOfInput(publicKey, input);
  const gamma = inputPoint.multiply(secret).toBytes();
  const u = Point.BASE.multiply(blinding).toBytes();
  const v = inputPoint.multiply(blinding).toBytes();
  const c = scalar(publicKey, input, publicKey, gamma, u, v);
  return concatBytes(gamma, littleEndianBytes(c), littleEndianBytes(Point.Fn.create(blinding - c * secret)));
}

const PRIVATE_KEY = utf8Bytes('random key');
const PUBLIC_KEY = publicKeyOf(PRIVATE_KEY);
const INPUT = utf8Bytes('test message');
const PROOF = prove(PRIVATE_KEY, INPUT, 12_345n);

const KNOWN_PROOF =
  '3c0b4d46ef2bb2fe5cb1ae4169b3467092ccdb09a325136cb15d7045366b6140fe56c05fec691b58a07f9379a7cdb8304e60b37097333cfafe557f2840dbe90f804f9b029a39153e4e7127b78f7a37bb1deeeca4b75cabdc7004c996ecf0cc0e';
const KNOWN_VALUE = 'dd96d1d6c11ea4c0679c0cfe0ddf01ba3ba8477119116f11bef2ca3b45ea06f1';

describe('verifyVrf', () => {
  it('gives the same value for every proof of an input, and another for another input', () => {
    const value = verifyVrf(PUBLIC_KEY, INPUT, PROOF);
    expect(value).toHaveLength(32);
    expect(verifyVrf(PUBLIC_KEY, INPUT, prove(PRIVATE_KEY, INPUT, 67_890n))).toEqual(value);
    const other = verifyVrf(PUBLIC_KEY, utf8Bytes('other'), prove(PRIVATE_KEY, utf8Bytes('other'), 1n));
    expect(other).toHaveLength(32);
    expect(other).not.toEqual(value);
    const gamma = pointOfInput(PUBLIC_KEY, INPUT).multiply(scalar(PRIVATE_KEY));
    expect(toHex(value!)).toBe(toHex(keccak256(gamma.multiply(8n).toBytes())));
  });

  it('ignores the highest bits of both scalars, as 2.x does', () => {
    const marked = PROOF.slice();
    marked[63]! |= 0x80;
    marked[95]! |= 0x80;
    expect(verifyVrf(PUBLIC_KEY, INPUT, marked)).toEqual(verifyVrf(PUBLIC_KEY, INPUT, PROOF));
  });

  it('refuses every other change of a bit', () => {
    for (let bit = 0; bit < 8 * PROOF.length; bit += 11) {
      if (bit === 8 * 64 - 1 || bit === 8 * 96 - 1) continue;
      const changed = PROOF.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(verifyVrf(PUBLIC_KEY, INPUT, changed), `bit ${bit}`).toBeUndefined();
    }
    expect(verifyVrf(publicKeyOf(utf8Bytes('invalid key')), INPUT, PROOF)).toBeUndefined();
    expect(verifyVrf(PUBLIC_KEY, utf8Bytes('test messagf'), PROOF)).toBeUndefined();
  });

  it('refuses anything malformed', () => {
    const order = littleEndianBytes(Point.Fn.ORDER);
    const zero = new Uint8Array(32);
    expect(verifyVrf(PUBLIC_KEY, INPUT, new Uint8Array(96))).toBeUndefined();
    expect(verifyVrf(zero, INPUT, new Uint8Array(96))).toBeUndefined();
    expect(verifyVrf(PUBLIC_KEY, INPUT, concatBytes(PROOF.subarray(0, 32), order, order))).toBeUndefined();
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 31, maxLength: 33 }),
        fc.uint8Array({ maxLength: 40 }),
        fc.uint8Array({ minLength: 95, maxLength: 97 }),
        (key, input, proof) => {
          expect(verifyVrf(key, input, proof)).toBeUndefined();
          expect(verifyVrf(PUBLIC_KEY, input, proof)).toBeUndefined();
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('proveVrf', () => {
  it('makes proofs that verifyVrf takes, with the value of every other proof of that key and input', () => {
    expect(vrfPublicKey(PRIVATE_KEY)).toEqual(PUBLIC_KEY);
    expect(verifyVrf(PUBLIC_KEY, INPUT, proveVrf(PRIVATE_KEY, INPUT))).toEqual(verifyVrf(PUBLIC_KEY, INPUT, PROOF));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.uint8Array({ maxLength: 70 }), (secret, input) => {
        const publicKey = vrfPublicKey(secret);
        const proof = proveVrf(secret, input);
        expect(proveVrf(secret, input)).toEqual(proof);
        expect(verifyVrf(publicKey, input, proof)).toHaveLength(32);
        expect(verifyVrf(publicKey, concatBytes(input, Uint8Array.of(0)), proof)).toBeUndefined();
        expect(verifyVrf(vrfPublicKey(concatBytes(secret, Uint8Array.of(0))), input, proof)).toBeUndefined();
      }),
      { numRuns: 10 },
    );
  });

  it('gives the bytes written down here', () => {
    const proof = proveVrf(PRIVATE_KEY, INPUT);
    expect(toHex(proof)).toBe(KNOWN_PROOF);
    expect(toHex(verifyVrf(PUBLIC_KEY, INPUT, fromHex(KNOWN_PROOF))!)).toBe(KNOWN_VALUE);
  });
});

import { concatBytes, fromBigInt, toBigInt, toHex, utf8Bytes } from '@menglian/base/bytes';
import { keccak256, sm3 } from '@menglian/crypto/hashes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { sm2PublicKey, sm2Sign } from '@menglian/crypto/sm2';
import { describe, expect, it } from 'vitest';
import { SystemTester } from './testing/systemTester.js';

const VERIFY = 'sm2Verify(bytes32,bytes,bytes32,bytes32)';
const FAILED = [false, '0'.repeat(40)];

describe.each(['ecdsa', 'sm'] as const)('Crypto on a chain of suite %s', (suite) => {
  it('hashes with the algorithm of the name', async () => {
    const tester = new SystemTester(await loadSuite(suite));
    for (const data of [new Uint8Array(0), utf8Bytes('abc'), new Uint8Array(65_536).fill(7)]) {
      expect(tester.send(0x5006, 'sm3(bytes)', data).output).toEqual(sm3(data));
      expect(tester.send(0x5006, 'keccak256Hash(bytes)', data).output).toEqual(keccak256(data));
    }
    const input = tester.input('sm3(bytes)', new Uint8Array(65_536));
    const words = Math.ceil(input.length / 32);
    expect(tester.gas(0x5006, 'sm3(bytes)', new Uint8Array(65_536))).toBe(3 * words + Math.floor(words ** 2 / 512));
  });

  it('checks SM2 signatures and never fails on wrong ones', async () => {
    const tester = new SystemTester(await loadSuite(suite));
    const message = sm3(utf8Bytes('message'));
    const privateKey = fromBigInt(123_456_789n, 32);
    const publicKey = sm2PublicKey(privateKey);
    const signature = sm2Sign(message, privateKey);
    const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
    const verify = (...values: Uint8Array[]): unknown => tester.values(['bool', 'address'], 0x5006, VERIFY, ...values);
    expect(verify(message, publicKey, r, s)).toEqual([true, toHex(sm3(publicKey).subarray(12))]);

    const order = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
    const plusOrder = fromBigInt((toBigInt(s) + order) % 2n ** 256n, 32);
    const zero = new Uint8Array(32);
    const all = new Uint8Array(32).fill(255);
    for (const wrong of [
      [zero, publicKey, r, s],
      [message, publicKey, s, r],
      [message, publicKey, zero, s],
      [message, publicKey, r, zero],
      [message, publicKey, all, s],
      [message, publicKey, r, all],
      [message, publicKey, r, plusOrder],
      [message, new Uint8Array(0), r, s],
      [message, publicKey.subarray(1), r, s],
      [message, concatBytes(Uint8Array.of(4), publicKey), r, s],
      [message, new Uint8Array(64), r, s],
      [message, new Uint8Array(64).fill(255), r, s],
      [message, new Uint8Array(65_536), r, s],
    ]) {
      expect(verify(...wrong)).toEqual(FAILED);
    }
  });

  it('accepts no proof of the verifiable random function', async () => {
    const tester = new SystemTester(await loadSuite(suite));
    const signature = 'curve25519VRFVerify(string,string,string)';
    expect(tester.values(['bool', 'uint256'], 0x5006, signature, 'input', '00', '00')).toEqual([false, 0n]);
  });
});

import { concatBytes, fromBigInt, toBigInt, toHex, utf8Bytes } from '@menglian/base/bytes';
import { keccak256, sm3 } from '@menglian/crypto/hashes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { sm2PublicKey, sm2Sign } from '@menglian/crypto/sm2';
import { describe, expect, it } from 'vitest';
import { bytesOf, SystemTester } from './testing/systemTester.js';

const VERIFY = 'sm2Verify(bytes32,bytes,bytes32,bytes32)';
const VERIFY_VRF = 'curve25519VRFVerify(string,string,string)';
/** Made with the equations of the proof, private key `random key`, blinding 987654321. */
const VRF_INPUT = bytesOf('一 input');
const VRF_KEY = 'c4b70a0e351166512f31d0d048cb930f7c84a07953add0e3c4f24a125f56cc57';
const VRF_PROOF =
  '6435a7c33cbd1daf382eeaea98db1d58df2ee787a2da0902b276b9bf95be0e64b0d73d333e6a0018ac78a40e2e181c4d' +
  '18eea853ae247a7fcf06be3f71722d04529b3c3833fab97f749d6ed4e757a82893395b0df68b301ef8040c643094ee0f';
const VRF_VALUE = 0x86daeed1fc2de6fe2a4abd030036f1c89247708be645e476f1e92406fa24d53an;
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

  it('checks proofs of the verifiable random function', async () => {
    const tester = new SystemTester(await loadSuite(suite));
    const verify = (...values: string[]): unknown => tester.values(['bool', 'uint256'], 0x5006, VERIFY_VRF, ...values);
    expect(verify(VRF_INPUT, VRF_KEY, VRF_PROOF)).toEqual([true, VRF_VALUE]);
    expect(verify(VRF_INPUT, VRF_KEY.toUpperCase(), VRF_PROOF.toUpperCase())).toEqual([true, VRF_VALUE]);
    for (const wrong of [
      [VRF_KEY, VRF_INPUT, VRF_PROOF],
      [`${VRF_INPUT}.`, VRF_KEY, VRF_PROOF],
      ['\xff', VRF_KEY, VRF_PROOF],
      [VRF_INPUT, `0x${VRF_KEY}`, VRF_PROOF],
      [VRF_INPUT, VRF_KEY, `0x${VRF_PROOF}`],
      [VRF_INPUT, VRF_KEY.slice(2), VRF_PROOF],
      [VRF_INPUT, VRF_KEY, VRF_PROOF.slice(1)],
      [VRF_INPUT, VRF_KEY, `${VRF_PROOF}00`],
      ['', '', ''],
    ]) {
      expect(verify(...wrong)).toEqual([false, 0n]);
    }
  });
});

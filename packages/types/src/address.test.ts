import { fromBigInt, fromHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { addressBytes, addressFromBytes, contractAddress, create2Address, ZERO_ADDRESS } from './address.js';

const ecdsa = await loadSuite('ecdsa');
const sm = await loadSuite('sm');
const initCode = fromHex('6000');

describe('contract addresses', () => {
  // docs/formats.md, T6.
  it('of an ordinary chain', () => {
    const sender = '57c7be32cbfb3bfed4fddc87efcc735b4e945fb3';
    expect(contractAddress(ecdsa, sender, 0n)).toBe('03502f3e259513b9cf15a1f87e5fddc153ac3059');
    expect(contractAddress(ecdsa, sender, 1n)).toBe('c34fbd548e6d339a75a492fd78630990e85b4628');
    expect(create2Address(ecdsa, sender, fromBigInt(1n, 32), initCode)).toBe(
      '3dc0c676d33a5718a2f791d8efb7aa094f9c340e',
    );
  });

  it('of an SM chain', () => {
    const sender = '1a3fc157bd47c3fc2e260b34abbf481730d0f80f';
    expect(contractAddress(sm, sender, 0n)).toBe('bab78cea98af2320ad4ee81bba8a7473e0c8c48d');
    expect(contractAddress(sm, sender, 1n)).toBe('5889556520d1d0eb7acad13f8a0ac6e79d44ecb7');
    expect(create2Address(sm, sender, fromBigInt(1n, 32), initCode)).toBe('f4aabc26ef18e2cd3bb5dc20d743d50d1f46e956');
  });

  it('of a recorded sender, a failed deployment counted', () => {
    const sender = 'd953862a17ff8562b1cfccde9f24ed0f612bf0be';
    expect([0n, 1n, 2n, 3n].map((number) => contractAddress(ecdsa, sender, number))).toEqual([
      '6a397872b834c88df2627f9d07bdf5e509164971',
      'd430edeeb1fa215c958efbcc33f90ff048c0d822',
      'c9c4d061186f5fa2d52f200ce3181453fb196567',
      '00e216855560f84363b937187fcedba2ee6f1378',
    ]);
  });
});

describe('addresses', () => {
  it('are 20 bytes and nothing else', () => {
    expect(addressFromBytes(new Uint8Array(20))).toBe(ZERO_ADDRESS);
    expect(addressBytes(ZERO_ADDRESS)).toEqual(new Uint8Array(20));
    expect(() => addressFromBytes(new Uint8Array(19))).toThrow();
    expect(() => addressBytes('0x00')).toThrow();
    expect(() => addressBytes('g'.repeat(40))).toThrow();
  });
});

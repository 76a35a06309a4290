import { toHex } from '@menglian/base/bytes';
import { describe, expect, it } from 'vitest';
import { RpcFailure } from './errors.js';
import {
  addressParameter,
  blockNumberParameter,
  bytesParameter,
  echo,
  hashParameter,
  integerParameter,
} from './parameters.js';

const ZERO = '0'.repeat(64);

describe('parameters', () => {
  it('read integers in hexadecimal and decimal', () => {
    expect(integerParameter('0x1F')).toBe(31n);
    expect(integerParameter('031')).toBe(31n);
    for (const text of ['', '0x', 'abc', '-1', 'latest', '1.0', ' 1', `0x${'f'.repeat(100)}`]) {
      expect(() => integerParameter(text)).toThrow(RpcFailure);
    }
  });

  it('read block numbers up to 2^63 - 1, those nobody has as infinite', () => {
    expect(blockNumberParameter('0x10')).toBe(16);
    expect(blockNumberParameter((2n ** 63n - 1n).toString())).toBe(Number.POSITIVE_INFINITY);
    expect(() => blockNumberParameter((2n ** 63n).toString())).toThrow(RpcFailure);
  });

  it('read hashes without ever refusing one', () => {
    const hash = 'ab'.repeat(32);
    expect(toHex(hashParameter(`0x${hash}`))).toBe(hash);
    expect(toHex(hashParameter(`0x${hash}cdef`))).toBe(hash);
    expect(toHex(hashParameter('17'))).toBe('11'.padStart(64, '0'));
    for (const text of ['0x12', '', 'zz', hash, '9'.repeat(500)]) expect(toHex(hashParameter(text))).toBe(ZERO);
  });

  it('read addresses and bytes', () => {
    const address = 'AB'.repeat(20);
    expect(addressParameter(`0x${address}`)).toBe(address.toLowerCase());
    expect(addressParameter(address)).toBe(address.toLowerCase());
    for (const text of ['0x12', '', `0x${address}00`]) expect(() => addressParameter(text)).toThrow(RpcFailure);
    expect(toHex(bytesParameter('0xAbcd'))).toBe('abcd');
    expect(toHex(bytesParameter('abcd'))).toBe('abcd');
    for (const text of ['zz', '0xa', '0Xab']) expect(() => bytesParameter(text)).toThrow(/Cannot intepret/);
  });

  it('are repeated in errors only so far', () => {
    expect(echo('x'.repeat(10_000)).length).toBeLessThan(100);
  });
});

import { toByteString, utf8Bytes } from '@menglian/base/bytes';
import { type AbiValue, encodeAbi, selector } from '@menglian/codec/abi';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { Client } from '../client.js';
import { bytesOf, type Hash, hexOf } from '../hex.js';
import { FakeTransport } from './fakeTransport.js';

/** What a function answers: types, and values for its call. Text is encoded as contracts encode it. */
export interface FakeFunction {
  readonly returns: readonly string[];
  readonly answer: (input: Uint8Array) => readonly AbiValue[];
}

/** A client of a chain whose calls are answered by functions, by their signatures. */
export function fakeContractClient(
  suite: CryptoSuite,
  genesis: Hash,
  functions: Readonly<Record<string, FakeFunction>>,
): Client {
  const bySelector = new Map(
    Object.entries(functions).map(([signature, one]) => [hexOf(selector((data) => suite.hash(data), signature)), one]),
  );
  const transport = new FakeTransport((method, params) => {
    if (method === 'getBlockHashByNumber') return genesis;
    const { data } = params[1] as { readonly data: string };
    const { returns, answer } = bySelector.get(data.slice(0, 10) as Hash)!;
    const values = answer(bytesOf(data, 'the data').subarray(4)).map((value) =>
      typeof value === 'string' && !value.startsWith('0x') ? toByteString(utf8Bytes(value)) : bare(value),
    );
    return { currentBlockNumber: '0x1', output: hexOf(encodeAbi(returns, values)), status: '0x0' };
  });
  return new Client(suite, { transport, chainId: 1 });
}

/** Addresses without 0x, bytes as bytes. */
function bare(value: AbiValue): AbiValue {
  if (typeof value !== 'string') return value;
  return value.length === 42 ? value.slice(2) : bytesOf(value, 'a value');
}

import { readFileSync } from 'node:fs';
import { fromHex, toHex } from '@menglian/base/bytes';
import { describe, expect, it } from 'vitest';
import { loadSuite } from './loadSuite.js';

interface GoldenTransaction {
  readonly privateKey: string;
  readonly publicKey: string;
  readonly signingHash: string;
  readonly unsignedRlp: string;
  readonly signature: { readonly v: number; readonly r: string; readonly s: string };
}

interface GoldenHeader {
  readonly hash: string;
  readonly sealerList: readonly string[];
  readonly signatureList: readonly { readonly index: string; readonly signature: string }[];
}

function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../test/golden/${name}`, import.meta.url), 'utf8')) as T;
}

describe('recorded signatures', () => {
  it('recovers and verifies the transactions of a 2.11 chain', async () => {
    const suite = await loadSuite('ecdsa');
    const { transactions } = golden<{ transactions: GoldenTransaction[] }>('transactions.json');
    expect(transactions.length).toBeGreaterThan(100);
    for (const { privateKey, publicKey, signingHash, unsignedRlp, signature } of transactions) {
      const digest = fromHex(signingHash);
      const bytes = fromHex(`${signature.r.slice(2)}${signature.s.slice(2)}0${signature.v - 27}`);
      expect(toHex(suite.hash(fromHex(unsignedRlp)))).toBe(signingHash.slice(2));
      expect(toHex(suite.publicKey(fromHex(privateKey)))).toBe(publicKey.slice(2));
      expect(toHex(suite.recover(digest, bytes)!)).toBe(publicKey.slice(2));
      expect(suite.verify(digest, suite.sign(digest, fromHex(privateKey)), fromHex(publicKey))).toBe(true);
    }
  });

  it('recovers the sealers of a recorded header', async () => {
    const suite = await loadSuite('ecdsa');
    const { cases } = golden<{ cases: { response: { result: GoldenHeader } }[] }>('getBlockHeaderByHash.json');
    const header = cases[0]!.response.result;
    expect(header.signatureList.length).toBe(3);
    for (const { index, signature } of header.signatureList) {
      const nodeId = header.sealerList[Number(index)]!;
      expect(suite.verify(fromHex(header.hash), fromHex(signature), fromHex(nodeId))).toBe(true);
    }
  });

  // From recordings of a 2.11 chain with SM: the transaction of docs/formats.md, T2, and one entry of a header.
  it.each([
    [
      '7d195202f346568753cc7d561beda7a3027c876881f6139a027e9b7321c7cf4c',
      '0f16d87c5065ad5c3b110ef0b97fe9a67b62443cb8ddde60d4e001a64429dc6e' +
        '3d2569e0449e9a900c236541afb9d8a8d5e1a36844439c7076f6e75ed624256f',
      '8234c544a9f3ce3b401a92cc7175602ce2a1e29b1ec135381c7d2a9e8f78f3ed' +
        'c9c06ee55252857c9a4560cb39e9d70d40f4331cace4d2b3121b967fa7a829f0',
      '1a3fc157bd47c3fc2e260b34abbf481730d0f80f',
    ],
    [
      '89c6afd012dfa8e49a2db47deec48f77107e4fdb952928e73798d87a4ac3d785',
      '22aadb0ea091232c0ef65f7d4bdd2d648a447a86669ef822d3257ee8ca7512e3' +
        '183c43a8c6d74c6e9d3e2da821d274773d85738b80ab744ca9ca3b9c5b8b1997',
      'ae64f71b9651a466768a18657ca824248074a1b30fdf2b0f27fc04c9c9cdd344' +
        '3f0d2c5442dca83edaf9b299c111deef4300052b86051845deb4a85d5f5b74fb',
      undefined,
    ],
  ])('verifies what an SM chain signed (%s)', async (digest, rs, publicKey, address) => {
    const suite = await loadSuite('sm');
    expect(toHex(suite.recover(fromHex(digest), fromHex(rs + publicKey))!)).toBe(publicKey);
    expect(suite.verify(fromHex(digest), fromHex(rs + publicKey), fromHex(publicKey))).toBe(true);
    if (address !== undefined) expect(toHex(suite.hash(fromHex(publicKey)).subarray(12))).toBe(address);
  });
});

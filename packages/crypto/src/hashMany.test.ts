/** Hashes in bulk must be what single hashing gives, whatever is in the batch and however many are computed at a time. */
import { toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { javascriptHashes } from './hashes.js';
import { loadSuite } from './loadSuite.js';
import type { CryptoSuite } from './suite.js';

const isLong = process.env['MENGLIAN_LONG'] === '1';
const suites: [string, CryptoSuite, number | undefined][] = [];
for (const name of ['ecdsa', 'sm'] as const) {
  suites.push([`${name}, javascript`, await loadSuite(name, 'javascript'), undefined]);
  const addon = await loadSuite(name, 'addon').catch(() => undefined);
  if (addon === undefined) continue;
  // As many of 64-bit words; twice as many of SM3's.
  for (const lanes of [1, 4, 8]) suites.push([`${name}, addon, ${lanes}`, addon, lanes]);
}

async function useLanes(most: number): Promise<number> {
  const module = await import('../native/load.cjs');
  return module.default.useLanes(most);
}

afterAll(async () => {
  if (suites.some(([, , lanes]) => lanes !== undefined)) await useLanes(8);
});

function expectSingle(suite: CryptoSuite, bytes: Uint8Array, ranges: Uint32Array): void {
  const hashes = new Uint8Array(16 * ranges.length);
  suite.hashMany(hashes, bytes, ranges);
  const javascript = javascriptHashes[suite.name === 'sm' ? 'sm3' : 'keccak256'];
  for (let i = 0; i < ranges.length / 2; i++) {
    const part = bytes.subarray(ranges[2 * i], ranges[2 * i + 1]);
    expect(toHex(hashes.subarray(32 * i, 32 * i + 32))).toBe(toHex(javascript(part)));
    expect(toHex(suite.hash(part))).toBe(toHex(javascript(part)));
  }
}

describe.each(suites)('hashes of many: %s at a time', (_name, suite, lanes) => {
  it('of every length around the ends of blocks, in one batch', async () => {
    if (lanes !== undefined) expect([1, 4, 8]).toContain(await useLanes(lanes));
    const bytes = new SeededRandom(1).bytes(700);
    const lengths = [
      0, 1, 7, 8, 9, 54, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 135, 136, 137, 143, 144, 145, 271, 272, 273, 407,
      408, 409, 640,
    ];
    expectSingle(suite, bytes, Uint32Array.from(lengths.flatMap((length, index) => [index, index + length])));
    expectSingle(suite, bytes, Uint32Array.from(lengths.toReversed().flatMap((length) => [0, length])));
  });

  it('of any batch', async () => {
    if (lanes !== undefined) await useLanes(lanes);
    const bytes = new SeededRandom(2).bytes(2000);
    const range = fc
      .tuple(fc.nat(bytes.length), fc.nat(bytes.length))
      .map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
    fc.assert(
      fc.property(fc.array(range, { maxLength: 40 }), fc.nat(9), (ranges, offset) => {
        // Views that do not begin where their memory does.
        const view = bytes.subarray(offset);
        const flat = ranges.flatMap(([start, end]) => [start!, end!].map((at) => Math.max(0, at - offset)));
        expectSingle(suite, view, Uint32Array.from([0, ...flat]).subarray(1));
      }),
      { numRuns: isLong ? 5000 : 200 },
    );
  });

  it('refuses what does not fit together', () => {
    const bytes = new Uint8Array(10);
    const refused: readonly [number, readonly number[]][] = [
      [32, [0]],
      [31, [0, 1]],
      [64, [0, 1]],
      [32, [2, 1]],
      [32, [0, 11]],
      [32, [0xffffffff, 0]],
      [32, [0, 0xffffffff]],
    ];
    for (const [length, ranges] of refused) {
      expect(() => suite.hashMany(new Uint8Array(length), bytes, Uint32Array.from(ranges))).toThrow('crypto/hash-many');
    }
    expect(() => suite.hashMany(new Uint8Array(0), bytes, new Uint32Array(0))).not.toThrow();
  });
});

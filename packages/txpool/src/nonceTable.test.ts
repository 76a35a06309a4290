import { SeededRandom } from '@menglian/base/seededRandom';
import { nonceKey } from '@menglian/types/nonceKey';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NonceTable } from './nonceTable.js';

/** Few, so that they meet, and close to each other in every part. */
const nonces = [0n, 1n, 15n, 16n, 2n ** 32n, 2n ** 32n + 1n, 2n ** 255n, 2n ** 256n - 1n, 0xabcdef0123456789n];

describe('the table of nonces', () => {
  it('answers as a list of blocks would, through any history', () => {
    const step = fc.record({
      kind: fc.constantFrom('add' as const, 'add' as const, 'remove' as const),
      block: fc.nat(12),
      chosen: fc.array(fc.nat(nonces.length - 1), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const table = new NonceTable();
        const model = new Map<number, string[]>();
        for (const { kind, block, chosen } of steps) {
          const keys = chosen.map((index) => nonceKey(nonces[index]!));
          if (kind === 'remove') {
            table.removeBlock(block);
            model.delete(block);
          } else if (!model.has(block)) {
            table.addBlock(block, keys);
            model.set(block, keys);
          }
          expect(table.size).toBe([...model.values()].flat().length);
          expect(table.hasBlock(block)).toBe(model.has(block));
          for (const nonce of nonces) {
            for (const lowest of [0, 5, 12]) {
              const isThere = [...model].some(([number, held]) => number >= lowest && held.includes(nonceKey(nonce)));
              expect(table.hasSince(nonceKey(nonce), lowest)).toBe(isThere);
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('holds a hundred thousand while blocks come and go', () => {
    const random = new SeededRandom(3);
    const table = new NonceTable();
    const blocks: string[][] = [];
    const draw = () => nonceKey(BigInt(`0x${Buffer.from(random.bytes(32)).toString('hex')}`));
    for (let number = 0; number < 300; number++) {
      blocks.push(Array.from({ length: 700 }, draw));
      table.addBlock(number, blocks[number]!);
      table.removeBlock(number - 150);
    }
    expect(table.size).toBe(150 * 700);
    const isThere = blocks.map((keys) => keys.filter((key) => table.hasSince(key, 0)).length);
    expect(isThere).toEqual(blocks.map((_, number) => (number < 150 ? 0 : 700)));
    expect(Array.from({ length: 1000 }, draw).filter((key) => table.hasSince(key, 0))).toEqual([]);
  });

  it('refuses a block twice', () => {
    const table = new NonceTable();
    table.addBlock(7, []);
    expect(() => table.addBlock(7, [])).toThrow('txpool/nonce-block-once');
  });
});

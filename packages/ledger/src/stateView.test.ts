import { toHex } from '@menglian/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layeredView, stackedView, type StateChange, stateLayer, type StateView } from './stateView.js';

const keys = Array.from({ length: 6 }, (_, index) => Uint8Array.of(1, index));
const values = fc.option(
  fc.integer({ min: 1, max: 9 }).map((value) => Uint8Array.of(value)),
  { nil: undefined },
);
const changes = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 5 }), values), { maxLength: 6 })
  .map((entries): StateChange[] => [...new Map(entries)].map(([index, value]) => ({ key: keys[index]!, value })));

const read = (view: StateView) => keys.map((key) => toHex(view.get(key) ?? new Uint8Array(0)));

describe('a view over the changes of several blocks', () => {
  it('is the state after all of them, and stays it when the lowest are stored', () => {
    fc.assert(
      fc.property(fc.array(changes, { minLength: 1, maxLength: 6 }), fc.nat(6), (blocks, stored) => {
        const state = new Map<string, Uint8Array | undefined>();
        const store = (block: readonly StateChange[]) => {
          for (const { key, value } of block) state.set(toHex(key), value);
        };
        const below: StateView = { get: (key) => state.get(toHex(key)) };
        const oneByOne = blocks.reduce((view, block) => layeredView(block, view), below);
        const stacked = stackedView(blocks.map(stateLayer), below);
        const before = read(stacked);
        expect(before).toEqual(read(oneByOne));
        for (const block of blocks.slice(0, stored)) {
          store(block);
          expect(read(stacked)).toEqual(before);
        }
        for (const block of blocks.slice(stored)) store(block);
        expect(read(below)).toEqual(before);
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { StateCache } from './stateCache.js';
import type { StateChange } from './stateView.js';

describe('state cache', () => {
  it('answers what the state holds, through any sequence of reads and blocks, at any size', () => {
    for (const maxBytes of [0, 400, 2000, 100_000]) {
      const random = new SeededRandom(maxBytes);
      const state = new Map<string, Uint8Array>();
      const cache = new StateCache({ get: (key) => state.get(toHex(key)) }, maxBytes);
      for (let block = 0; block < 300; block++) {
        for (let read = 0; read < 10; read++) {
          const key = Uint8Array.of(random.below(40));
          expect(cache.get(key)).toBe(state.get(toHex(key)));
        }
        const changes: StateChange[] = [];
        for (let key = random.below(10); key < 40; key += 1 + random.below(10)) {
          const value = random.chance(30) ? undefined : random.bytes(random.below(200));
          changes.push({ key: Uint8Array.of(key), value });
        }
        for (const { key, value } of changes) {
          if (value === undefined) state.delete(toHex(key));
          else state.set(toHex(key), value);
        }
        cache.apply(changes);
      }
    }
  });

  it('asks below once for what it keeps, the absent included, and keeps no more than its bytes', () => {
    let reads = 0;
    const below = {
      get(key: Uint8Array) {
        reads++;
        return key[0] === 0 ? new Uint8Array(100) : undefined;
      },
    };
    const cache = new StateCache(below, 10_000);
    for (let i = 0; i < 5; i++) for (const first of [0, 1]) cache.get(Uint8Array.of(first));
    expect(reads).toBe(2);
    for (let i = 0; i < 1000; i++) cache.get(Uint8Array.of(0, i >> 8, i & 0xff));
    expect(cache.size).toBeLessThanOrEqual(10_000 / 250);
    reads = 0;
    cache.get(Uint8Array.of(0, 999 >> 8, 999 & 0xff));
    expect(reads).toBe(0);
  });

  it('does not keep a value larger than itself, nor the one it replaces', () => {
    const large = new Uint8Array(20_000);
    const cache = new StateCache({ get: () => large }, 10_000);
    cache.apply([{ key: Uint8Array.of(1), value: Uint8Array.of(7) }]);
    cache.apply([{ key: Uint8Array.of(1), value: large }]);
    expect(cache.get(Uint8Array.of(1))).toBe(large);
    expect(cache.size).toBe(0);
  });
});

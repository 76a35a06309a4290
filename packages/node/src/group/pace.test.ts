import { expect, it } from 'vitest';
import { Pace } from './pace.js';

it('finds how many items fit the slice, from either side', () => {
  const pace = new Pace({ sliceMs: 8, countMax: 256 });
  const run = (msPerItem: number, turns: number) => {
    for (let i = 0; i < turns; i++) pace.took(pace.count, pace.count * msPerItem);
  };
  run(0.01, 4);
  expect(pace.count).toBe(256);
  run(0.1, 2);
  expect(pace.count).toBe(80);
  run(100, 1);
  expect(pace.count).toBe(40);
  run(100, 10);
  expect(pace.count).toBe(16);
  run(0.2, 10);
  expect(pace.count).toBe(40);
});

it('learns nothing from a few quick items, and something from a few slow ones', () => {
  const pace = new Pace({ sliceMs: 8, countMax: 256 });
  for (let i = 0; i < 2; i++) pace.took(pace.count, 1);
  expect(pace.count).toBe(64);
  pace.took(2, 1);
  expect(pace.count).toBe(64);
  pace.took(2, 16);
  expect(pace.count).toBe(32);
});

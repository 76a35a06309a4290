import { expect, it } from 'vitest';
import { Pace } from './pace.js';

it('finds how many items fit the slice, from either side', () => {
  const pace = new Pace({ sliceMs: 8, countMax: 256 });
  const run = (msPerItem: number) => pace.took(pace.count, pace.count * msPerItem);
  for (let i = 0; i < 10; i++) run(0.01);
  expect(pace.count).toBe(256);
  run(1);
  expect(pace.count).toBe(8);
  run(100);
  expect(pace.count).toBe(1);
  for (let i = 0; i < 10; i++) run(0.5);
  expect(pace.count).toBe(16);
});

it('learns nothing from a few quick items, and something from a few slow ones', () => {
  const pace = new Pace({ sliceMs: 8, countMax: 256 });
  pace.took(2, 1);
  expect(pace.count).toBe(16);
  pace.took(2, 16);
  expect(pace.count).toBe(1);
});

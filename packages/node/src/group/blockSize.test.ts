import { describe, expect, it } from 'vitest';
import { BlockSize } from './blockSize.js';

describe('the size of own blocks', () => {
  it('is the setting while nothing speaks against it', () => {
    const size = new BlockSize();
    expect(size.limit(1000)).toBe(1000);
    size.onExecuted(1000, 0);
    size.onStored(10);
    expect(size.limit(1000)).toBe(1000);
  });

  it('is halved when a block leads to a view change, and grows back with blocks that are stored', () => {
    const size = new BlockSize();
    size.onGivenUp(1000);
    expect(size.limit(1000)).toBe(500);
    size.onGivenUp(500);
    expect(size.limit(1000)).toBe(250);
    size.onStored(100);
    expect(size.limit(1000)).toBe(250);
    let blocks = 0;
    for (; size.limit(1000) < 1000; blocks++) size.onStored(size.limit(1000));
    expect(blocks).toBeLessThan(10);
    for (let i = 0; i < 50; i++) size.onGivenUp(size.limit(1000));
    expect(size.limit(1000)).toBe(1);
    size.onStored(1);
    expect(size.limit(1000)).toBe(2);
  });

  it('follows the time that transactions take', () => {
    const size = new BlockSize();
    for (let i = 0; i < 20; i++) size.onExecuted(100, 1000);
    expect(size.limit(1001)).toBeCloseTo(100, -1);
    for (let i = 0; i < 40; i++) size.onExecuted(100, 20);
    expect(size.limit(1000)).toBe(1000);
    size.onExecuted(1, 60_000);
    expect(size.limit(1000)).toBeLessThan(20);
  });
});

import { describe, expect, it } from 'vitest';
import { nameOfUnnamed, THREAD_NAME_BYTES_MAX, threadKind, threadName } from './threadNames.js';
import { threadGrowth, threadMicroseconds } from './threadStats.js';

describe('names of threads', () => {
  it('are those they were started with, else their files', () => {
    expect(threadName('group1', 'file:///x/groupThread.js')).toBe('group1');
    expect(threadName(undefined, 'file:///x/y/computeWorker.js')).toBe('computeWorker');
    expect(threadName(undefined, '/x/y/worker')).toBe('worker');
    expect(threadName('a name/with\nmore', 'x')).toBe('a_name_with_mor');
    expect(threadName('', '')).toBe('worker');
    expect(threadName('x'.repeat(100), '').length).toBe(THREAD_NAME_BYTES_MAX);
  });

  it('have kinds without numbers', () => {
    expect(['group1', 'group12', 'lane-3', 'main', '7'].map(threadKind)).toEqual([
      'group',
      'group',
      'lane',
      'main',
      '7',
    ]);
  });

  it('follow from the order of those without one', () => {
    expect([1, 5, 6, 7, 10, 11].map(nameOfUnnamed)).toEqual(['v8', 'v8', 'inspector', 'libuv', 'libuv', 'addon']);
  });
});

describe('times of threads', () => {
  it('are the growth, most first', () => {
    const before = new Map([['main', 10]]);
    const after = new Map([
      ['main', 15],
      ['group', 100],
    ]);
    expect(Object.entries(threadGrowth(before, after))).toEqual([
      ['group', 100],
      ['main', 5],
    ]);
  });

  it.runIf(process.platform === 'linux')('are read from /proc', () => {
    const before = threadMicroseconds([process.pid]);
    const endMs = performance.now() + 50;
    while (performance.now() < endMs);
    const grown = threadGrowth(before, threadMicroseconds([process.pid]));
    expect(grown['main']).toBeGreaterThan(1000);
  });

  it('of a process that has ended are none', () => {
    expect(threadMicroseconds([2 ** 30])).toEqual(new Map());
  });
});

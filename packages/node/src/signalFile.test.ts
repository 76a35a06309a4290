import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SignalFile } from './signalFile.js';

let folder = '';
beforeEach(() => {
  vi.useFakeTimers();
  folder = mkdtempSync(join(tmpdir(), 'menglian-signal-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

it('tells of a file once, deletes it when the change was read, and leaves it when it was not', async () => {
  const path = join(folder, 'config.ini.reset_allowlist');
  let reads = 0;
  let isReadable = true;
  const signal = new SignalFile(path, () => {
    reads += 1;
    return isReadable;
  });
  signal.start();
  await vi.advanceTimersByTimeAsync(1000);
  expect(reads).toBe(0);
  writeFileSync(path, '');
  await vi.advanceTimersByTimeAsync(1000);
  expect([reads, existsSync(path)]).toEqual([1, false]);
  isReadable = false;
  writeFileSync(path, '');
  await vi.advanceTimersByTimeAsync(1000);
  expect([reads, existsSync(path)]).toEqual([2, true]);
  rmSync(path);
  await vi.advanceTimersByTimeAsync(1000);
  isReadable = true;
  writeFileSync(path, '');
  await vi.advanceTimersByTimeAsync(1000);
  expect([reads, existsSync(path)]).toEqual([3, false]);
  signal.stop();
  writeFileSync(path, '');
  await vi.advanceTimersByTimeAsync(1000);
  expect(reads).toBe(3);
});

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { diskBytes } from './diskUsage.js';

const folder = mkdtempSync(join(tmpdir(), 'menglian-disk-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('counts files in a folder and below it, and follows no links', () => {
  writeFileSync(join(folder, 'a'), 'x'.repeat(100));
  mkdirSync(join(folder, 'below'));
  writeFileSync(join(folder, 'below', 'b'), 'x'.repeat(23));
  symlinkSync(folder, join(folder, 'below', 'up'));
  expect(diskBytes(folder)).toBe(123);
});

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SOURCES = fileURLToPath(new URL('.', import.meta.url));

it('runs in a browser, all but what is in src/node', () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !/^(node|testing)\//.test(path),
  );
  expect(files.length).toBeGreaterThan(20);
  const wrong = files.filter((path) =>
    /from '(node:|\.\/node\/|\.\.\/node\/)|\bBuffer\b|\bprocess\./.test(readFileSync(join(SOURCES, path), 'utf8')),
  );
  expect(wrong).toEqual([]);
});

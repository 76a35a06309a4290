import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('.', import.meta.url));

/** Unit and property tests run against the sources; only workers and processes load what `npm run build` made. */
export default defineConfig({
  resolve: {
    alias: [{ find: /^@menglian\/([^/]+)\/(.+)$/, replacement: `${root}packages/$1/src/$2.ts` }],
  },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'benchmarks/src/**/*.test.ts',
      'test/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

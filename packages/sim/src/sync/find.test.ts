import { it, vi } from 'vitest';
it('f', async () => {
  vi.doMock('@menglian/sync/limits', async (actual) => ({
    ...(await actual<object>()),
    LAST_RESORT_MS: Infinity,
    LATE_MS: 500_000,
    LATE_MS_MAX: 500_000,
  }));
  const { runSyncSeed } = await import('./runSyncSeed.js');
  let n = 0;
  for (let seed = 1; seed < 600 && n < 3; seed++) {
    try {
      runSyncSeed(seed);
    } catch (e) {
      n++;
      console.log('FOUND', seed, (e as Error).message);
    }
  }
}, 1e6);

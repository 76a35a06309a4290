import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const root = fileURLToPath(new URL('.', import.meta.url));

/** Files that take longest, of `npm test`: one that begins last keeps one core alone at the end. */
const LONGEST = [
  'test/guides/guides.test.ts',
  'packages/evm/src/translation/differential.test.ts',
  'test/e2e/faults/crashAtEveryWrite.test.ts',
  'test/interchain/clearing.test.ts',
  'test/docker/compose.test.ts',
  'test/e2e/faults/lostPackets.test.ts',
  'test/e2e/faults/pbft.test.ts',
  'test/interchain/relay.test.ts',
  'packages/sim/src/simulation.test.ts',
  'test/e2e/faults/raft.test.ts',
  'packages/sim/src/raftSeeds.test.ts',
  'test/e2e/badStart.test.ts',
  'test/e2e/start.test.ts',
  'test/e2e/faults/hostileViewChanges.test.ts',
].map((path) => `${root}${path}`);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONGEST.indexOf(moduleId);
      return place < 0 ? LONGEST.length : place;
    };
    const rest = await super.sort(files);
    return rest.toSorted((a, b) => rank(a) - rank(b));
  }
}

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
    setupFiles: ['scripts/testing/equalBytes.ts'],
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

// The whole test suite, as CI runs it: build, format, lint, types of the tests, pages of the SDK, then every test, and some
// of the tests with processes on SM chains. `npm test -- packages/evm` runs only the tests whose path holds that text, after
// the same build. `npm run test:sm` runs all tests with processes on SM chains instead, after a build.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const filters = process.argv.slice(2);
const report = join(tmpdir(), `menglian-test-${process.pid}.json`);
const ROOT = join(import.meta.dirname, '..');
const SLOWEST_SHOWN = 12;
const bin = (name) => join(ROOT, 'node_modules', '.bin', name);

/** Tests without processes of their own, as many files at a time as there are cores. */
const UNIT_TESTS = ['packages', 'benchmarks', 'scripts', 'test/golden', 'test/fuzz', 'test/docs'];
/** Tests with processes of their own: two files at a time. Some compute, others mostly wait for a chain to recover. */
const PROCESS_TESTS = ['test/channel', 'test/docker', 'test/e2e', 'test/guides', 'test/interchain', 'test/interop'];

/** Tests of one suite alone. Containers run the program that all other tests run. */
const ONE_SUITE_TESTS = ['test/docker'];
/** What of the tests with processes runs on SM chains each time: a minute and a half on a quiet machine. */
const SM_PART = [
  'test/golden/rpc.test.ts',
  'test/e2e/sdk.test.ts',
  'test/e2e/sdkChannel.test.ts',
  'test/e2e/killedNode.test.ts',
  'test/channel/messages.test.ts',
];
const isSm = process.env.MENGLIAN_TEST_SUITE === 'sm';

const without = (places) => places.map((place) => `--exclude=${place.endsWith('.ts') ? place : `${place}/**`}`);

const vitest = (name, args, { paths = filters, suite } = {}) => [
  name,
  bin('vitest'),
  ['run', '--passWithNoTests', '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`, ...args, ...paths],
  suite,
];

const build = [
  ['addon', process.execPath, [join(import.meta.dirname, 'buildAddon.mjs')]],
  ['build', bin('tsc'), ['-b']],
];
const processTests = vitest('tests with processes', [
  '--maxWorkers=2',
  ...without([...UNIT_TESTS, ...(isSm ? ONE_SUITE_TESTS : [])]),
]);
const smSteps = [
  ...build,
  ...(filters.length === 0 ? [vitest('tests of recorded answers', [], { paths: ['test/golden/rpc.test.ts'] })] : []),
  processTests,
];
const steps = [
  ...build,
  ['types of tests', bin('tsc'), ['-p', 'tsconfig.test.json']],
  ['format', bin('oxfmt'), ['--check']],
  ['lint', bin('oxlint'), ['--deny-warnings']],
  ['pages of the SDK', bin('typedoc'), ['--options', 'packages/sdk/typedoc.json']],
  vitest('tests', [`--maxWorkers=${availableParallelism()}`, ...without(PROCESS_TESTS)]),
  processTests,
  ...(filters.length === 0 ? [vitest('tests on SM chains', ['--maxWorkers=2'], { paths: SM_PART, suite: 'sm' })] : []),
];

/** The files that take longest: where to look when all of it takes too long. */
function slowest(testResults) {
  const files = testResults.map(({ name, startTime, endTime }) => ({ name, ms: Math.round(endTime - startTime) }));
  const shown = files.sort((a, b) => b.ms - a.ms).slice(0, SLOWEST_SHOWN);
  return shown.map(({ name, ms }) => `${String(ms).padStart(8)} ms ${relative(ROOT, name)}\n`).join('');
}

let passed = 0;
let failed = 0;
for (const [name, command, args, suite] of isSm ? smSteps : steps) {
  const startedAtMs = Date.now();
  process.stdout.write(`\n== ${name}\n`);
  const env = { ...process.env, ...(suite === undefined ? {} : { MENGLIAN_TEST_SUITE: suite }) };
  const { status } = spawnSync(command, args, { stdio: 'inherit', cwd: ROOT, env });
  process.stdout.write(`== ${name}: ${status === 0 ? 'ok' : 'failed'}, ${Date.now() - startedAtMs} ms\n`);
  if (name.startsWith('tests')) {
    try {
      const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
      passed += numPassedTests;
      failed += numFailedTests;
      process.stdout.write(slowest(testResults));
    } catch {
      failed += 1;
    }
    rmSync(report, { force: true });
  }
  if (status !== 0) {
    failed = Math.max(failed, 1);
    break;
  }
  if (!name.startsWith('tests')) passed += 1;
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);

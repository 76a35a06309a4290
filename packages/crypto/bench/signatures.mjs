// Signatures checked in a CPU second: one by one without the addon, one by one with it, and in bulk.
//   npm run build && node packages/crypto/bench/signatures.mjs [seconds per row, 2 if not given] [--sm]
// All ways of a row take turns in one process, so that other work on the machine meets all of them; medians.
import { randomBytes } from 'node:crypto';
import { cpus, loadavg } from 'node:os';
import { loadSuite } from '../dist/loadSuite.js';
import addon from '../native/load.cjs';

const isSm = process.argv.includes('--sm');
const BATCHES = isSm ? [1, 4, 16, 64, 256, 1000, 4000] : [3, 8, 16, 64, 256, 1000, 4000];
const SIGNERS = [1, 8, 100, Infinity];
const secondsPerRow = Number(process.argv.slice(2).find((argument) => argument !== '--sm') ?? 2);

const family = isSm ? 'sm' : 'ecdsa';
const bulk = await loadSuite(family, 'addon');
const other = await loadSuite(family, isSm ? 'javascript' : 'native');
const hasVectors = addon.useVectors(true);

function signed(count, signers) {
  const privateKeys = Array.from({ length: Math.min(signers, count) }, () => {
    const key = new Uint8Array(randomBytes(32));
    // Below the order of either curve.
    key[0] &= 0x7f;
    return key;
  });
  const keys = privateKeys.map((key) => bulk.publicKey(key));
  const checks = Array.from({ length: count }, (_, i) => {
    const digest = new Uint8Array(randomBytes(32));
    const signature = bulk.sign(digest, privateKeys[i % keys.length]);
    return { digest, signature, likelyKey: keys[i % keys.length] };
  });
  const parities = new Uint8Array(count);
  bulk.recoverMany(checks, parities);
  return checks.map((check, i) => ({ ...check, likelyParity: isSm ? parities[i] : undefined }));
}

function cpuMicros(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** @returns median CPU microseconds a signature for each of the ways, which return how many they checked */
function measure(ways) {
  const samples = ways.map(() => []);
  const endsAtMs = performance.now() + secondsPerRow * 1000;
  for (let round = 0; round < 5 || performance.now() < endsAtMs; round++) {
    for (const [i, way] of ways.entries()) {
      let checked = 0;
      // Long enough for the clock, which counts in microseconds.
      const micros = cpuMicros(() => {
        do checked += way();
        while (checked < 60);
      });
      if (round > 0) samples[i].push(micros / checked);
    }
  }
  return samples.map(median);
}

const perSecond = (micros) => Math.round(1e6 / micros).toLocaleString('en');

process.stdout.write(
  `${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(1)}, ${new Date().toISOString().slice(0, 10)}; `,
);
process.stdout.write(`checks in a CPU second, and their ratio to \`${other.provider}\`\n\n`);

/** The ways to check a batch, by the heads of their columns. */
function waysOf(checks) {
  // So many that a way without the addon takes about as long as the others.
  const few = checks.slice(0, isSm ? 8 : 60);
  const oneByOne = (suite, some) => () => {
    for (const { digest, signature } of some) {
      if (suite.recover(digest, signature) === undefined) throw new Error('refused');
    }
    return some.length;
  };
  const inBulk = (vectors, some) => () => {
    addon.useVectors(vectors);
    if (!bulk.recoverMany(some).every((key, i) => key === some[i].likelyKey)) throw new Error('refused');
    return some.length;
  };
  const ways = {
    [other.provider]: oneByOne(other, few),
    'addon, single': oneByOne(bulk, checks.slice(0, 60)),
  };
  if (isSm) ways['many, without hints'] = inBulk(hasVectors, withoutHints(checks));
  ways[isSm ? 'many, with hints' : 'bulk'] = inBulk(hasVectors, checks);
  if (isSm) ways['without hints or AVX-512'] = inBulk(false, withoutHints(checks));
  ways[isSm ? 'with hints, without AVX-512' : 'bulk without AVX-512'] = inBulk(false, checks);
  return ways;
}

function withoutHints(checks) {
  return checks.map((check) => ({ ...check, likelyParity: undefined }));
}

const heads = Object.keys(waysOf([]));
process.stdout.write(`| batch | signers | ${heads.join(' | ')} |\n${'|---'.repeat(2 + heads.length)}|\n`);
for (const batch of BATCHES) {
  for (const signers of SIGNERS.filter((count) => count === Infinity || count < batch)) {
    const micros = measure(Object.values(waysOf(signed(batch, signers))));
    const cells = micros.map((each, i) => perSecond(each) + (i === 0 ? '' : ` (${(micros[0] / each).toFixed(1)})`));
    const label = signers === Infinity ? 'all different' : String(signers);
    process.stdout.write(`| ${batch} | ${label} | ${cells.join(' | ')} |\n`);
  }
}

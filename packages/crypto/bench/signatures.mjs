// Signatures checked in a CPU second: one by one with the npm package, one by one with the addon, and in bulk.
//   npm run build && node packages/crypto/bench/signatures.mjs [seconds per row, 2 if not given]
// All ways of a row take turns in one process, so that other work on the machine meets all of them; medians.
import { randomBytes } from 'node:crypto';
import { cpus, loadavg } from 'node:os';
import { loadSuite } from '../dist/loadSuite.js';
import addon from '../native/load.cjs';

const BATCHES = [3, 8, 16, 64, 256, 1000, 4000];
const SIGNERS = [1, 8, 100, Infinity];
const secondsPerRow = Number(process.argv[2] ?? 2);

const bulk = await loadSuite('ecdsa', 'addon');
const native = await loadSuite('ecdsa', 'native');
const hasVectors = addon.useVectors(true);

function signed(count, signers) {
  const privateKeys = Array.from({ length: Math.min(signers, count) }, () => new Uint8Array(randomBytes(32)));
  const keys = privateKeys.map((key) => bulk.publicKey(key));
  return Array.from({ length: count }, (_, i) => {
    const digest = new Uint8Array(randomBytes(32));
    const signature = bulk.sign(digest, privateKeys[i % keys.length]);
    return { digest, signature, likelyKey: keys[i % keys.length] };
  });
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
process.stdout.write(`checks in a CPU second, and their ratio to \`native\`\n\n`);
process.stdout.write(
  '| batch | signers | native | addon, single | bulk | bulk without AVX-512 |\n|---|---|---|---|---|---|\n',
);
for (const batch of BATCHES) {
  for (const signers of SIGNERS.filter((count) => count === Infinity || count < batch)) {
    const checks = signed(batch, signers);
    const few = checks.slice(0, 60);
    const oneByOne = (suite) => () => {
      for (const { digest, signature } of few) suite.recover(digest, signature);
      return few.length;
    };
    const inBulk = (vectors) => () => {
      addon.useVectors(vectors);
      if (!bulk.recoverMany(checks).every((key, i) => key === checks[i].likelyKey)) throw new Error('refused');
      return checks.length;
    };
    const [nativeMicros, singleMicros, vectorMicros, portableMicros] = measure([
      oneByOne(native),
      oneByOne(bulk),
      inBulk(true),
      inBulk(false),
    ]);
    const cell = (micros) => `${perSecond(micros)} (${(nativeMicros / micros).toFixed(1)})`;
    process.stdout.write(
      `| ${batch} | ${signers === Infinity ? 'all different' : signers} | ${perSecond(nativeMicros)} | ${cell(singleMicros)} | ` +
        `${hasVectors ? cell(vectorMicros) : '-'} | ${cell(portableMicros)} |\n`,
    );
  }
}

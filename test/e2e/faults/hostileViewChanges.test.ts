import { setTimeout as sleep } from 'node:timers/promises';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { afterEach, expect, it } from 'vitest';
import { hostileEnvironment } from '../../../benchmarks/src/faults/hostileEnvironment.js';
import { residentBytes } from '../../../benchmarks/src/measure/processStats.js';
import { Cluster, until } from '../cluster.js';
import { audit } from './audit.js';
import { SteadyLoad } from './load.js';
import { SUITE } from '../suite.js';

/**
 * Goal: one sealer that sends hostile view changes without pause stops nothing and fills no memory. Method: one of four
 * nodes is such a sealer, first beside its ordinary work, then instead of it. How much it slows the others is for
 * `npm run bench -- faults`.
 */

const HOSTILE = 3;
const MESSAGES_PER_SECOND = 1000;
const LASTS_MS = process.env['MENGLIAN_LONG'] === '1' ? 600_000 : 12_000;
const TRANSFERS_PER_SECOND = 60;

/** Blocks that the others make at least: in the slowest case each turn of the hostile leader passes in vain. */
const BLOCKS = 10;

/** What three nodes may grow by while they work; a leak of every message would be more within the usual run. */
const MEMORY_GROWTH_MAX_BYTES = 400 * 1024 * 1024;

const suite = await loadSuite(SUITE);
const clusters: Cluster[] = [];

afterEach(async () => {
  await Promise.all(clusters.splice(0).map((cluster) => cluster.stop()));
});

it('blocks go on while a sealer sends hostile view changes, and nobody runs out of memory', async () => {
  let hostility: NodeJS.ProcessEnv = {};
  const cluster = await Cluster.build(4, {
    environment: (folder) => (folder.endsWith(`node${HOSTILE}`) ? hostility : {}),
  });
  clusters.push(cluster);
  cluster.startAll();
  await cluster.linked(3);
  const honest = [0, 1, 2];
  const load = new SteadyLoad(
    honest.map((index) => cluster.clients[index]!),
    suite,
  );
  await load.open();
  load.start(TRANSFERS_PER_SECOND);
  for (const votes of [true, false]) {
    hostility = hostileEnvironment(MESSAGES_PER_SECOND, votes);
    await cluster.nodes[HOSTILE]!.kill();
    cluster.start(HOSTILE);
    await cluster.linked(3);
    const pids = honest.map((index) => cluster.nodes[index]!.pid!);
    const [bytes, height] = [residentBytes(pids), await cluster.blockNumber(0)];
    await sleep(LASTS_MS);
    await until(async () => (await cluster.blockNumber(0)) >= height + BLOCKS, `${BLOCKS} blocks are stored`);
    const grownBytes = residentBytes(pids) - bytes;
    expect(grownBytes).toBeLessThan(MEMORY_GROWTH_MAX_BYTES);
    expect(cluster.nodes[HOSTILE]!.tail()).toMatch(/hostile messages: [1-9]\d{3}/);
    const blocks = (await cluster.blockNumber(0)) - height;
    process.stderr.write(`hostile, votes ${votes}: ${blocks} blocks, ${Math.round(grownBytes / 1_048_576)} MiB more\n`);
  }
  hostility = {};
  await cluster.nodes[HOSTILE]!.kill();
  cluster.start(HOSTILE);
  await load.finish();
  await audit({ suite, clients: cluster.clients, consensus: 'pbft' }, load);
  expect(load.acknowledged.size).toBe(load.sent.size);
}, 1_800_000);

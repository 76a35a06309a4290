import { setTimeout as sleep } from 'node:timers/promises';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { afterEach, expect } from 'vitest';
import { audit } from './audit.js';
import { FaultCluster } from './faultCluster.js';
import { faultsOf, silentCutsOf, type Fault } from './faultList.js';
import { SteadyLoad } from './load.js';
import { Namespaces } from './namespaces.js';
import { SUITE } from '../suite.js';

const suite = await loadSuite(SUITE);
const IS_LONG = process.env['MENGLIAN_LONG'] === '1';
const ROUNDS = IS_LONG ? 5 : 1;
const TRANSFERS_PER_SECOND = 60;

/** Blocks that must come during and after each fault, and how long they may take. A dropped link is dialled again within 15 s. */
const BLOCKS = 3;
const RECOVERY_MS = 45_000;

const clusters: FaultCluster[] = [];

/** Stops what a test has started, also when it failed. */
export function stopClustersAfterEach(): void {
  afterEach(async () => {
    await Promise.all(clusters.splice(0).map((cluster) => cluster.stop()));
  });
}

/** One cluster under load through one fault after the other; at the end the books must be right. */
export async function survivesFaultsUnderLoad(count: number, consensus: string): Promise<void> {
  await survives(await FaultCluster.start(count, consensus), consensus, faultsOf(count));
}

/** Cuts of a network of the kernel where the machine has such for us, otherwise of the proxies. */
export async function survivesLostPacketsUnderLoad(count: number, consensus: string): Promise<void> {
  const start = Namespaces.areAvailable() ? FaultCluster.startInNamespaces : FaultCluster.start;
  await survives(await start(count, consensus), consensus, silentCutsOf(count));
}

async function survives(cluster: FaultCluster, consensus: string, faults: readonly Fault[]): Promise<void> {
  clusters.push(cluster);
  const load = new SteadyLoad(cluster.cluster.clients, suite);
  await load.open();
  load.start(TRANSFERS_PER_SECOND);
  await cluster.advanced(BLOCKS);
  for (let round = 0; round < ROUNDS; round++) {
    for (const fault of faults) await endure(cluster, consensus, fault);
  }
  await load.finish();
  const height = await audit({ suite, clients: cluster.cluster.clients, consensus }, load);
  const { sent, acknowledged, expired } = load;
  process.stderr.write(`${consensus}: ${acknowledged.size} of ${sent.size} in ${height} blocks, ${expired} expired\n`);
  expect(acknowledged.size).toBeGreaterThan(sent.size / 2);
}

/** The nodes that are able to must make blocks while the fault lasts, and all of them soon after it. */
async function endure(cluster: FaultCluster, consensus: string, fault: Fault): Promise<void> {
  const startedAtMs = performance.now();
  const victim = fault.victim ?? (await cluster.leader());
  await fault.begin(cluster, victim);
  const able = fault.able(victim);
  if (able.length > 0) await cluster.advanced(fault.blocks ?? BLOCKS, able, RECOVERY_MS);
  const blocksMs = Math.round(performance.now() - startedAtMs);
  await sleep(Math.max(0, fault.lastsMs - blocksMs));
  await fault.end(cluster, victim);
  const endedAtMs = performance.now();
  await cluster.advanced(BLOCKS, cluster.indexes, RECOVERY_MS);
  const recoveryMs = Math.round(performance.now() - endedAtMs);
  const what = fault.name.replace('#', `node ${victim}`);
  process.stderr.write(`${consensus}: ${what}: blocks within ${blocksMs} ms, all well ${recoveryMs} ms after it\n`);
}

import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { afterEach, expect, it } from 'vitest';
import { Cluster, until } from '../cluster.js';
import { audit } from './audit.js';
import { SteadyLoad } from './load.js';
import { SUITE } from '../suite.js';

/**
 * Goal: whichever write of its database is the last one of a node, it starts again and catches up. Method: one of four
 * nodes ends itself before, during or after its write number k, for every k that falls into twenty blocks; once while it
 * takes part in consensus, once while it catches up. A long run tries every k, the usual one every so manieth.
 */

const BLOCKS = 20;
const MOMENTS = ['before', 'during', 'after'] as const;
const STRIDE = process.env['MENGLIAN_LONG'] === '1' ? 1 : 23;

/** The node that is killed, and the one that clients use. */
const VICTIM = 0;
const OTHER = 1;

const killFile = (folder: string) => join(folder, 'kill-at-write');
const PRELOAD = `--import ${pathToFileURL(join(import.meta.dirname, 'preloads', 'killAtWrite.mjs')).href}`;

const suite = await loadSuite(SUITE);
const clusters: Cluster[] = [];

afterEach(async () => {
  await Promise.all(clusters.splice(0).map((cluster) => cluster.stop()));
});

/** Four nodes, of which one is killed again and again. */
class CrashSweep {
  readonly load: SteadyLoad;
  readonly #cluster: Cluster;
  readonly #killFile: string;
  deaths = 0;

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.load = new SteadyLoad(cluster.clients, suite);
    this.#killFile = killFile(dirname(cluster.configPath(VICTIM)));
  }

  static async start(): Promise<CrashSweep> {
    const cluster = await Cluster.build(4, {
      environment: (folder) => ({ NODE_OPTIONS: PRELOAD, MENGLIAN_TEST_KILL_FILE: killFile(folder) }),
    });
    clusters.push(cluster);
    cluster.startAll();
    await cluster.linked(3);
    const sweep = new CrashSweep(cluster);
    await sweep.load.open();
    return sweep;
  }

  get isVictimRunning(): boolean {
    return this.#cluster.nodes[VICTIM]!.isRunning;
  }

  arm(moment: (typeof MOMENTS)[number], write: number): void {
    writeFileSync(this.#killFile, `${moment} ${write}`);
  }

  disarm(): void {
    rmSync(this.#killFile, { force: true });
  }

  async makeBlock(): Promise<void> {
    await this.load.transferOnce(OTHER);
  }

  startVictim(): void {
    this.#cluster.start(VICTIM);
  }

  async killVictim(): Promise<void> {
    await this.#cluster.nodes[VICTIM]!.kill();
  }

  /** Whether the victim has stored all that the others have. */
  async isCaughtUp(): Promise<boolean> {
    const heights = await Promise.all([VICTIM, OTHER].map((index) => this.#cluster.blockNumber(index).catch(() => -1)));
    return heights[0]! >= 0 && heights[0] === heights[1];
  }

  /** The victim is dead and starts again, without a fault. */
  async recover(what: string): Promise<void> {
    if (++this.deaths % 25 === 0) process.stderr.write(`${this.deaths} deaths, the last ${what}\n`);
    this.disarm();
    this.startVictim();
    await until(async () => this.isCaughtUp(), `the node catches up after its end ${what}`);
    await this.#cluster.linked(3);
  }

  async finish(): Promise<void> {
    const height = await audit({ suite, clients: this.#cluster.clients, consensus: 'pbft' }, this.load);
    process.stderr.write(`${this.deaths} deaths, ${height} blocks\n`);
    expect(this.deaths).toBeGreaterThan(0);
  }
}

/** Write numbers and moments, until `dies` says that the run ended before that write. */
async function sweepWrites(
  sweep: CrashSweep,
  stride: number,
  dies: (moment: (typeof MOMENTS)[number], write: number) => Promise<boolean>,
): Promise<number> {
  for (let step = 0; ; step += stride) {
    const [moment, write] = [MOMENTS[step % MOMENTS.length]!, Math.floor(step / MOMENTS.length) + 1];
    if (!(await dies(moment, write))) return write - 1;
    await sweep.recover(`${moment} write ${write}`);
  }
}

it('a node ends at any write while it takes part in consensus', async () => {
  const sweep = await CrashSweep.start();
  const writes = await sweepWrites(sweep, STRIDE, async (moment, write) => {
    sweep.arm(moment, write);
    for (let block = 0; block < BLOCKS; block++) {
      await sweep.makeBlock();
      if (!sweep.isVictimRunning) return true;
    }
    sweep.disarm();
    // A write that was armed may still be under way.
    await sleep(300);
    return !sweep.isVictimRunning;
  });
  process.stderr.write(`consensus: about ${writes} writes in ${BLOCKS} blocks\n`);
  await sweep.finish();
}, 3_600_000);

it('a node ends at any write while it catches up', async () => {
  const sweep = await CrashSweep.start();
  const writes = await sweepWrites(sweep, STRIDE, async (moment, write) => {
    await sweep.killVictim();
    for (let block = 0; block < BLOCKS; block++) await sweep.makeBlock();
    sweep.arm(moment, write);
    sweep.startVictim();
    await until(async () => !sweep.isVictimRunning || (await sweep.isCaughtUp()), 'the node ends or catches up');
    const isDead = !sweep.isVictimRunning;
    sweep.disarm();
    return isDead;
  });
  process.stderr.write(`catching up: about ${writes} writes for ${BLOCKS} blocks\n`);
  await sweep.finish();
}, 3_600_000);

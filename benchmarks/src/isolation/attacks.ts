import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { invariant } from '@menglian/base/invariant';
import type { BenchChain } from '../chain/benchChain.js';
import type { BenchGroup } from '../groups/benchGroup.js';
import { BusyProcesses } from './busyProcesses.js';
import type { Attack, AttackCounts } from './attack.js';
import { Flood } from './flood.js';
import type { FloodCounts, FloodData } from './floodProtocol.js';
import { hostileBodies } from './hostileBodies.js';
import { CRASH_FILE, FRAMES_FILE, STALL_FILE } from './neighbourTriggers.js';

/** A group that is attacked, and the chain it is on. */
export interface AttackedGroup {
  readonly chain: BenchChain;
  readonly neighbour: BenchGroup;
  /** first of the nodes' SDK ports */
  readonly channelPort: number;
}

export interface AttackContext extends AttackedGroup {
  /** the same on a chain of its own, where some attack needs it */
  readonly apart: AttackedGroup | undefined;
  /** how long an attack lasts, milliseconds */
  readonly lastsMs: number;
  /** what sends takes only the processors that all others leave */
  readonly isSpare: boolean;
}

const POLL_MS = 100;
const CRASH_TIMEOUT_MS = 10_000;
const NODE_END_MS = 5000;
/** More than a group of four nodes takes on this kind of machine. */
const FLOOD_PER_SECOND = 10_000;
const FLOOD_CONNECTIONS = 4;
const FLOOD_BATCH = 100;
/** Clients of each node that wait for a group which stands still. */
const STALL_CONNECTIONS = 400;
const QUOTA_MB = 1;
const MODEST_FILL = 20_000;
/** A node measures every five seconds. */
const QUOTA_NOTICED_MS = 6000;
const MODEST_PAUSE_MS = 100;

/** By the names that `--attacks` takes, in the order in which they are measured. */
export const ATTACKS: Readonly<Record<string, (context: AttackContext) => Attack>> = {
  idle: () => ({ name: 'idle', begin: async () => undefined, end: async () => ({}) }),
  apart: apartControl,
  crash: crashAttack,
  stall: stallAttack,
  restarts: restartsAttack,
  flood: floodAttack,
  apartFlood: apart(floodAttack),
  requests: requestsAttack,
  apartRequests: apart(requestsAttack),
  frames: framesAttack,
  quota: quotaAttack,
};

export const ATTACK_NAMES: readonly string[] = Object.keys(ATTACKS);

/** Attacks on another chain, whose nodes share the machine with those of the victim and nothing else. */
export const APART_NAMES: ReadonlySet<string> = new Set(['apartFlood', 'apartRequests']);

/** No attack: what computes and stores beside the victim shares the machine with it, and nothing of the nodes. */
function apartControl({ chain, isSpare }: AttackContext): Attack {
  let busy: BusyProcesses | undefined;
  return {
    name: 'apart',
    begin: async () => {
      busy = new BusyProcesses(chain.indexes.length, isSpare);
    },
    end: async () => {
      await busy?.end();
      return { processes: chain.indexes.length };
    },
  };
}

/** The same attack on a group of another chain. */
function apart(attack: (context: AttackContext) => Attack): (context: AttackContext) => Attack {
  return (context) => {
    invariant(context.apart !== undefined, 'benchmarks/other-chain');
    const { name, begin, end } = attack({ ...context, ...context.apart });
    return { name: `apart${name[0]!.toUpperCase()}${name.slice(1)}`, begin, end };
  };
}

/** An exception that nobody catches in the neighbour's thread, on all nodes at once. */
function crashAttack({ chain, neighbour }: AttackContext): Attack {
  const paths = chain.folders.map((folder) => join(folder, CRASH_FILE));
  return {
    name: 'crash',
    begin: async () => {
      for (const path of paths) writeFileSync(path, '');
      // The thread takes its file away before it ends.
      const deadline = performance.now() + CRASH_TIMEOUT_MS;
      while (paths.some((path) => existsSync(path)) && performance.now() < deadline) await sleep(POLL_MS);
    },
    end: async () => {
      const remaining = paths.filter((path) => existsSync(path)).length;
      // A node that ends with its group finishes its writes first.
      await sleep(NODE_END_MS);
      for (const path of paths) rmSync(path, { force: true });
      const nodesEnded = await restartEnded(chain);
      await restartOnAll(neighbour);
      return { threadsEnded: paths.length - remaining, nodesEnded };
    },
  };
}

/** Its threads stand still on all nodes, and clients wait for answers. */
function stallAttack(context: AttackContext): Attack {
  const paths = context.chain.folders.map((folder) => join(folder, STALL_FILE));
  const flooding = floodingAttack('stall', context, async () => {
    const { batches } = await context.neighbour.sign({ count: MODEST_FILL, batchSize: FLOOD_BATCH });
    return { bodies: batches.map(({ body }) => body), connections: STALL_CONNECTIONS, pauseMs: MODEST_PAUSE_MS };
  });
  return {
    name: 'stall',
    begin: async () => {
      await flooding.begin();
      for (const path of paths) writeFileSync(path, '');
    },
    end: async () => {
      for (const path of paths) rmSync(path, { force: true });
      return flooding.end();
    },
  };
}

/** Stopped and started again without pause, node after node. */
function restartsAttack({ neighbour }: AttackContext): Attack {
  let ending = new AbortController();
  let restarts = 0;
  let looping: Promise<void> = Promise.resolve();
  const loop = async () => {
    while (!ending.signal.aborted) {
      for (const client of neighbour.clients) {
        await client.stopGroup(neighbour.groupId);
        await client.startGroup(neighbour.groupId);
        restarts++;
      }
    }
  };
  return {
    name: 'restarts',
    begin: async () => {
      ending = new AbortController();
      restarts = 0;
      looping = loop();
    },
    end: async () => {
      ending.abort();
      await looping;
      await neighbour.working();
      return { restarts };
    },
  };
}

/** Transactions that are right, as fast as all nodes together take them in. */
function floodAttack(context: AttackContext): Attack {
  const { neighbour, lastsMs } = context;
  return floodingAttack('flood', context, async () => {
    const count = Math.ceil((lastsMs / 1000) * FLOOD_PER_SECOND);
    const { batches } = await neighbour.sign({ count, batchSize: FLOOD_BATCH });
    return { bodies: batches.map(({ body }) => body), connections: FLOOD_CONNECTIONS };
  });
}

/** Requests that are broken, dear or too long, and frames that are too long, to the ports for clients. */
function requestsAttack(context: AttackContext): Attack {
  const { chain, neighbour, channelPort } = context;
  return floodingAttack('requests', context, async () => ({
    bodies: hostileBodies(neighbour.groupId, await rawTransactions(neighbour)),
    connections: 1,
    channelPorts: chain.indexes.map((index) => channelPort + index),
  }));
}

/** One node that is a member of the neighbour sends the others long frames of rubbish. */
function framesAttack({ chain }: AttackContext): Attack {
  const path = join(chain.folders.at(-1)!, FRAMES_FILE);
  return {
    name: 'frames',
    begin: async () => writeFileSync(path, ''),
    end: async () => {
      rmSync(path, { force: true });
      return { nodesEnded: await restartEnded(chain) };
    },
  };
}

/** The neighbour may store no more, and clients go on sending to it. */
function quotaAttack(context: AttackContext): Attack {
  const { chain, neighbour } = context;
  const paths = chain.folders.map((folder) => join(folder, 'conf', `group.${neighbour.groupId}.ini`));
  const original = paths.map((path) => readFileSync(path, 'utf8'));
  const flooding = floodingAttack('quota', context, async () => {
    const { batches } = await neighbour.sign({ count: MODEST_FILL, batchSize: FLOOD_BATCH });
    return { bodies: batches.map(({ body }) => body), connections: 1, pauseMs: MODEST_PAUSE_MS };
  });
  return {
    name: 'quota',
    begin: async () => {
      await neighbour.stop();
      for (const [index, path] of paths.entries()) {
        writeFileSync(path, withQuota(original[index]!));
      }
      await neighbour.start();
      await flooding.begin();
      await sleep(QUOTA_NOTICED_MS);
    },
    end: async () => {
      for (const [index, path] of paths.entries()) writeFileSync(path, original[index]!);
      return flooding.end();
    },
  };
}

/** What a process of its own posts to all nodes. Afterwards the neighbour forgets what it has taken in and not yet stored. */
function floodingAttack(
  name: string,
  { chain, neighbour, isSpare }: AttackContext,
  prepare: () => Promise<Pick<FloodData, 'bodies' | 'connections'> & Partial<FloodData>>,
): Attack {
  let flood: Flood | undefined;
  return {
    name,
    begin: async () => {
      const sdkFolder = join(dirname(chain.folders[0]!), 'sdk');
      const common = { urls: chain.urls, channelPorts: [], sdkFolder, isSpare, pauseMs: 0 };
      flood = await Flood.start({ ...common, ...(await prepare()) });
    },
    end: async (): Promise<AttackCounts> => {
      const counts: FloodCounts | undefined = await flood?.end();
      const nodesEnded = await restartEnded(chain);
      await restartOnAll(neighbour);
      return { ...counts, nodesEnded };
    },
  };
}

/** @param tuning text of `group.N.ini` */
function withQuota(tuning: string): string {
  return tuning.replace(/^\s*quota_mb=.*\n/m, '').replace(/^\[storage\]$/m, `[storage]\n    quota_mb=${QUOTA_MB}`);
}

async function rawTransactions(neighbour: BenchGroup): Promise<string[]> {
  const { batches } = await neighbour.sign({ count: FLOOD_BATCH, batchSize: FLOOD_BATCH });
  const requests = JSON.parse(batches[0]!.body.toString('latin1')) as { readonly params: readonly [number, string] }[];
  return requests.map(({ params }) => params[1]);
}

/** Starts nodes that have ended by themselves. @returns how many did */
async function restartEnded(chain: BenchChain): Promise<number> {
  const ended = chain.indexes.filter((index) => !chain.nodes[index]!.isRunning);
  for (const index of ended) chain.startNode(index);
  if (ended.length > 0) await chain.linked();
  return ended.length;
}

/** Whatever state it is in. */
async function restartOnAll(group: BenchGroup): Promise<void> {
  for (const client of group.clients) {
    await client.stopGroup(group.groupId);
    await client.startGroup(group.groupId);
  }
  await group.working();
}

import { toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { beginFaults, heal, restartAll } from './faults.js';
import { beginChanges } from './operator.js';
import { executeAgain } from './reexecution.js';
import { wholeOptionsOf, type WholeOptions } from './wholeOptions.js';
import { WholeWorld } from './wholeWorld.js';

/** Everything that clients wait for is decided, and all members are equal, within this time after healing. */
const HEAL_BOUND_MS = 120_000;
const STEP_MS = 250;
const STORY_TAIL = 200;

export interface WholeOutcome {
  readonly height: number;
  readonly simulatedMs: number;
  readonly events: number;
  /** Of all bytes sent and all blocks stored, in order. */
  readonly fingerprint: string;
  readonly acknowledged: number;
  /** From healing until everything was settled. */
  readonly healedAfterMs: number;
  readonly marks: ReadonlyMap<string, number>;
}

/** A rule was broken; the message ends with the last lines of the story. */
class WholeViolation extends Error {
  override readonly name = 'WholeViolation';
}

/**
 * One run of a whole cluster: chaos, healing, a loss of power everywhere, and then every check there is.
 * @throws WholeViolation that says which rule was broken, and how it came about
 */
export async function runWholeSeed(seed: number, options: WholeOptions = wholeOptionsOf(seed)): Promise<WholeOutcome> {
  const world = new WholeWorld(options);
  try {
    return await live(world);
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const story = world.story.slice(-STORY_TAIL).join('\n');
    throw new WholeViolation(`seed ${seed} (${options.engine}) at ${world.time.nowMs} ms: ${reason}\n${story}`, {
      cause: error,
    });
  }
}

async function live(world: WholeWorld): Promise<WholeOutcome> {
  const { options, clients, audit, time } = world;
  for (const node of world.nodes) node.start();
  await world.run(500);
  clients.begin();
  beginFaults(world);
  beginChanges(world);
  await world.run(options.chaosMs);

  heal(world);
  clients.isResting = true;
  const healedAfterMs = await untilSettled(world);
  // The machine room loses its power; nothing that anybody was told may be gone.
  restartAll(world);
  await world.run(2000);
  clients.isResting = false;
  await world.run(2000);
  clients.isResting = true;
  await untilSettled(world);
  clients.end();

  const members = world.members();
  audit.checkAll(members);
  const chain = members.find(({ group }) => group!.ledger.lowestBody === 1)!.group!.ledger;
  const reference = await executeAgain(world.suite, world.genesis, chain);
  invariant(toHex(reference.head().stateDigest) === toHex(chain.head().stateDigest), 'sim/S11');
  return {
    height: chain.head().number,
    simulatedMs: time.nowMs,
    events: time.eventCount,
    fingerprint: world.fingerprint,
    acknowledged: clients.acknowledged.size,
    healedAfterMs,
    marks: world.marks,
  };
}

/** L1, L2, L5. @returns how long it took */
async function untilSettled(world: WholeWorld): Promise<number> {
  const startedMs = world.time.nowMs;
  while (!isSettled(world)) {
    const tookMs = world.time.nowMs - startedMs;
    invariant(tookMs < HEAL_BOUND_MS, 'sim/L1', `${describe(world)} after ${tookMs} ms`);
    await world.run(STEP_MS);
  }
  return world.time.nowMs - startedMs;
}

function isSettled(world: WholeWorld): boolean {
  const members = world.members();
  const running = world.honest().filter(({ group }) => group !== undefined);
  if (running.length < world.honest().length || world.clients.pendingCount > 0) return false;
  return new Set(members.map(({ group }) => toHex(group!.ledger.head().hash))).size === 1;
}

function describe(world: WholeWorld): string {
  const heights = world.members().map((node) => `n${node.index}=${node.height}`);
  return `${world.clients.pendingCount} transfers wait, heads ${heights.join(' ')}`;
}

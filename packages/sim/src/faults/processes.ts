/** What happens to one replica's process, clock and machine. */
import type { SimulatedNode } from '../node.js';
import type { World } from '../world.js';

const LONGEST_DOWN_MS = 5000;
const LONGEST_STALL_MS = 4000;

export function crashSomebody(world: World): void {
  const down = world.nodes.filter((node) => !node.isUp || !node.isHonest).length;
  const up = world.nodes.filter((node) => node.isUp);
  if (down >= world.maxFaulty + world.options.chaos.extraCrashes || up.length === 0) return;
  const victim = world.random.pick(up);
  victim.crash();
  world.scheduler.after(50 + world.random.below(LONGEST_DOWN_MS), () => {
    if (world.isChaos && !victim.isUp) victim.start();
  });
}

export function stallSomebody(world: World): void {
  world.random.pick(world.nodes).stall(100 + world.random.below(LONGEST_STALL_MS));
  world.checker.mark('stalled');
}

export function disturbClock(world: World): void {
  const { random } = world;
  const node = random.pick(world.nodes);
  const kind = random.pick(['ahead', 'back', 'freeze'] as const);
  world.checker.mark(`clock:${kind}`);
  if (kind === 'freeze') {
    node.clock.freeze();
    const { clock } = node;
    world.scheduler.after(random.below(3000), () => repair(node, clock));
  } else node.clock.jump((kind === 'ahead' ? 1 : -1) * random.pick([50, 1000, 20_000]));
  node.onClockChanged();
}

function repair(node: SimulatedNode, clock: SimulatedNode['clock']): void {
  clock.repair();
  if (node.clock === clock) node.onClockChanged();
}

export function slowSomebody(world: World): void {
  const { random, network } = world;
  const node = random.pick(world.nodes);
  const factor = random.pick([3, 10]);
  const setSlowness = (times: number): void => {
    node.slowness = times;
    for (const { index } of world.nodes) {
      network.slow(node.index, index, 100 * times);
      network.slow(index, node.index, 100 * times);
    }
  };
  setSlowness(factor);
  world.checker.mark('slowed');
  world.scheduler.after(500 + random.below(4000), () => setSlowness(1));
}

/** Everybody runs, with a good clock, at full speed. */
export function healProcesses(world: World): void {
  for (const node of world.nodes) {
    node.slowness = 1;
    repair(node, node.clock);
    node.resumeNow();
    if (!node.isUp && !isSecondCopy(world, node)) node.start();
  }
}

/** Of twins that keep to the protocol again, one goes on. */
function isSecondCopy(world: World, node: SimulatedNode): boolean {
  return world.nodesOf(node.nodeId)[0] !== node && !world.options.isHostileForEver;
}

import type { NodeId } from '@menglian/types/address';
import type { WholeWorld } from './wholeWorld.js';

/** Fewer sealers make no group that survives anything. */
const FEWEST_SEALERS = 3;

/**
 * Somebody who changes members and settings all the time, one change after the other: the next is thought of when the fate
 * of the one before is known, so that hostile nodes never become too many for the sealers that are left.
 */
export function beginChanges(world: WholeWorld): void {
  if (world.options.changeEveryMs === 0) return;
  let last: string | undefined;
  const again = (): void => {
    world.time.after(1 + world.random.below(2 * world.options.changeEveryMs), () => {
      if (!world.isChaos) return;
      if (last === undefined || world.clients.isSettled(last)) last = change(world);
      again();
    });
  };
  again();
}

function change(world: WholeWorld): string | undefined {
  const { random, bank, clients, options } = world;
  const [node] = world.members().toSorted((a, b) => b.height - a.height);
  if (node === undefined) return undefined;
  const { sealers, observers } = node.group!.ledger.membership();
  const blockLimit = clients.blockLimit();
  if (random.chance(30)) {
    const [key, value] = random.pick([
      ['tx_count_limit', String(1 + random.below(50))],
      ['tx_count_limit', '1000'],
      ['consensus_timeout', String(3 + random.below(3))],
    ] as const);
    world.mark('change:setting');
    world.tell('', `asks for ${key}=${value}`);
    return clients.send(bank.setting(key, value, blockLimit));
  }
  const action = random.pick(['addSealer', 'addSealer', 'addObserver', 'remove'] as const);
  const target: NodeId = random.pick(world.nodes).nodeId;
  const leaves = action !== 'addSealer' && sealers.includes(target) ? 1 : 0;
  const fewest = Math.max(FEWEST_SEALERS, 3 * options.faultyMax + 1);
  const mayLeave = sealers.length > fewest && (options.engine !== 'rpbft' || options.faultyMax === 0);
  if (leaves === 1 && !mayLeave) return undefined;
  if (action === 'addObserver' && !sealers.includes(target) && observers.includes(target)) return undefined;
  world.mark(`change:${action}`);
  world.tell('', `asks for ${action} ${target.slice(0, 6)}`);
  return clients.send(bank.membership(action, target, blockLimit));
}

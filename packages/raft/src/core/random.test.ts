import { SeededRandom } from '@menglian/base/seededRandom';
import { utf8Bytes } from '@menglian/base/bytes';
import { describe, expect, it } from 'vitest';
import { Cluster } from '../testing/cluster.js';
import { accept } from './follower.js';
import { propose } from './leader.js';
import { proposeMembership } from './membership.js';
import { transferLeadership } from './transfer.js';

const IDS = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'];
const SEEDS = process.env['MENGLIAN_LONG'] === '1' ? 3000 : 25;
const STEPS = 1200;

/** Everything that can go wrong, at random; coreChecker.ts holds after each step. Then all heals and the log must grow. */
function play(seed: number): Cluster {
  const random = new SeededRandom(seed);
  const voters = IDS.slice(0, 1 + random.below(5));
  const cluster = new Cluster(voters, IDS.slice(voters.length, voters.length + random.below(2)));
  for (const id of IDS) if (!cluster.nodes.has(id)) cluster.add(id);
  const lossPercent = random.below(30);
  let texts = 0;
  for (let i = 0; i < STEPS; i++) {
    const id = random.pick(IDS);
    const node = cluster.node(id);
    const kind = random.below(100);
    if (kind < 50 && cluster.pool.length > 0) {
      const envelope = cluster.pool[random.below(Math.min(cluster.pool.length, 20))]!;
      if (!random.chance(10)) cluster.pool = cluster.pool.filter((other) => other !== envelope);
      if (!random.chance(lossPercent)) cluster.receive(envelope.from, envelope.to, envelope.message);
    } else if (kind < 70)
      cluster.tick(cluster.nowMs + random.below(random.chance(10) ? 900 : 120), random.chance(30) ? id : undefined);
    else if (kind < 80) cluster.act(id, (core) => propose(core, utf8Bytes(`t${++texts}`)));
    else if (kind < 83) cluster.crash(id);
    else if (kind < 88) {
      if (node.core === undefined) cluster.start(id);
    } else if (kind < 90) node.isHolding = !node.isHolding;
    else if (kind < 92)
      cluster.act(id, ({ log }) =>
        log.compactTo(Math.max(log.compaction.index, log.committed - 2), node.applied.length),
      );
    else if (kind < 94) cluster.sync(id);
    else if (kind < 96) cluster.act(id, (core) => transferLeadership(core, undefined));
    else if (kind < 98) {
      const changes = IDS.filter(() => random.chance(30)).map((nodeId) => ({
        kind: random.pick(['addVoter', 'addVoter', 'addLearner', 'remove'] as const),
        nodeId,
      }));
      cluster.act(id, (core) => proposeMembership(core, changes, 0));
    } else if (random.chance(50)) cluster.cut(id, random.pick(IDS));
    else cluster.mend();
    if (cluster.pool.length > 300) cluster.pool.splice(0, 100);
  }
  return cluster;
}

function heal(cluster: Cluster): void {
  cluster.mend();
  for (const node of cluster.nodes.values()) {
    if (node.core === undefined) cluster.start(node.id);
    node.isHolding = false;
    cluster.act(node.id, (core) => accept(core, core.log.lastIndex));
  }
  for (let i = 0; i < 1000; i++) {
    const due = cluster.pool.splice(0);
    cluster.tick(cluster.nowMs + 10);
    for (const { from, to, message } of due) cluster.receive(from, to, message);
    if (i % 50 === 0) for (const { id } of cluster.nodes.values()) cluster.sync(id);
  }
}

describe('cores under random faults', () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    it(`keep their promises and go on, seed ${seed}`, () => {
      const cluster = play(seed);
      heal(cluster);
      const leaders = [...cluster.nodes.values()].filter(({ core }) => core?.role === 'leader');
      expect(leaders.length).toBe(1);
      const leader = leaders[0]!;
      cluster.act(leader.id, (core) => expect(propose(core, utf8Bytes('last')).ok).toBe(true));
      heal(cluster);
      expect(leader.applied.at(-1)).toBe('last');
      const members = [...leader.core!.progress.keys()];
      for (const id of members) expect(cluster.node(id).applied).toEqual(leader.applied);
    });
  }
});

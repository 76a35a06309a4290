import { toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { describe, expect, it } from 'vitest';
import { ChainGroup, nodeIdOf } from './testing/chainGroup.js';

const SEEDS = process.env['MENGLIAN_LONG'] === '1' ? 500 : 8;
const FIRST_SEED = Number(process.env['MENGLIAN_SEED'] ?? 1);
const NODES = 5;

/** Links break, nodes lose power, bodies cannot be had, members come and go; then all heals, and all agree. */
function play(seed: number): { readonly group: ChainGroup; readonly sent: string[] } {
  const random = new SeededRandom(seed);
  const sealers = 1 + random.below(4);
  const group = new ChainGroup(sealers, 1 + random.below(NODES - sealers));
  const ids = [...group.nodes.keys()];
  const sent: string[] = [];
  for (let step = 0; step < 60; step++) {
    const id = random.pick(ids);
    const node = group.node(id);
    const kind = random.below(100);
    if (kind < 30) for (let i = random.below(6); i >= 0; i--) sent.push(group.submit());
    else if (kind < 40) group.stop(id);
    else if (kind < 55) {
      if (node.engine === undefined) group.start(id);
    } else if (kind < 62) group.isolate(id);
    else if (kind < 67) group.cut(id, random.pick(ids));
    else if (kind < 75) group.mend();
    else if (kind < 80) group.input(id, { kind: 'retire' });
    else if (kind < 84) group.input(id, { kind: 'peerDown', nodeId: random.pick(ids) });
    else if (kind < 92) {
      const sealersNow = ids.filter(() => random.chance(60));
      if (sealersNow.length === 0) sealersNow.push(id);
      sent.push(group.submit({ sealers: sealersNow, observers: ids.filter((one) => !sealersNow.includes(one)) }));
    } else if (sent.length > 0 && random.chance(50)) {
      node.missing.add(random.pick(sent));
    }
    group.run(10 * random.below(60));
    if (random.chance(20)) for (const { missing } of group.nodes.values()) missing.clear();
  }
  group.mend();
  for (const node of group.nodes.values()) {
    node.missing.clear();
    if (node.engine === undefined) group.start(node.id);
    else group.retryVerifications(node.id);
  }
  group.run(20_000);
  return { group, sent };
}

describe('a chain under random faults', () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    it(`stays one, and grows when all is well again, seed ${seed}`, () => {
      const { group, sent } = play(seed);
      const last = group.submit();
      group.run(10_000);
      const heads = [...group.nodes.values()].map(({ head }) => `${head.height} ${toHex(head.hash).slice(0, 8)}`);
      expect(new Set(heads).size, heads.join()).toBe(1);
      const ordered = group.node(nodeIdOf(0)).blocks.flatMap(({ proposal }) => proposal.transactionHashes.map(toHex));
      expect(new Set(ordered).size).toBe(ordered.length);
      expect(ordered.toSorted()).toEqual([...sent, last].toSorted());
    });
  }
});

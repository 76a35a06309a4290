import { setTimeout as sleep } from 'node:timers/promises';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { afterEach, describe, expect, it } from 'vitest';
import { MemoryGroup, type MemoryNode } from '../testing/memoryGroup.js';

const suite = await loadSuite('ecdsa');
const groups: MemoryGroup[] = [];

async function startAll(consensusType: 'pbft' | 'raft'): Promise<MemoryGroup> {
  const group = new MemoryGroup(suite, { count: 3, genesis: { consensusType } });
  groups.push(group);
  for (let index = 0; index < 3; index++) await group.start(index);
  return group;
}

/** The node that all of them take for their leader, once they agree. */
async function leaderOf(group: MemoryGroup, unlike?: MemoryNode): Promise<MemoryNode> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(5)) {
    const leaders = new Set([...group.nodes.values()].map(({ host }) => host.consensusStatus().leader));
    const [leader] = leaders;
    const node = leader === undefined ? undefined : group.nodes.get(leader);
    if (leaders.size === 1 && node !== undefined && node !== unlike) return node;
  }
  throw new Error('not in time');
}

afterEach(async () => {
  for (const group of groups.splice(0)) {
    await group.stop();
    expect(group.failures).toEqual([]);
  }
});

describe('a node that stops', () => {
  it('hands over the lead in Raft, so that nobody waits for an election', async () => {
    const group = await startAll('raft');
    const leader = await leaderOf(group);
    const before = leader.host.consensusStatus();
    await leader.host.stop();
    const others = [...group.nodes.values()].filter((node) => node !== leader);
    const leads = ({ host }: MemoryNode) => host.consensusStatus().leader === host.consensusStatus().nodeId;
    // Less than the second after which one of them would stand by itself.
    const deadline = Date.now() + 700;
    while (!others.some(leads) && Date.now() < deadline) await sleep(5);
    const successor = others.find(leads);
    expect(successor?.host.consensusStatus().view).toBe(before.view + 1);
  });

  it('stops at once where it leads for a height only', async () => {
    const group = await startAll('pbft');
    const [node] = group.nodes.values();
    const startedAtMs = performance.now();
    await node!.host.stop();
    expect(performance.now() - startedAtMs).toBeLessThan(190);
  });
});

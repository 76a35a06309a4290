import { expect, it } from 'vitest';
import { calm, hardElections, manyMembersChange } from './swarm.js';
import { describeReplay, describeSeeds, isLong, Marks } from './testing/seedRuns.js';
import { World } from './world.js';

const marks = new Marks();
const hardSeeds = isLong ? 2000 : 60;

describeSeeds('raft', isLong ? 10_000 : 1600, marks);
describeReplay('raft');

it(`${2 * hardSeeds} seeds of hard elections and of changing members`, { timeout: 1_200_000 }, () => {
  for (let seed = 1; seed <= hardSeeds; seed++) {
    expect(marks.run(hardElections(seed)).height).toBeGreaterThan(2);
    expect(marks.run(manyMembersChange(seed)).height).toBeGreaterThan(2);
  }
});

it('a replica that missed more than the log keeps goes on from where the log begins', () => {
  const quick = { executeMs: 0, storeMs: 0, persistMs: 0, maxTransactions: 1, consensusTimeoutMs: 300 };
  const world = new World({ ...calm(4), engine: 'raft', replicas: 3, ...quick });
  world.startAll();
  world.scheduler.runUntil(1000);
  world.nodes[2]!.crash();
  for (let i = 0; i < 350; i++) world.submit();
  world.resubmit();
  while (world.nodes[0]!.height < 340 && world.scheduler.nowMs < 120_000) {
    world.resubmit();
    world.scheduler.runUntil(world.scheduler.nowMs + 500);
  }
  world.nodes[2]!.start();
  world.scheduler.runUntil(world.scheduler.nowMs + 5000);
  expect(world.checker.marks.get('sent:snapshot')).toBeGreaterThan(0);
  // Its vote is needed from here on.
  world.nodes[1]!.crash();
  const before = world.nodes[0]!.height;
  world.submit();
  world.resubmit();
  world.scheduler.runUntil(world.scheduler.nowMs + 5000);
  expect(world.nodes[2]!.height).toBeGreaterThan(before);
  expect(world.nodes[0]!.height).toBe(world.nodes[2]!.height);
});

it('every mark was reached', () => {
  const expected = ['epochEnded', 'leader', 'sent:preVote', 'sent:timeoutNow', 'sent:vote', 'synced', 'viewEntered'];
  expect(marks.missing(expected)).toEqual([]);
});

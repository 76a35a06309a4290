import { expect, it } from 'vitest';
import { hardElections } from './swarm.js';
import { describeReplay, describeSeeds, isLong, Marks } from './testing/seedRuns.js';

const marks = new Marks();
const hardSeeds = isLong ? 2000 : 100;

describeSeeds('raft', isLong ? 10_000 : 1600, marks);
describeReplay('raft');

it(`${hardSeeds} seeds of hard elections`, { timeout: 1_200_000 }, () => {
  for (let seed = 1; seed <= hardSeeds; seed++) expect(marks.run(hardElections(seed)).height).toBeGreaterThan(2);
});

it('every mark was reached', () => {
  const expected = ['epochEnded', 'leader', 'sent:preVote', 'sent:snapshot', 'sent:vote', 'synced', 'viewEntered'];
  expect(marks.missing(expected)).toEqual([]);
});

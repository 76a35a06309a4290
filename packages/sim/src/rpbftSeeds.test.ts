import { expect, it } from 'vitest';
import { optionsOf } from './swarm.js';
import { describeReplay, describeSeeds, isLong, Marks } from './testing/seedRuns.js';

/** PBFT with a working subset that changes with the chain: every rotation ends an epoch. */
const marks = new Marks();

describeSeeds('rpbft', isLong ? 5000 : 600, marks);
describeReplay('rpbft');

/** Views were once carried over from one working subset to the next, and locks got lost (docs/adr/0010). */
it.each([10_078, 10_201, 10_826])('seed %i: views end with their epoch', (seed) => {
  expect(marks.run(optionsOf('rpbft', seed)).height).toBeGreaterThan(2);
});

it('every mark was reached', () => {
  expect(marks.missing(['epochEnded', 'newViewWithSeveralProposals', 'synced', 'viewEntered'])).toEqual([]);
});

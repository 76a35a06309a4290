import { expect, it } from 'vitest';
import { describeReplay, describeSeeds, isLong, Marks } from './testing/seedRuns.js';

/** PBFT with a working subset that changes with the chain: every rotation ends an epoch. */
const marks = new Marks();

describeSeeds('rpbft', isLong ? 5000 : 600, marks);
describeReplay('rpbft');

it('every mark was reached', () => {
  expect(marks.missing(['epochEnded', 'newViewWithSeveralProposals', 'synced', 'viewEntered'])).toEqual([]);
});

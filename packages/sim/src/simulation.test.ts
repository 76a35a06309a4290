import { describe, expect, it } from 'vitest';
import { HOSTILE_BEHAVIOURS } from './options.js';
import { calm, hardViewChanges, membersChange, restarts } from './swarm.js';
import { describeReplay, describeSeeds, isLong, Marks } from './testing/seedRuns.js';

/** PBFT. With MENGLIAN_LONG=1 thousands of seeds are run. */
const MARKS = [
  'claimSent',
  'clock:ahead',
  'clock:back',
  'clock:freeze',
  'commitsAhead',
  'conflictingClaims',
  'epochEnded',
  'evidence:badProposal',
  'evidence:equivocation',
  'lockOverruled',
  'newViewWithProposal',
  'newViewWithSeveralProposals',
  'partition:bridge',
  'partition:nested',
  'partition:ring',
  'refusedBlock:certificate',
  'sent:newViewRequest',
  'severalClaimsSent',
  'slowed',
  'stalled',
  'stranded:block',
  'stranded:lock',
  'synced',
  'viewEntered',
];

const marks = new Marks();
const LONG_TIMEOUT_MS = 1_200_000;
const hardSeeds = isLong ? 2000 : 30;

describeSeeds('pbft', isLong ? 10_000 : 700, marks);

describe('with the worst moments for view changes', () => {
  for (const [name, options] of [
    ['hard view changes', hardViewChanges],
    ['restarts', restarts],
    ['changing members', membersChange],
  ] as const) {
    it(`${hardSeeds} seeds of ${name}`, { timeout: LONG_TIMEOUT_MS }, () => {
      for (let seed = 1; seed <= hardSeeds; seed++) expect(marks.run(options(seed)).height).toBeGreaterThan(2);
    });
  }
});

describe('hostile replicas', () => {
  for (const [i, behaviour] of HOSTILE_BEHAVIOURS.entries()) {
    const second = HOSTILE_BEHAVIOURS[(5 * i + 3) % HOSTILE_BEHAVIOURS.length]!;
    const third = HOSTILE_BEHAVIOURS[(7 * i + 1) % HOSTILE_BEHAVIOURS.length]!;

    it(`${behaviour}, of four`, () => {
      marks.run({ ...calm(1), hostile: [behaviour] });
      marks.run({ ...hardViewChanges(2), hostile: [behaviour], chaosMs: 5000 });
    });

    it(`${behaviour} and ${second}, of seven`, () => {
      marks.run({ ...hardViewChanges(i), replicas: 7, hostile: [behaviour, second], chaosMs: 2000 });
    });

    it(`${behaviour}, ${second} and ${third}, of ten`, () => {
      marks.run({ ...calm(i), replicas: 10, hostile: [behaviour, second, third], chaosMs: 1000 });
    });
  }
});

describeReplay('pbft');

it('every mark was reached', () => {
  expect(marks.missing(MARKS)).toEqual([]);
});

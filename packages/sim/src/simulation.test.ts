import { describe, expect, it } from 'vitest';
import { HOSTILE_BEHAVIOURS, type SimulationOptions } from './options.js';
import { type Outcome, runSimulation } from './simulation.js';
import { calm, hardViewChanges, optionsOf } from './swarm.js';

/**
 * Every failure names its seed; `MENGLIAN_SEED=<seed>` runs that one alone, and it happens again exactly. With
 * MENGLIAN_LONG=1 thousands of seeds are run.
 */
const isLong = process.env['MENGLIAN_LONG'] === '1';
const oneSeed = process.env['MENGLIAN_SEED'];
const LONG_TIMEOUT_MS = 1_200_000;
const SEEDS_IN_ONE_TEST = 40;
const swarmSeeds = isLong ? 10_000 : 160;
const hardSeeds = isLong ? 2000 : 40;

/** Branches that a run of some hundred seeds must have reached: a simulator that never gets there proves nothing. */
const MARKS = [
  'claimSent',
  'conflictingClaims',
  'evidence:badProposal',
  'evidence:equivocation',
  'newViewWithProposal',
  'sent:newViewRequest',
  'stranded:block',
  'stranded:lock',
  'viewEntered',
];

const reached = new Set<string>();

function run(options: SimulationOptions): Outcome {
  const outcome = runSimulation(options);
  for (const mark of outcome.marks.keys()) reached.add(mark);
  return outcome;
}

if (oneSeed !== undefined) {
  it(`seed ${oneSeed}`, () => {
    expect(run(optionsOf('pbft', Number(oneSeed))).height).toBeGreaterThan(0);
  });
} else {
  describe('every invariant holds, and work goes on after healing', () => {
    for (let first = 1; first <= swarmSeeds; first += SEEDS_IN_ONE_TEST) {
      const last = first + SEEDS_IN_ONE_TEST - 1;
      it(`seeds ${first} to ${last}`, () => {
        for (let seed = first; seed <= last; seed++) expect(run(optionsOf('pbft', seed)).height).toBeGreaterThan(2);
      });
    }

    it(`${hardSeeds} seeds of hard view changes`, { timeout: LONG_TIMEOUT_MS }, () => {
      for (let seed = 1; seed <= hardSeeds; seed++) run(hardViewChanges(seed));
    });

    it('every mark was reached', () => {
      expect(MARKS.filter((mark) => !reached.has(mark))).toEqual([]);
    });
  });

  describe('one hostile replica of four', () => {
    for (const behaviour of HOSTILE_BEHAVIOURS) {
      it(behaviour, () => {
        run({ ...calm(1), hostile: [behaviour] });
        run({ ...hardViewChanges(2), hostile: [behaviour] });
      });
    }
  });

  describe('two hostile replicas of seven', () => {
    for (const [i, behaviour] of HOSTILE_BEHAVIOURS.entries()) {
      const other = HOSTILE_BEHAVIOURS[(5 * i + 3) % HOSTILE_BEHAVIOURS.length]!;
      it(`${behaviour} and ${other}`, () => {
        run({ ...hardViewChanges(i), replicas: 7, hostile: [behaviour, other], chaosMs: 4000 });
      });
    }
  });

  it('a seed happens again exactly', () => {
    for (let seed = 1; seed <= 6; seed++) {
      const once = runSimulation(optionsOf('pbft', seed), (world) => (world.fingerprints = true));
      const again = runSimulation(optionsOf('pbft', seed), (world) => (world.fingerprints = true));
      expect(again).toEqual(once);
    }
  });
}

/** Runs of many seeds as tests. Every failure names its seed, and `npm run sim` replays it. */
import { describe, expect, it } from 'vitest';
import type { EngineKind, SimulationOptions } from '../options.js';
import { type Outcome, runSimulation } from '../simulation.js';
import { optionsOf } from '../swarm.js';

const SEEDS_IN_ONE_TEST = 50;
const TEST_TIMEOUT_MS = 1_200_000;

/** True when thousands of seeds are asked for. */
export const isLong = process.env['MENGLIAN_LONG'] === '1';

/** Collects which rare branches were reached: a simulator that never gets there proves nothing about them. */
export class Marks {
  readonly #reached = new Set<string>();

  run(options: SimulationOptions, prepare?: Parameters<typeof runSimulation>[1]): Outcome {
    const outcome = runSimulation(options, prepare);
    for (const mark of outcome.marks.keys()) this.#reached.add(mark);
    return outcome;
  }

  missing(marks: readonly string[]): string[] {
    return marks.filter((mark) => !this.#reached.has(mark));
  }
}

export function describeSeeds(engine: EngineKind, count: number, marks: Marks): void {
  describe('every invariant holds, and work goes on after healing', () => {
    for (let first = 1; first <= count; first += SEEDS_IN_ONE_TEST) {
      const last = Math.min(count, first + SEEDS_IN_ONE_TEST - 1);
      it(`seeds ${first} to ${last}`, { timeout: TEST_TIMEOUT_MS }, () => {
        for (let seed = first; seed <= last; seed++) {
          expect(marks.run(optionsOf(engine, seed)).height).toBeGreaterThan(2);
        }
      });
    }
  });
}

export function describeReplay(engine: EngineKind): void {
  it('a seed happens again exactly', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const once = runSimulation(optionsOf(engine, seed), (world) => (world.fingerprints = true));
      const again = runSimulation(optionsOf(engine, seed), (world) => (world.fingerprints = true));
      expect(again).toEqual(once);
    }
  });
}

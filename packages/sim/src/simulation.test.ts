import { describe, expect, it } from 'vitest';
import { runSimulation } from './simulation.js';
import { optionsOf } from './swarm.js';

describe('simulation', () => {
  it('first seeds', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const started = performance.now();
      const outcome = runSimulation(optionsOf(seed));
      console.log(
        seed,
        JSON.stringify(optionsOf(seed)),
        outcome.height,
        outcome.view,
        outcome.simulatedMs,
        outcome.events,
        Math.round(performance.now() - started),
      );
    }
    expect(1).toBe(1);
  });
});

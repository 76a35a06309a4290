import { SeededRandom } from '@menglian/base/seededRandom';
import { describe, expect, it } from 'vitest';
import { randomContract } from '../test/randomContract.js';
import { compiled, forVersion, inputOf, Observed, SUITES, VERSIONS } from '../test/support.js';

const CONTRACTS = 2;
const NEWEST = VERSIONS.at(-1)!;

describe('random contracts', () => {
  it.each(VERSIONS)('do the same on both suites: solc %s', async (version) => {
    for (let seed = 0; seed < CONTRACTS; seed++) {
      const random = new SeededRandom(seed);
      const { source, steps, texts } = randomContract(random, version === NEWEST);
      const settings = { optimizer: { enabled: random.chance(50), runs: random.pick([1, 200, 100_000]) } };
      const seen: unknown[] = [];
      for (const suite of SUITES) {
        const { Callee, Caller } = compiled(version, suite, inputOf(forVersion(source, version), settings));
        const observed = await Observed.on(suite, texts);
        const answers: unknown[] = [];
        for (const contract of [Callee!, Caller!]) {
          observed.deploy(contract.evm.bytecode.object);
          answers.push(...steps.map((step) => observed.run(step)));
        }
        seen.push(answers);
      }
      expect(seen[1], `seed ${seed}`).toEqual(seen[0]);
      expect((seen[0] as { status: number }[]).filter(({ status }) => status === 0).length).toBeGreaterThan(2);
    }
  });
});

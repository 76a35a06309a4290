import { describe, expect, it } from 'vitest';
import { measureCase } from './measureCase.js';
import type { Subject } from './microCase.js';
import { MICRO_CASES } from './microCases.js';
import { packageVersion } from './packageVersion.js';

function burning(name: string, milliseconds: number, log: string[]): Subject {
  return {
    name,
    version: '',
    prepare: () => void log.push(`prepare ${name}`),
    run() {
      log.push(name);
      const { user, system } = process.cpuUsage();
      const endMicros = user + system + milliseconds * 1000;
      for (let now = 0; now < endMicros;) {
        const used = process.cpuUsage();
        now = used.user + used.system;
      }
      return 10;
    },
  };
}

describe('a microbenchmark', () => {
  it('takes turns and compares by CPU time', async () => {
    const log: string[] = [];
    const prepared = { ours: burning('ours', 2, log), others: [burning('other', 10, log)] };
    const [ours, other] = await measureCase(prepared, { rounds: 3, turnMs: 1 });
    expect(log.filter((entry) => !entry.startsWith('prepare'))).toEqual([0, 1, 2, 3].flatMap(() => ['ours', 'other']));
    expect(log.filter((entry) => entry.startsWith('prepare')).length).toBe(8);
    expect(ours!.ratio).toEqual({ min: 1, median: 1, max: 1 });
    expect(ours!.microsPerOperation.median).toBeGreaterThan(150);
    expect(other!.ratio.median).toBeGreaterThan(1.5);
  });

  it('names the versions of libraries', () => {
    expect(packageVersion('@noble/hashes')).toMatch(/^\d+\.\d+\.\d+$/);
    expect(packageVersion('no-such-package-anywhere')).toBe('');
  });

  it.each(MICRO_CASES)('of $name runs, with names of its own', async ({ prepare }) => {
    const prepared = await prepare();
    try {
      const subjects = [prepared.ours, ...prepared.others];
      expect(new Set(subjects.map(({ name }) => name)).size).toBe(subjects.length);
      expect(prepared.ours.name).toBe('menglian');
      await prepared.ours.prepare?.();
      expect(await prepared.ours.run()).toBeGreaterThan(0);
    } finally {
      await prepared.close?.();
    }
  });
});

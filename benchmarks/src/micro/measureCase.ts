import { spread, type Spread } from '../measure/percentiles.js';
import type { PreparedCase, Subject } from './microCase.js';

export interface MicroOptions {
  /** by turns: ours, then each library, so often */
  readonly rounds: number;
  /** CPU time of each turn at least */
  readonly turnMs: number;
}

export interface SubjectFigures {
  readonly name: string;
  readonly version: string;
  /** CPU time of all threads of the process */
  readonly microsPerOperation: Spread;
  /** how many times ours is faster, by round: above 1 ours is; 1 for ours itself */
  readonly ratio: Spread;
}

/** @returns figures of ours first */
export async function measureCase({ ours, others }: PreparedCase, options: MicroOptions): Promise<SubjectFigures[]> {
  const subjects = [ours, ...others];
  // The first turn runs in code that is not compiled yet.
  for (const subject of subjects) await turn(subject, options.turnMs);
  const times = subjects.map((): number[] => []);
  for (let round = 0; round < options.rounds; round++)
    for (const [index, subject] of subjects.entries()) times[index]!.push(await turn(subject, options.turnMs));
  return subjects.map(({ name, version }, index) => ({
    name,
    version,
    microsPerOperation: rounded(spread(times[index]!), 3),
    ratio: rounded(spread(times[index]!.map((micros, round) => micros / times[0]![round]!)), 3),
  }));
}

/** @returns CPU microseconds an operation, garbage collection included */
async function turn(subject: Subject, turnMs: number): Promise<number> {
  let usedMicros = 0;
  let operations = 0;
  while (usedMicros < turnMs * 1000) {
    await subject.prepare?.();
    const before = process.cpuUsage();
    const done = await subject.run();
    const { user, system } = process.cpuUsage(before);
    usedMicros += user + system;
    operations += done;
  }
  return usedMicros / operations;
}

function rounded({ min, median, max }: Spread, digits: number): Spread {
  const scale = 10 ** digits;
  const round = (value: number) => Math.round(value * scale) / scale;
  return { min: round(min), median: round(median), max: round(max) };
}

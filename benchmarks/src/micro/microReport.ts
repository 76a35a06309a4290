import type { Language } from '@menglian/cli/language';
import type { Environment } from '../measure/environment.js';
import type { MicroOptions, SubjectFigures } from './measureCase.js';

export interface MicroFigures {
  readonly name: string;
  /** ours first */
  readonly subjects: readonly SubjectFigures[];
}

/** The figures of one command, as written to the file of `--json` (`benchmarks/schema/micro.schema.json`). */
export interface MicroReport {
  readonly benchmark: 'micro';
  readonly version: 1;
  readonly environment: Environment;
  readonly options: MicroOptions;
  readonly cases: readonly MicroFigures[];
}

/** Ratios by case and library, for example `hash / @noble/hashes`: the median of the rounds. */
export function ratiosOf(report: MicroReport): ReadonlyMap<string, number> {
  const ratios = new Map<string, number>();
  for (const { name, subjects } of report.cases)
    for (const subject of subjects.slice(1)) ratios.set(`${name} / ${subject.name}`, subject.ratio.median);
  return ratios;
}

interface MicroTexts {
  readonly each: string;
  readonly ratio: (times: string) => string;
}

const EN: MicroTexts = { each: 'CPU µs', ratio: (times) => `ours is ${times} times as fast` };
const ZH: MicroTexts = { each: '微秒 CPU', ratio: (times) => `本项目快 ${times} 倍` };

/** The report as a table for people. */
export function describeMicro(report: MicroReport, language: Language): string {
  const texts = language === 'zh' ? ZH : EN;
  const lines: string[] = [];
  for (const { name, subjects } of report.cases) {
    lines.push(name);
    for (const [index, { name: who, version, microsPerOperation, ratio }] of subjects.entries()) {
      const { min, median, max } = microsPerOperation;
      const figures = [min, median, max].map((micros) => micros.toPrecision(3)).join(' / ');
      const comparison = index === 0 ? '' : texts.ratio(ratio.median.toPrecision(3));
      lines.push(`  ${`${who} ${version}`.trimEnd().padEnd(38)} ${figures} ${texts.each}  ${comparison}`.trimEnd());
    }
  }
  return lines.join('\n');
}

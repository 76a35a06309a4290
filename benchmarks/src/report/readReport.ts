import { readFileSync } from 'node:fs';
import { failure, success, type Result } from '@menglian/base/result';
import type { Localized } from '@menglian/cli/language';
import { Ajv, type ValidateFunction } from 'ajv';
import { shownText } from '../commands/optionValues.js';
import type { GrowthReport } from '../growth/growthReport.js';
import type { MicroReport } from '../micro/microReport.js';
import type { LoadReport } from '../run/loadReport.js';

export type AnyReport = LoadReport | MicroReport | GrowthReport;

/** The largest file that is read: a growth of a hundred million transactions stays far below it. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;

const ajv = new Ajv({ allowUnionTypes: true });

/** @param name of a file in `benchmarks/schema`, without its ending */
export function schemaValidator(name: 'load' | 'micro' | 'growth' | 'gate'): ValidateFunction {
  const url = new URL(`../../schema/${name}.schema.json`, import.meta.url);
  return ajv.compile(JSON.parse(readFileSync(url, 'utf8')) as object);
}

/** What is wrong with a value that its schema refuses, for a person. */
export function firstProblem({ errors }: ValidateFunction): string {
  const [error] = errors ?? [];
  return error === undefined ? '' : `${error.instancePath} ${error.message ?? ''}`.trim();
}

/** Reads a JSON file that may be anybody's. */
export function readJsonFile(path: string): Result<unknown, Localized> {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > FILE_BYTES_MAX) throw new Error(`more than ${FILE_BYTES_MAX} bytes`);
    return success(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return failure({
      en: `${shownText(path)} cannot be read as JSON: ${reason}`,
      zh: `无法将 ${shownText(path)} 读作 JSON：${reason}`,
    });
  }
}

/** Reads what a benchmark wrote with `--json`. */
export function readReport(path: string): Result<AnyReport, Localized> {
  const json = readJsonFile(path);
  if (!json.ok) return json;
  const checked = checkReport(json.value);
  if (checked.ok) return checked;
  return failure({
    en: `${shownText(path)} is no report of a benchmark: ${checked.reason}`,
    zh: `${shownText(path)} 不是性能测试结果：${checked.reason}`,
  });
}

/** @returns what is wrong, in a few words, if it is no report */
export function checkReport(value: unknown): Result<AnyReport> {
  const kind = (value as { benchmark?: unknown } | null | undefined)?.benchmark;
  if (kind !== 'load' && kind !== 'micro' && kind !== 'growth')
    return failure('"benchmark" is none of "load", "micro", "growth"');
  const validate = schemaValidator(kind);
  return validate(value) ? success(value as AnyReport) : failure(firstProblem(validate));
}

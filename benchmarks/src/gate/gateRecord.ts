import { fileURLToPath } from 'node:url';
import { failure, success, type Result } from '@menglian/base/result';
import type { Localized } from '@menglian/cli/language';
import type { Environment } from '../measure/environment.js';
import { firstProblem, readJsonFile, schemaValidator } from '../report/readReport.js';

/** The ratios that were recorded last (`benchmarks/gate.json`, `benchmarks/schema/gate.schema.json`). */
export interface GateRecord {
  readonly version: 1;
  /** how far a ratio may fall below the recorded one */
  readonly tolerancePercent: number;
  /** where they were recorded: ratios differ between processors, too */
  readonly environment: Environment;
  readonly ratios: Readonly<Record<string, number>>;
}

export const GATE_PATH = fileURLToPath(new URL('../../gate.json', import.meta.url));

export function readGateRecord(path: string): Result<GateRecord, Localized> {
  const json = readJsonFile(path);
  if (!json.ok) return json;
  const validate = schemaValidator('gate');
  if (validate(json.value)) return success(json.value as GateRecord);
  return failure({
    en: `${path} is no record of ratios: ${firstProblem(validate)}; npm run bench -- gate --record makes one`,
    zh: `${path} 不是比率记录：${firstProblem(validate)}；可用 npm run bench -- gate --record 生成`,
  });
}

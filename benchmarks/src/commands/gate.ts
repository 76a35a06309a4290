import type { Language, Localized } from '@menglian/cli/language';
import { Command } from 'commander';
import { bestOf, decideGate, type GateDecision, type GateRow } from '../gate/decideGate.js';
import { GATE_PATH, readGateRecord, type GateRecord } from '../gate/gateRecord.js';
import type { MicroOptions } from '../micro/measureCase.js';
import { MICRO_CASES } from '../micro/microCases.js';
import { ratiosOf } from '../micro/microReport.js';
import { measureCases } from './micro.js';
import { readNumber, readNumbers, RANGES } from './optionValues.js';
import { outputProblem, writeFigures } from './outputFile.js';
import { refuse } from './refusal.js';

const TEXTS = {
  description: {
    en: 'fail if a stage fell behind its library since the ratios were recorded; never on absolute times',
    zh: '若某环节相对对照库的比率较记录下降则失败；从不依据绝对时间',
  },
  tolerance: { en: 'percent that a ratio may fall (as recorded)', zh: '比率允许下降的百分比（缺省取记录值）' },
  record: { en: 'record the ratios measured now instead', zh: '改为记录本次测得的比率' },
  file: { en: 'where they are recorded', zh: '记录文件' },
  rounds: { en: 'turns of each', zh: '各自轮数' },
  turnMs: { en: 'CPU milliseconds of a turn', zh: '每轮 CPU 毫秒数' },
  again: { en: 'measuring again what fell', zh: '重新测量下降的项目' },
  passed: { en: 'no ratio fell by more than the tolerance', zh: '没有比率下降超过容差' },
  failed: { en: 'some ratios fell by more than the tolerance', zh: '有比率下降超过容差' },
  recorded: { en: 'ratios recorded in', zh: '比率已记录于' },
  examples: {
    en: '\nExamples:\n  npm run bench -- gate\n  npm run bench -- gate --record    after a change that was meant, on an idle machine',
    zh: '\n示例：\n  npm run bench -- gate\n  npm run bench -- gate --record    有意变更之后，在空闲机器上执行',
  },
} as const satisfies Readonly<Record<string, Localized>>;

const VERDICTS: Readonly<Record<GateRow['verdict'], Localized>> = {
  kept: { en: 'kept', zh: '保持' },
  fell: { en: 'FELL', zh: '下降' },
  new: { en: 'not recorded yet', zh: '尚无记录' },
  missing: { en: 'NOT MEASURED', zh: '未测得' },
};

const DEFAULT_TOLERANCE_PERCENT = 40;

/** What fell is measured so many times more before it counts. */
const REPEATS = 2;

/** `npm run bench -- gate`. */
export function gateCommand(language: Language): Command {
  const command = new Command('gate')
    .description(TEXTS.description[language])
    .option('--tolerance <percent>', TEXTS.tolerance[language])
    .option('--record', TEXTS.record[language])
    .option('--file <path>', TEXTS.file[language], GATE_PATH)
    .option('--rounds <n>', TEXTS.rounds[language], '5')
    .option('--turn-ms <n>', TEXTS.turnMs[language], '200')
    .addHelpText('after', TEXTS.examples[language]);
  return command.action(async () => {
    const texts = command.opts<{ tolerance?: string; record?: true; file: string }>();
    const options = readNumbers(command.opts(), ['rounds', 'turnMs']);
    if (!options.ok) return refuse(options.reason, language);
    const tolerance =
      texts.tolerance === undefined ? undefined : readNumber('tolerance', texts.tolerance, RANGES.tolerance);
    if (tolerance?.ok === false) return refuse(tolerance.reason, language);
    if (texts.record === true) {
      const problem = outputProblem(texts.file);
      if (problem !== undefined) return refuse(problem, language);
      return record(texts.file, options.value, tolerance?.value, language);
    }
    const recorded = readGateRecord(texts.file);
    if (!recorded.ok) return refuse(recorded.reason, language);
    await compare(recorded.value, options.value, tolerance?.value ?? recorded.value.tolerancePercent, language);
  });
}

async function record(
  path: string,
  options: MicroOptions,
  tolerancePercent: number | undefined,
  language: Language,
): Promise<void> {
  const report = await measureCases(MICRO_CASES, options);
  const made: GateRecord = {
    version: 1,
    tolerancePercent: tolerancePercent ?? DEFAULT_TOLERANCE_PERCENT,
    environment: report.environment,
    ratios: Object.fromEntries(ratiosOf(report)),
  };
  writeFigures(path, made);
  process.stdout.write(`${TEXTS.recorded[language]} ${path}\n`);
}

async function compare(
  { ratios }: GateRecord,
  options: MicroOptions,
  tolerancePercent: number,
  language: Language,
): Promise<void> {
  const recorded = new Map(Object.entries(ratios));
  let measured = ratiosOf(await measureCases(MICRO_CASES, options));
  let decision = decideGate(recorded, measured, tolerancePercent);
  for (let repeat = 0; repeat < REPEATS && !decision.passes; repeat++) {
    const fallen = MICRO_CASES.filter(({ name }) =>
      decision.rows.some((row) => row.verdict === 'fell' && row.name.startsWith(`${name} / `)),
    );
    process.stderr.write(`${TEXTS.again[language]}\n`);
    measured = bestOf(measured, ratiosOf(await measureCases(fallen, options)));
    decision = decideGate(recorded, measured, tolerancePercent);
  }
  process.stdout.write(`${describeGate(decision, language)}\n`);
  if (!decision.passes) process.exitCode = 1;
}

function describeGate({ passes, rows }: GateDecision, language: Language): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const shown = (ratio: number | undefined) => (ratio === undefined ? '-' : ratio.toPrecision(3)).padStart(8);
  const lines = rows.map(
    ({ name, recorded, measured, verdict }) =>
      `${name.padEnd(width)} ${shown(recorded)} → ${shown(measured)}  ${VERDICTS[verdict][language]}`,
  );
  return [...lines, (passes ? TEXTS.passed : TEXTS.failed)[language]].join('\n');
}

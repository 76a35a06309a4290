import { failure, success, type Result } from '@menglian/base/result';
import type { Language, Localized } from '@menglian/cli/language';
import { Command } from 'commander';
import { describeEnvironment } from '../measure/environment.js';
import { say } from '../measure/progress.js';
import { measureCase, type MicroOptions } from '../micro/measureCase.js';
import type { MicroCase } from '../micro/microCase.js';
import { MICRO_CASES } from '../micro/microCases.js';
import { describeMicro, type MicroFigures, type MicroReport } from '../micro/microReport.js';
import { readNumbers, shownText } from './optionValues.js';
import { outputProblem, writeFigures } from './outputFile.js';
import { refuse } from './refusal.js';

const TEXTS = {
  description: {
    en: 'single stages against npm libraries, by turns in one process, by CPU time',
    zh: '单个环节与 npm 库对比：同一进程内轮流执行，按 CPU 时间计',
  },
  names: { en: 'which; all if left out', zh: '测哪些；缺省为全部' },
  rounds: { en: 'turns of each', zh: '各自轮数' },
  turnMs: { en: 'CPU milliseconds of a turn', zh: '每轮 CPU 毫秒数' },
  json: { en: 'write the figures as JSON, too', zh: '同时以 JSON 写出结果' },
  examples: {
    en: '\nExamples:\n  npm run bench -- micro\n  npm run bench -- micro signature hash --json micro.json',
    zh: '\n示例：\n  npm run bench -- micro\n  npm run bench -- micro signature hash --json micro.json',
  },
} as const satisfies Readonly<Record<string, Localized>>;

/** `npm run bench -- micro`. */
export function microCommand(language: Language): Command {
  const command = new Command('micro')
    .description(TEXTS.description[language])
    .argument('[name...]', TEXTS.names[language])
    .option('--rounds <n>', TEXTS.rounds[language], '5')
    .option('--turn-ms <n>', TEXTS.turnMs[language], '200')
    .option('--json <file>', TEXTS.json[language])
    .addHelpText('after', TEXTS.examples[language]);
  return command.action(async (names: string[]) => {
    const cases = casesNamed(names);
    if (!cases.ok) return refuse(cases.reason, language);
    const options = readNumbers(command.opts(), ['rounds', 'turnMs']);
    if (!options.ok) return refuse(options.reason, language);
    const { json } = command.opts<{ json?: string }>();
    const problem = outputProblem(json);
    if (problem !== undefined) return refuse(problem, language);
    const report = await measureCases(cases.value, options.value);
    process.stdout.write(`${describeMicro(report, language)}\n`);
    writeFigures(json, report);
  });
}

/** @param names all if there are none */
function casesNamed(names: readonly string[]): Result<readonly MicroCase[], Localized> {
  const wrong = names.find((name) => !MICRO_CASES.some((one) => one.name === name));
  if (wrong === undefined)
    return success(names.length === 0 ? MICRO_CASES : MICRO_CASES.filter(({ name }) => names.includes(name)));
  const known = MICRO_CASES.map(({ name }) => name).join(', ');
  return failure({
    en: `there is no microbenchmark ${shownText(wrong)}; there are ${known}`,
    zh: `没有名为 ${shownText(wrong)} 的微基准；可选：${known}`,
  });
}

/** Measures cases one after the other and says which is under way. */
export async function measureCases(cases: readonly MicroCase[], options: MicroOptions): Promise<MicroReport> {
  const environment = describeEnvironment();
  const figures: MicroFigures[] = [];
  for (const [index, { name, prepare }] of cases.entries()) {
    say(`${name} (${index + 1}/${cases.length})`);
    const prepared = await prepare();
    try {
      figures.push({ name, subjects: await measureCase(prepared, options) });
    } finally {
      await prepared.close?.();
    }
  }
  say('');
  return { benchmark: 'micro', version: 1, environment, options, cases: figures };
}

import { failure, success, type Result } from '@menglian/base/result';
import type { Language, Localized } from '@menglian/cli/language';
import { Command } from 'commander';
import { describeEnvironment } from '../measure/environment.js';
import { progressTexts, say } from '../measure/progress.js';
import { describeLoad } from '../run/describeLoad.js';
import type { LoadRunOptions } from '../run/loadOptions.js';
import { createReport, type RunFigures } from '../run/loadReport.js';
import { runOnFreshChain } from '../run/runWorkload.js';
import type { Workload } from '../workloads/workload.js';
import { WORKLOADS } from '../workloads/workloads.js';
import { addChainFlags } from './chainFlags.js';
import { readLoadOptions, shownText, type OptionTexts } from './optionValues.js';
import { outputProblem, writeFigures } from './outputFile.js';
import { refuse } from './refusal.js';

const TEXTS = {
  transactions: { en: 'transactions to measure', zh: '计量的交易数' },
  users: { en: 'accounts that take part', zh: '参与的用户数' },
  runs: {
    en: 'fresh chains, one after the other: minimum, median, maximum',
    zh: '全新链的轮数，给出最小、中位、最大值',
  },
  warmUp: { en: 'transactions before anything is measured', zh: '计量前的预热交易数' },
  senders: { en: 'accounts that sign, each in turn', zh: '轮流签名的账户数' },
  rate: {
    en: 'arrivals a second whatever the chain does; 80% is of what the same chain took just before',
    zh: '固定到达率（每秒交易数），不论链是否跟得上；80% 指同一条链刚测得峰值的 80%',
  },
  profile: {
    en: 'sample what the threads of the nodes do: CPU by stage; profiles are kept in this folder',
    zh: '对节点线程采样，得出各环节 CPU；采样文件保存在该目录',
  },
  tps: { en: 'dag-transfer, or the workload named', zh: 'dag-transfer，或指定的工作负载' },
  workload: { en: 'name of a workload', zh: '工作负载名称' },
} as const satisfies Readonly<Record<string, Localized>>;

function examples(name: string): Localized {
  const lines = `  npm run bench -- ${name} --nodes 4 --runs 5 --json ${name}.json
  npm run bench -- ${name} --nodes 3 --engine raft --transactions 20000
  npm run bench -- ${name} --rate 80% --senders 1000`;
  return { en: `\nExamples:\n${lines}`, zh: `\n示例：\n${lines}` };
}

/** A command for each workload. */
export function loadCommands(language: Language): Command[] {
  return WORKLOADS.map((workload) => loadCommand(workload, language));
}

function loadCommand(workload: Workload, language: Language): Command {
  const command = new Command(workload.name).description(workload.description[language]);
  addLoadFlags(command, String(workload.transactions), language);
  return command.action(async () => measure(workload, command.opts(), language));
}

/** The name that measured throughput before workloads had commands of their own. */
export function tpsCommand(language: Language): Command {
  const command = new Command('tps').description(TEXTS.tps[language]);
  command.option('--workload <name>', TEXTS.workload[language], 'dag-transfer');
  addLoadFlags(command, '20000', language);
  return command.action(async () => {
    const workload = workloadNamed(String(command.opts()['workload']));
    if (!workload.ok) return refuse(workload.reason, language);
    await measure(workload.value, command.opts(), language);
  });
}

export function workloadNamed(name: string): Result<Workload, Localized> {
  const workload = WORKLOADS.find((one) => one.name === name);
  if (workload !== undefined) return success(workload);
  const names = WORKLOADS.map((one) => one.name).join(', ');
  return failure({
    en: `there is no workload ${shownText(name)}; there are ${names}`,
    zh: `没有名为 ${shownText(name)} 的工作负载；可选：${names}`,
  });
}

function addLoadFlags(command: Command, transactions: string, language: Language): void {
  addChainFlags(command, language)
    .option('--transactions <n>', TEXTS.transactions[language], transactions)
    .option('--users <n>', TEXTS.users[language], '1000')
    .option('--runs <n>', TEXTS.runs[language], '1')
    .option('--warm-up <n>', TEXTS.warmUp[language], '0')
    .option('--senders <n>', TEXTS.senders[language], '1')
    .option('--rate <tps>', TEXTS.rate[language])
    .option('--profile <folder>', TEXTS.profile[language])
    .addHelpText('after', examples(command.name())[language]);
}

async function measure(workload: Workload, texts: OptionTexts, language: Language): Promise<void> {
  const refusal = outputProblem(texts['json'] as string | undefined);
  if (refusal !== undefined) return refuse(refusal, language);
  const read = readLoadOptions({ ...texts, engine: texts['consensus'] ?? texts['engine'] });
  if (!read.ok) return refuse(read.reason, language);
  await measureRuns(workload, read.value, texts['json'] as string | undefined, language);
}

async function measureRuns(
  workload: Workload,
  options: LoadRunOptions,
  jsonPath: string | undefined,
  language: Language,
): Promise<void> {
  const environment = describeEnvironment();
  const runs: RunFigures[] = [];
  for (let run = 0; run < options.runs; run++) {
    const { figures, suite } = await runOnFreshChain(workload, options, progressTexts(language));
    runs.push(figures);
    say('');
    const report = createReport({ workload: workload.name, options, suite, environment, runs });
    // After each run, so that what was measured is not lost when a later one is given up.
    writeFigures(jsonPath, report);
    if (run === options.runs - 1) process.stdout.write(`${describeLoad(report, language)}\n`);
    else process.stderr.write(`${run + 1}/${options.runs}: ${figures.tps} TPS\n`);
  }
}

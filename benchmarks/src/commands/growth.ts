import type { Language, Localized } from '@menglian/cli/language';
import { Command } from 'commander';
import { describeGrowth } from '../growth/growthReport.js';
import { runGrowth } from '../growth/runGrowth.js';
import { progressTexts, say } from '../measure/progress.js';
import { WORKLOADS } from '../workloads/workloads.js';
import { addChainFlags } from './chainFlags.js';
import { workloadNamed } from './load.js';
import { readLoadOptions, readNumbers } from './optionValues.js';
import { outputProblem, writeFigures } from './outputFile.js';
import { refuse } from './refusal.js';

const TEXTS = {
  description: {
    en: 'cost of a transaction while one chain grows: throughput, CPU, memory and disk a node, all the way',
    zh: '单条链增长过程中每笔交易的代价：吞吐量、CPU、每节点内存与磁盘',
  },
  transactions: { en: 'transactions after the accounts are open', zh: '开户之后的交易数' },
  accounts: { en: 'accounts that are opened first', zh: '预先开立的账户数' },
  sample: { en: 'transactions of each point', zh: '每个测点的交易数' },
  workload: { en: 'which', zh: '工作负载' },
  examples: {
    en: `
Examples:
  npm run bench -- growth --transactions 1000000 --accounts 100000 --json growth.json
  npm run bench -- growth --transactions 5000000 --accounts 2000000 --sample 50000 --json long.json
The file is written anew after each point: a run that is ended with Ctrl-C keeps what it measured.`,
    zh: `
示例：
  npm run bench -- growth --transactions 1000000 --accounts 100000 --json growth.json
  npm run bench -- growth --transactions 5000000 --accounts 2000000 --sample 50000 --json long.json
每个测点之后都会重写文件：用 Ctrl-C 中止时保留已测结果。`,
  },
} as const satisfies Readonly<Record<string, Localized>>;

/** `npm run bench -- growth`. */
export function growthCommand(language: Language): Command {
  const command = new Command('growth').description(TEXTS.description[language]);
  addChainFlags(command, language)
    .option('--transactions <n>', TEXTS.transactions[language], '1000000')
    .option('--accounts <n>', TEXTS.accounts[language], '100000')
    .option('--sample <n>', TEXTS.sample[language], '20000')
    .option('--workload <name>', TEXTS.workload[language], WORKLOADS[0]!.name)
    .addHelpText('after', TEXTS.examples[language]);
  return command.action(async () => {
    const texts = command.opts();
    const problem = outputProblem(texts['json'] as string | undefined);
    if (problem !== undefined) return refuse(problem, language);
    const workload = workloadNamed(String(texts['workload']));
    if (!workload.ok) return refuse(workload.reason, language);
    const numbers = readNumbers(texts, ['accounts', 'sample']);
    if (!numbers.ok) return refuse(numbers.reason, language);
    const { accounts, sample } = numbers.value;
    const engine = texts['consensus'] ?? texts['engine'];
    const rest = { runs: '1', warmUp: String(sample), senders: '1', users: String(accounts) };
    const options = readLoadOptions({ ...texts, ...rest, engine });
    if (!options.ok) return refuse(options.reason, language);
    const { json } = command.opts<{ json?: string }>();
    const report = await runGrowth(workload.value, { ...options.value, sample }, progressTexts(language), (soFar) => {
      writeFigures(json, soFar);
    });
    say('');
    process.stdout.write(`${describeGrowth(report, language)}\n`);
  });
}

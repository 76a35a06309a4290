import type { Language, Localized } from '@menglian/cli/language';
import { Command } from 'commander';
import { describeFaults } from '../faults/faultReport.js';
import { MEASUREMENT_NAMES, runFaults } from '../faults/runFaults.js';
import { addChainFlags } from './chainFlags.js';
import { readChainOptions } from './chainOptions.js';
import { readEngine, shownText } from './optionValues.js';
import { writeFigures } from './outputFile.js';
import { refuse } from './refusal.js';

const TEXTS = {
  description: {
    en: 'throughput with a dead leader and hostile view changes; times to recover',
    zh: '主节点失效、恶意视图切换下的吞吐量，以及恢复时间',
  },
  transactions: { en: 'transactions of each measurement of throughput', zh: '每次吞吐量测量的交易数' },
  users: { en: 'accounts that take part', zh: '参与的用户数' },
  rounds: { en: 'how often each thing is measured', zh: '每项测量的次数' },
  outage: { en: 'seconds without a quorum', zh: '失去法定数量的秒数' },
  measure: {
    en: `some of ${MEASUREMENT_NAMES.join(',')}; all if left out (no hostile with raft)`,
    zh: `${MEASUREMENT_NAMES.join(',')} 中的若干项；缺省为全部（raft 无 hostile）`,
  },
  examples: {
    en: '\nExample:\n  npm run bench -- faults --nodes 3 --engine raft --json raft.json',
    zh: '\n示例：\n  npm run bench -- faults --nodes 3 --engine raft --json raft.json',
  },
} as const satisfies Readonly<Record<string, Localized>>;

/** `npm run bench -- faults`. */
export function faultsCommand(language: Language): Command {
  const command = addChainFlags(new Command('faults').description(TEXTS.description[language]), language);
  return command
    .option('--transactions <n>', TEXTS.transactions[language], '10000')
    .option('--users <n>', TEXTS.users[language], '1000')
    .option('--rounds <n>', TEXTS.rounds[language], '3')
    .option('--outage <seconds>', TEXTS.outage[language], '30')
    .option('--measure <list>', TEXTS.measure[language])
    .addHelpText('after', TEXTS.examples[language])
    .action(async () => {
      const texts = command.opts();
      const names = ['transactions', 'users', 'batch', 'uncommitted', 'rounds', 'outage'] as const;
      const read = readChainOptions(texts, names);
      if (!read.ok) return refuse(read.reason, language);
      const { numbers, ports, json } = read.value;
      const { batch, uncommitted, outage, ...rest } = numbers;
      const engine = readEngine(String(texts['consensus'] ?? texts['engine']));
      if (!engine.ok) return refuse(engine.reason, language);
      const measurements = texts['measure'] === undefined ? undefined : String(texts['measure']).split(',');
      const wrong = measurements?.find((name) => !MEASUREMENT_NAMES.includes(name));
      if (wrong !== undefined) return refuse(noMeasurement(wrong), language);
      const report = await runFaults({
        ...rest,
        consensus: engine.value,
        sm: texts['sm'] === true,
        batchSize: batch,
        uncommittedMax: uncommitted,
        outageSeconds: outage,
        ports,
        measurements,
      });
      process.stdout.write(`${describeFaults(report)}\n`);
      writeFigures(json, report);
    });
}

function noMeasurement(name: string): Localized {
  const names = MEASUREMENT_NAMES.join(', ');
  return {
    en: `--measure knows ${names}, not ${shownText(name)}`,
    zh: `--measure 可选 ${names}，没有 ${shownText(name)}`,
  };
}

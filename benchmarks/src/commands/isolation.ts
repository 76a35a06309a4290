import type { Language, Localized } from '@menglian/cli/language';
import { Command } from 'commander';
import { ATTACK_NAMES } from '../isolation/attacks.js';
import { describeIsolation } from '../isolation/isolationReport.js';
import { NEIGHBOUR_THREAD, runIsolation } from '../isolation/runIsolation.js';
import { addPlaceFlags } from './chainFlags.js';
import { readChainOptions } from './chainOptions.js';
import { shownText } from './optionValues.js';
import { writeFigures } from './outputFile.js';
import { refuse } from './refusal.js';

const TEXTS = {
  description: {
    en: 'a group under steady load, beside a neighbour on the same nodes that crashes, restarts or is attacked',
    zh: '恒定负载下的群组，与同节点上崩溃、重启或遭攻击的邻组并存',
  },
  nodes: { en: 'nodes of the chain, all in both groups', zh: '链的节点数，均加入两个群组' },
  rounds: {
    en: 'how often each attack is measured, each time with a window before it',
    zh: '每种攻击测量的次数，每次前有一个基线窗口',
  },
  rate: { en: 'transactions that come to the measured group each second', zh: '被测群组每秒到达的交易数' },
  window: { en: 'seconds of each window', zh: '每个窗口的秒数' },
  users: { en: 'accounts of each group', zh: '每个群组的账户数' },
  warmUp: { en: 'transactions of each group before anything is measured', zh: '测量前每个群组的预热交易数' },
  attacks: { en: `some of ${ATTACK_NAMES.join(', ')}`, zh: `任选：${ATTACK_NAMES.join('、')}` },
  spare: {
    en: "the neighbour's threads get only what all others leave, as if it had processors of its own",
    zh: '邻组线程仅使用其余线程剩下的处理器，如同拥有独立的处理器',
  },
  examples: {
    en: `
Examples:
  npm run bench -- isolation --rounds 5 --json isolation.json
  npm run bench -- isolation --attacks idle,flood --spare`,
    zh: `
示例：
  npm run bench -- isolation --rounds 5 --json isolation.json
  npm run bench -- isolation --attacks idle,flood --spare`,
  },
} as const satisfies Readonly<Record<string, Localized>>;

/** `npm run bench -- isolation`. */
export function isolationCommand(language: Language): Command {
  const command = new Command('isolation')
    .description(TEXTS.description[language])
    .option('--nodes <n>', TEXTS.nodes[language], '4')
    .option('--rounds <n>', TEXTS.rounds[language], '3')
    .option('--rate <tps>', TEXTS.rate[language], '200')
    .option('--window <s>', TEXTS.window[language], '10')
    .option('--users <n>', TEXTS.users[language], '1000')
    .option('--warm-up <n>', TEXTS.warmUp[language], '8000')
    .option('--attacks <names>', TEXTS.attacks[language], ATTACK_NAMES.join(','))
    .option('--spare', TEXTS.spare[language])
    .addHelpText('after', TEXTS.examples[language]);
  return addPlaceFlags(command, language).action(async () => {
    const texts = command.opts();
    const read = readChainOptions(texts, ['rounds', 'rate', 'window', 'users', 'warmUp']);
    if (!read.ok) return refuse(read.reason, language);
    const attacks = String(texts['attacks']).split(',');
    const unknown = attacks.find((name) => !ATTACK_NAMES.includes(name));
    if (unknown !== undefined) return refuse(noAttack(unknown), language);
    const { numbers, ports, json } = read.value;
    const options = { ...numbers, attacks, isSpare: texts['spare'] === true };
    const report = await runIsolation(options, ports, (sofar) => writeFigures(json, sofar));
    process.stdout.write(`${describeIsolation(report, NEIGHBOUR_THREAD, language)}\n`);
  });
}

function noAttack(name: string): Localized {
  return {
    en: `--attacks knows ${ATTACK_NAMES.join(', ')}, not ${shownText(name)}`,
    zh: `--attacks 可选 ${ATTACK_NAMES.join('、')}，而不是 ${shownText(name)}`,
  };
}

import type { Language, Localized } from '@menglian/cli/language';
import { Command } from 'commander';
import { describeChannel } from '../channel/channelReport.js';
import { runChannel } from '../channel/runChannel.js';
import { addPlaceFlags } from './chainFlags.js';
import { readChainOptions } from './chainOptions.js';
import { writeFigures } from './outputFile.js';
import { refuse } from './refusal.js';

const TEXTS = {
  description: {
    en: 'the SDK port: messages between clients against bare TLS, requests against HTTP, receipts pushed',
    zh: 'SDK 端口：AMOP 与裸 TLS 对比、请求与 HTTP 对比、推送回执',
  },
  nodes: { en: 'nodes of the chain, at least 2', zh: '链的节点数，至少 2' },
  rounds: { en: 'how often each thing is measured', zh: '每项测量的次数' },
  transactions: { en: 'transactions of each round', zh: '每轮交易数' },
  tooFew: {
    en: '--nodes takes at least 2: messages go from one node to another',
    zh: '--nodes 至少为 2：消息须从一个节点到另一个节点',
  },
  examples: {
    en: '\nExample:\n  npm run bench -- channel --rounds 5 --json channel.json',
    zh: '\n示例：\n  npm run bench -- channel --rounds 5 --json channel.json',
  },
} as const satisfies Readonly<Record<string, Localized>>;

/** `npm run bench -- channel`. */
export function channelCommand(language: Language): Command {
  const command = new Command('channel')
    .description(TEXTS.description[language])
    .option('--nodes <n>', TEXTS.nodes[language], '2')
    .option('--rounds <n>', TEXTS.rounds[language], '5')
    .option('--transactions <n>', TEXTS.transactions[language], '5000')
    .addHelpText('after', TEXTS.examples[language]);
  return addPlaceFlags(command, language).action(async () => {
    const read = readChainOptions(command.opts(), ['rounds', 'transactions']);
    if (!read.ok) return refuse(read.reason, language);
    const { numbers, ports, json } = read.value;
    if (numbers.nodes < 2) return refuse(TEXTS.tooFew, language);
    const report = await runChannel(numbers, ports);
    process.stdout.write(`${describeChannel(report, language)}\n`);
    writeFigures(json, report);
  });
}

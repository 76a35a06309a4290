import { writeFileSync } from 'node:fs';
import type { Language, Localized } from '@menglian/cli/language';
import { Command } from 'commander';
import { describeChannel } from '../channel/channelReport.js';
import { runChannel } from '../channel/runChannel.js';
import { readNumbers, readPorts } from './optionValues.js';
import { outputProblem } from './outputFile.js';
import { refuse } from './refusal.js';

const TEXTS = {
  description: {
    en: 'the SDK port: messages between clients against bare TLS, requests against HTTP, receipts pushed',
    zh: 'SDK 端口：AMOP 与裸 TLS 对比、请求与 HTTP 对比、推送回执',
  },
  nodes: { en: 'nodes of the chain, at least 2', zh: '链的节点数，至少 2' },
  rounds: { en: 'how often each thing is measured', zh: '每项测量的次数' },
  transactions: { en: 'transactions of each round', zh: '每轮交易数' },
  ports: { en: 'first ports of the chain', zh: '链的起始端口' },
  json: { en: 'write the figures as JSON, too', zh: '同时以 JSON 写出结果' },
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
  const command = new Command('channel').description(TEXTS.description[language]);
  return command
    .option('--nodes <n>', TEXTS.nodes[language], '2')
    .option('--rounds <n>', TEXTS.rounds[language], '5')
    .option('--transactions <n>', TEXTS.transactions[language], '5000')
    .option('--ports <p2p,channel,rpc>', TEXTS.ports[language], '31300,21200,18545')
    .option('--json <file>', TEXTS.json[language])
    .addHelpText('after', TEXTS.examples[language])
    .action(async () => {
      const texts = command.opts();
      const json = texts['json'] as string | undefined;
      const problem = outputProblem(json);
      if (problem !== undefined) return refuse(problem, language);
      const options = readNumbers(texts, ['nodes', 'rounds', 'transactions']);
      if (!options.ok) return refuse(options.reason, language);
      if (options.value.nodes < 2) return refuse(TEXTS.tooFew, language);
      const ports = readPorts(String(texts['ports']), options.value.nodes);
      if (!ports.ok) return refuse(ports.reason, language);
      const report = await runChannel(options.value, ports.value);
      process.stdout.write(`${describeChannel(report, language)}\n`);
      if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, undefined, 2)}\n`);
    });
}

import type { Language, Localized } from '@menglian/cli/language';
import { Command } from 'commander';
import { measureIdleGroups } from '../idleGroups/idleGroups.js';
import { describeIdleGroups } from '../idleGroups/idleGroupsReport.js';
import { addPlaceFlags } from './chainFlags.js';
import { readChainOptions } from './chainOptions.js';
import { writeFigures } from './outputFile.js';
import { refuse } from './refusal.js';

const TEXTS = {
  description: {
    en: 'what groups without work cost a node: CPU, memory, threads, files, with 1, 2, 4 … groups',
    zh: '空闲群组对节点的开销：1、2、4……个群组时的 CPU、内存、线程、文件',
  },
  nodes: { en: 'nodes of the chain, each in all groups', zh: '链的节点数，均加入所有群组' },
  groups: { en: 'the most groups', zh: '最多群组数' },
  window: { en: 'seconds that the nodes are watched with each number of groups', zh: '每种群组数观察的秒数' },
  examples: {
    en: `
Examples:
  npm run bench -- idle-groups --json idle.json   1 to 16 groups on four nodes
  npm run bench -- idle-groups --nodes 1          the same on one node`,
    zh: `
示例：
  npm run bench -- idle-groups --json idle.json   四节点上 1 至 16 个群组
  npm run bench -- idle-groups --nodes 1          单节点`,
  },
} as const satisfies Readonly<Record<string, Localized>>;

/** `npm run bench -- idle-groups`. */
export function idleGroupsCommand(language: Language): Command {
  const command = new Command('idle-groups')
    .description(TEXTS.description[language])
    .option('--nodes <n>', TEXTS.nodes[language], '4')
    .option('--groups <n>', TEXTS.groups[language], '16')
    .option('--window <s>', TEXTS.window[language], '20')
    .addHelpText('after', TEXTS.examples[language]);
  return addPlaceFlags(command, language).action(async () => {
    const read = readChainOptions(command.opts(), ['groups', 'window']);
    if (!read.ok) return refuse(read.reason, language);
    const { numbers, ports, json } = read.value;
    const { nodes, groups, window: windowSeconds } = numbers;
    const report = await measureIdleGroups({ nodes, groups, windowSeconds }, ports);
    process.stdout.write(`${describeIdleGroups(report, language)}\n`);
    writeFigures(json, report);
  });
}

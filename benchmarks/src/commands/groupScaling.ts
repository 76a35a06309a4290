import { readFileSync } from 'node:fs';
import { failure, success, type Result } from '@menglian/base/result';
import type { Language, Localized } from '@menglian/cli/language';
import { Command } from 'commander';
import { measureGroupScaling } from '../groups/groupScaling.js';
import { describeGroupScaling, type GroupScalingReport } from '../groups/groupScalingReport.js';
import { describeModel, modelOf } from '../model/modelReport.js';
import { addPlaceFlags } from './chainFlags.js';
import { readChainOptions, type ChainCommandOptions } from './chainOptions.js';
import { shownText, type OptionTexts } from './optionValues.js';
import { writeFigures } from './outputFile.js';
import { refuse } from './refusal.js';

const TEXTS = {
  description: {
    en: 'load on one group, on two and so on at once, by turns on one chain: total throughput, CPU, idle groups',
    zh: '同一条链上依次同时压测一个、两个……群组：总吞吐、CPU、空闲群组开销',
  },
  nodes: { en: 'nodes of the chain, each in all groups', zh: '链的节点数，均加入所有群组' },
  groups: { en: 'most groups that get load at once', zh: '同时压测的最多群组数' },
  rounds: { en: 'how often each number of groups gets its turn', zh: '每种群组数测量的次数' },
  transactions: { en: 'transactions of one turn, all groups together', zh: '每轮交易数（所有群组合计）' },
  warmUp: { en: 'transactions of each group before anything is measured', zh: '测量前每个群组的预热交易数' },
  users: { en: 'accounts of each group', zh: '每个群组的账户数' },
  batch: { en: 'transactions in one JSON-RPC batch', zh: '每个 JSON-RPC 批次的交易数' },
  uncommitted: {
    en: 'of each group: most transactions sent and not yet in a block',
    zh: '每群组已发送而未上链的交易数上限',
  },
  idle: {
    en: 'seconds that idle groups are watched, each turn; 0: not at all',
    zh: '每轮观察空闲群组的秒数，0 为不观察',
  },
  model: {
    en: 'also what a simulation with the measured costs says of 16 and 64 cores',
    zh: '并以实测开销模拟 16 核与 64 核',
  },
  from: { en: 'take a file of --json instead of measuring', zh: '读取 --json 的文件，不再测量' },
  examples: {
    en: `
Examples:
  npm run bench -- groups --rounds 5 --json groups.json   1 to 4 groups on four nodes
  npm run bench -- groups --nodes 1 --json groups-1.json  the same on one node
  npm run bench -- groups --model --from groups.json      what that means for more cores`,
    zh: `
示例：
  npm run bench -- groups --rounds 5 --json groups.json   四节点上 1 至 4 个群组
  npm run bench -- groups --nodes 1 --json groups-1.json  单节点
  npm run bench -- groups --model --from groups.json      推算更多核数`,
  },
} as const satisfies Readonly<Record<string, Localized>>;

const NUMBERS = ['groups', 'rounds', 'transactions', 'warmUp', 'users', 'batch', 'uncommitted', 'idle'] as const;

/** `npm run bench -- groups`. */
export function groupScalingCommand(language: Language): Command {
  const command = new Command('groups')
    .description(TEXTS.description[language])
    .option('--nodes <n>', TEXTS.nodes[language], '4')
    .option('--groups <n>', TEXTS.groups[language], '4')
    .option('--rounds <n>', TEXTS.rounds[language], '3')
    .option('--transactions <n>', TEXTS.transactions[language], '40000')
    .option('--warm-up <n>', TEXTS.warmUp[language], '8000')
    .option('--users <n>', TEXTS.users[language], '1000')
    .option('--batch <n>', TEXTS.batch[language], '100')
    .option('--uncommitted <n>', TEXTS.uncommitted[language], '5000')
    .option('--idle <s>', TEXTS.idle[language], '10')
    .option('--model', TEXTS.model[language])
    .option('--from <file>', TEXTS.from[language])
    .addHelpText('after', TEXTS.examples[language]);
  return addPlaceFlags(command, language).action(async () => {
    const texts: OptionTexts = command.opts();
    const read = readChainOptions(texts, NUMBERS);
    if (!read.ok) return refuse(read.reason, language);
    const { json } = read.value;
    const from = texts['from'] as string | undefined;
    const report = from === undefined ? success(await measure(read.value)) : readReport(from);
    if (!report.ok) return refuse(report.reason, language);
    process.stdout.write(`${describeGroupScaling(report.value, language)}\n`);
    if (texts['model'] !== true) return;
    const model = modelOf(report.value);
    process.stdout.write(`\n${describeModel(model, language)}\n`);
    writeFigures(json, { ...report.value, model });
  });
}

async function measure(read: ChainCommandOptions<(typeof NUMBERS)[number]>): Promise<GroupScalingReport> {
  const { numbers, ports, json } = read;
  const { batch: batchSize, uncommitted: uncommittedMax, idle: idleSeconds, ...rest } = numbers;
  const options = { ...rest, batchSize, uncommittedMax, idleSeconds };
  // After each turn, so that what was measured is not lost when a later one is given up.
  return measureGroupScaling(options, ports, (sofar) => writeFigures(json, sofar));
}

function readReport(path: string): Result<GroupScalingReport, Localized> {
  const refusal = failure<Localized>({
    en: `${shownText(path)} is no file of groups --json with turns of one group`,
    zh: `${shownText(path)} 不是 groups --json 写出的文件，或其中没有单群组的结果`,
  });
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as Partial<GroupScalingReport> | null;
    if (report?.benchmark !== 'groups' || report.turns?.[0]?.loadedGroups !== 1) return refusal;
    return success(report as GroupScalingReport);
  } catch {
    return refusal;
  }
}

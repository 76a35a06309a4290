import type { Language } from '../language.js';

/** How one group does. */
export interface GroupStatus {
  readonly groupId: number;
  /** of each node; undefined where the node does not say */
  readonly heights: readonly (number | undefined)[];
  readonly transactions: number;
  readonly pending: number;
}

/** What `npm start` says. */
export interface StartTexts {
  readonly building: string;
  readonly continuing: string;
  readonly starting: string;
  readonly deploying: (groupId: number) => string;
  readonly calling: string;
  readonly ready: string;
  readonly stopping: string;
  readonly stopped: string;
  readonly hint: string;
  readonly certificates: (folder: string) => string;
  readonly nodeEnded: (name: string) => string;
  readonly notReady: (seconds: number) => string;
  readonly failed: (reason: string) => string;
  readonly contractFailed: (reason: string) => string;
  readonly deployed: (address: string, block: number) => string;
  readonly answered: (text: string) => string;
  readonly groups: (groupIds: readonly number[], url: string) => string;
  readonly otherGroups: (count: number, folder: string) => string;
  readonly status: (groups: readonly GroupStatus[]) => string;
}

const EN: StartTexts = {
  building: 'making keys, certificates and configuration of four nodes',
  continuing: 'found a chain; continuing it',
  starting: 'starting four nodes',
  deploying: (groupId) => `deploying the first contract, HelloWorld${groupId === 1 ? '' : `, in group ${groupId}`}`,
  calling: 'calling it: set("…"), then get()',
  ready: 'the chain runs',
  stopping: 'stopping the nodes',
  stopped: 'stopped; the next start continues this chain',
  hint: 'Ctrl-C stops the chain. Next: the first contract in README.md',
  certificates: (folder) => `certificates for SDKs: ${folder}`,
  nodeEnded: (name) => `${name} ended unexpectedly; the end of its output:`,
  notReady: (seconds) =>
    `the nodes did not find each other within ${seconds} s; look at nohup.out and log/ of each node`,
  failed: (reason) => `cannot go on: ${reason}`,
  contractFailed: (reason) => `the first contract failed (${reason}); remove the folder of the chain to begin anew`,
  deployed: (address, block) => `HelloWorld is at ${address}, in block ${block}`,
  answered: (text) => `get() answers "${text}"`,
  groups: (groupIds, url) =>
    `groups ${groupIds.join(', ')}, each a chain of its own on the four nodes; say which, e.g. of group ${groupIds.at(-1)}:\n` +
    `    ${heightQuestion(groupIds, url)}`,
  otherGroups: (count, folder) =>
    `groups of this chain: ${count}; --groups is for a new chain: remove ${folder} first, or name another with --folder and --ports`,
  status: (groups) => {
    const { blocks, transactions, pending } = summary(groups, 'group');
    return `block ${blocks} | transactions ${transactions} | waiting ${pending}`;
  },
};

const ZH: StartTexts = {
  building: '正在生成四个节点的密钥、证书和配置',
  continuing: '发现已有的链，继续运行',
  starting: '正在启动四个节点',
  deploying: (groupId) => `正在${groupId === 1 ? '' : `群组 ${groupId} `}部署第一个合约 HelloWorld`,
  calling: '正在调用合约：set("…")，然后 get()',
  ready: '链已运行',
  stopping: '正在停止节点',
  stopped: '已停止；下次启动将继续这条链',
  hint: '按 Ctrl-C 停止。下一步：README.md 中的第一个合约',
  certificates: (folder) => `SDK 证书：${folder}`,
  nodeEnded: (name) => `${name} 意外退出，其最后的输出：`,
  notReady: (seconds) => `节点在 ${seconds} 秒内未能互联，请查看各节点的 nohup.out 和 log/`,
  failed: (reason) => `无法继续：${reason}`,
  contractFailed: (reason) => `第一个合约执行失败（${reason}）；如需重新开始，请删除该链的目录`,
  deployed: (address, block) => `HelloWorld 的地址是 ${address}，位于区块 ${block}`,
  answered: (text) => `get() 返回“${text}”`,
  groups: (groupIds, url) =>
    `群组 ${groupIds.join('、')}：每个群组是四个节点上各自独立的链；请求中须指明群组，例如群组 ${groupIds.at(-1)}：\n` +
    `    ${heightQuestion(groupIds, url)}`,
  otherGroups: (count, folder) =>
    `本链的群组数为 ${count}；--groups 仅用于新链：请先删除 ${folder}，或用 --folder 和 --ports 另建一条链`,
  status: (groups) => {
    const { blocks, transactions, pending } = summary(groups, '群组');
    return `区块 ${blocks} | 交易 ${transactions} | 等待 ${pending}`;
  },
};

/** Heights of one group on all nodes; with several groups the name of each before its heights. */
function summary(groups: readonly GroupStatus[], word: string) {
  const of = ({ heights }: GroupStatus) => heights.map((height) => height ?? '-').join(' ');
  const sum = (count: (group: GroupStatus) => number) => groups.reduce((total, group) => total + count(group), 0);
  return {
    blocks:
      groups.length === 1 ? of(groups[0]!) : groups.map((group) => `${word} ${group.groupId}: ${of(group)}`).join(', '),
    transactions: sum(({ transactions }) => transactions),
    pending: sum(({ pending }) => pending),
  };
}

function heightQuestion(groupIds: readonly number[], url: string): string {
  const body = { jsonrpc: '2.0', method: 'getBlockNumber', params: [groupIds.at(-1)], id: 1 };
  return `curl -s --data '${JSON.stringify(body)}' ${url}`;
}

export function startTexts(language: Language): StartTexts {
  return language === 'zh' ? ZH : EN;
}

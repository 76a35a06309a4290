import type { Language } from '../language.js';

/** What `npm start` says. */
export interface StartTexts {
  readonly building: string;
  readonly continuing: string;
  readonly starting: string;
  readonly deploying: string;
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
  readonly status: (heights: readonly (number | undefined)[], transactions: number, pending: number) => string;
}

const EN: StartTexts = {
  building: 'making keys, certificates and configuration of four nodes',
  continuing: 'found a chain; continuing it',
  starting: 'starting four nodes',
  deploying: 'deploying the first contract, HelloWorld',
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
  status: (heights, transactions, pending) =>
    `block ${heights.map((height) => height ?? '-').join(' ')} | transactions ${transactions} | waiting ${pending}`,
};

const ZH: StartTexts = {
  building: '正在生成四个节点的密钥、证书和配置',
  continuing: '发现已有的链，继续运行',
  starting: '正在启动四个节点',
  deploying: '正在部署第一个合约 HelloWorld',
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
  status: (heights, transactions, pending) =>
    `区块 ${heights.map((height) => height ?? '-').join(' ')} | 交易 ${transactions} | 等待 ${pending}`,
};

export function startTexts(language: Language): StartTexts {
  return language === 'zh' ? ZH : EN;
}

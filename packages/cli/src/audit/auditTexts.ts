/** What `menglian audit` says about itself. */
import type { Localized } from '../language.js';

export const AUDIT: Localized = {
  en: 'prove what chains say, with read access only',
  zh: '审计：只凭只读访问证明链上数据',
};

export const HOT_ACCOUNT: Localized = {
  en: 'proves that a hot account holds the sum of its shadow accounts, from headers and receipts alone',
  zh: '仅凭区块头与回执，证明热点账户等于各影子账户之和',
};

export const NAME: Localized = { en: 'name of the hot account', zh: '热点账户名称' };

export const HOT: Localized = {
  en: 'the chain of the account: JSON-RPC of any node, a comma, the group (1 if not said)',
  zh: '热点链：任一节点的 JSON-RPC 地址，逗号，群组编号（默认 1）',
};

export const USER: Localized = {
  en: 'a chain of users, written alike; once for each that the account is attached to',
  zh: '用户链，写法相同；账户关联的每条链各写一次',
};

export const TRUST: Localized = {
  en: "file of the chains that are believed: the hash of block 0 at the beginning of each line; get it from the chains' operators",
  zh: '信任的链：每行以创世块哈希开头的文件，由链的运营方提供',
};

export const JSON_REPORT: Localized = {
  en: 'print the whole report as one JSON value',
  zh: '以一个 JSON 值输出完整报告',
};

export const UNTRUSTED: Localized = {
  en: '[INFO] no --trust file: compare the hashes of the blocks 0 below with those that you know',
  zh: '[INFO] 未给出 --trust 文件：请自行核对下面各链的创世块哈希',
};

export const EXAMPLES: Localized = {
  en: `
No node is believed: every header must follow the one before and be signed by a quorum, and the receipts of every block
must be all that its header commits to. Exit code 0: everything agrees; 1: something does not, or a node did not answer.

Examples (one network whose group 1 holds the account, and whose groups 2 and 3 have users):
  menglian audit hot-account shop --hot http://127.0.0.1:8545,1 --user http://127.0.0.1:8545,2 --user http://127.0.0.1:8545,3
  menglian audit hot-account shop --hot … --user … --trust chains.txt --json > report.json`,
  zh: `
不信任任何节点：每个区块头都须衔接前一块并有法定数量的签名，每个区块的回执都须与区块头承诺的完全一致。
退出码 0：全部相符；1：有不符之处，或节点没有应答。

示例（群组 1 存放账户，群组 2、3 为用户群组）：
  menglian audit hot-account shop --hot http://127.0.0.1:8545,1 --user http://127.0.0.1:8545,2 --user http://127.0.0.1:8545,3
  menglian audit hot-account shop --hot … --user … --trust chains.txt --json > report.json`,
};

import type { Localized } from '../language.js';

/** What a system contract answered, in words. */
export interface CodeWords {
  readonly message: Localized;
  readonly advice: Localized;
}

type Row = readonly [en: string, zh: string, adviceEn: string, adviceZh: string];

const NO_PERMISSION: Row = [
  'no permission',
  '没有权限',
  'use an account that may: see listCommitteeMembers, listOperators and the list commands of permissions',
  '换用有权限的账户：见 listCommitteeMembers、listOperators 及各权限的 list 命令',
];
const NOT_A_MEMBER: Row = [
  'this account is no member of the committee',
  '此账户不是委员会成员',
  'use the account of a member: listCommitteeMembers',
  '换用委员会成员的账户：listCommitteeMembers',
];

/** The numbers are those of 2.x: docs/system-contracts.md, "Result codes". */
const CODES: Readonly<Record<number, Row>> = {
  [-50000]: NO_PERMISSION,
  [-50001]: [
    'the table exists already',
    '表已存在',
    'take another name, or use that table',
    '换一个表名，或直接使用该表',
  ],
  [-50100]: ['there is no such table', '表不存在', 'create it first, and look at its name', '先建表，并检查表名'],
  [-50101]: [
    'the contract has no such function',
    '系统合约没有该函数',
    'see the version of the node: getNodeVersion',
    '查看节点版本：getNodeVersion',
  ],
  [-50102]: ['bad address', '地址不正确', 'write 0x and 40 hexadecimal digits', '写作 0x 加 40 位十六进制'],
  [-51000]: ['it is granted already', '权限已授予', 'nothing is to be done', '无需操作'],
  [-51001]: [
    'it was not granted',
    '没有该权限记录',
    'see the list command of this permission',
    '用对应的 list 命令查看',
  ],
  [-51002]: ['the name of the table is too long', '表名过长', 'names have at most 48 characters', '表名最长 48 个字符'],
  [-51003]: ['there is no such contract', '合约不存在', 'look at the address: getCode', '检查地址：getCode'],
  [-51004]: [
    'the committee is changed by votes only',
    '委员会只能通过投票变更',
    'use grantCommitteeMember',
    '请用 grantCommitteeMember',
  ],
  [-51100]: [
    'bad node id',
    '节点 ID 不正确',
    'write 128 hexadecimal digits without 0x: getNodeIDList',
    '写作 128 位十六进制，不带 0x：getNodeIDList',
  ],
  [-51101]: ['it is the last sealer', '这是最后一个共识节点', 'add another sealer first', '先添加其他共识节点'],
  [-51200]: [
    'this name and version are taken',
    '该名称与版本已注册',
    'take another version: names are never overwritten',
    '换一个版本号：已注册的不能覆盖',
  ],
  [-51201]: ['the version is too long', '版本号过长', 'a version has at most 128 characters', '版本号最长 128 个字符'],
  [-51300]: [
    'unknown key or bad value',
    '参数名或参数值不正确',
    'see `help setSystemConfigByKey` for keys and values',
    '见 help setSystemConfigByKey',
  ],
  [-51500]: ['the row cannot be read', '记录格式不正确', 'look at quotes and commas', '检查引号与逗号'],
  [-51501]: ['the condition cannot be read', '条件格式不正确', 'look at quotes and operators', '检查引号与运算符'],
  [-51502]: ['unknown operator', '条件运算符不正确', 'use = != > >= < <=', '可用 = != > >= < <='],
  [-51503]: [
    'the key of a row cannot be changed',
    '不能修改主键',
    'remove the row and insert it anew',
    '删除后重新插入',
  ],
  [-51900]: ['the contract is frozen already', '合约已处于冻结状态', 'nothing is to be done', '无需操作'],
  [-51901]: ['the contract is not frozen', '合约未冻结', 'nothing is to be done', '无需操作'],
  [-51902]: ['it is a manager of the contract already', '已是该合约的管理员', 'nothing is to be done', '无需操作'],
  [-51903]: ['this is no contract', '该地址不是合约', 'look at the address: getCode', '检查地址：getCode'],
  [-51904]: [
    'nothing is at this address',
    '地址不存在',
    'look at the address, the chain and the group',
    '检查地址、链与群组',
  ],
  [-51905]: [
    'this account does not manage the contract',
    '此账户不是该合约的管理员',
    'use one of listContractStatusManager',
    '换用 listContractStatusManager 中的账户',
  ],
  [-51906]: [
    'it is no manager of the contract',
    '不是该合约的管理员',
    'see listContractStatusManager',
    '见 listContractStatusManager',
  ],
  [-51907]: ['the last manager stays', '不能撤销最后一个管理员', 'grant another one first', '先授予其他账户'],
  [-52000]: ['it is a member already', '已是委员会成员', 'nothing is to be done', '无需操作'],
  [-52001]: ['it is no member', '不是委员会成员', 'see listCommitteeMembers', '见 listCommitteeMembers'],
  [-52002]: NOT_A_MEMBER,
  [-52003]: [
    'the threshold must lie between 0 and 99',
    '阈值应在 0 到 99 之间',
    'give a number of percent',
    '请给出百分比数值',
  ],
  [-52004]: [
    'an operator cannot be a member',
    '运维账户不能成为委员会成员',
    'revokeOperator first, or take another account',
    '先 revokeOperator，或换账户',
  ],
  [-52005]: ['a member cannot be an operator', '委员会成员不能成为运维账户', 'take another account', '换一个账户'],
  [-52006]: ['it is an operator already', '已是运维账户', 'nothing is to be done', '无需操作'],
  [-52007]: ['it is no operator', '不是运维账户', 'see listOperators', '见 listOperators'],
  [-52008]: [
    'there is no such account on the chain',
    '链上没有该账户',
    'accounts exist once they have deployed a contract',
    '账户部署过合约后才会在链上存在',
  ],
  [-52009]: [
    'this is a contract, not an account',
    '该地址是合约而非账户',
    'use freezeContract and unfreezeContract',
    '请用 freezeContract、unfreezeContract',
  ],
  [-52010]: ['the account is not frozen', '账户未冻结', 'nothing is to be done', '无需操作'],
  [-52011]: ['the account is frozen already', '账户已处于冻结状态', 'nothing is to be done', '无需操作'],
  [-52012]: ['this is the value already', '与当前值相同', 'nothing is to be done', '无需操作'],
  [-53000]: ['this account is no charger', '此账户不是收费员', 'see listChargers', '见 listChargers'],
  [-53001]: ['the amount is zero', '数量为 0', 'give a number above 0', '请给出大于 0 的数'],
  [-53002]: ['the amount is too large', '数量过大', 'give less', '减小数量'],
  [-53003]: ['the account has less than that', '账户余量不足', 'see queryRemainGas', '见 queryRemainGas'],
  [-53004]: NOT_A_MEMBER,
  [-53005]: NOT_A_MEMBER,
  [-53006]: ['it is a charger already', '已是收费员', 'nothing is to be done', '无需操作'],
  [-53007]: ['it is no charger', '不是收费员', 'see listChargers', '见 listChargers'],
  [-53008]: [
    'the contract has no such function',
    '系统合约没有该函数',
    'see the version of the node: getNodeVersion',
    '查看节点版本：getNodeVersion',
  ],
};

/** @returns undefined for what is no refusal, and for numbers that nobody knows */
export function wordsOfCode(code: number): CodeWords | undefined {
  const row = CODES[code];
  if (row === undefined) return undefined;
  const [en, zh, adviceEn, adviceZh] = row;
  return { message: { en, zh }, advice: { en: adviceEn, zh: adviceZh } };
}

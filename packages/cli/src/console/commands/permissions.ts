import { success } from '@menglian/base/result';
import { Permission } from '@menglian/sdk/services/permission';
import { address, text } from '../arguments/kinds.js';
import { required } from '../arguments/parameters.js';
import { command, type ConsoleCommand, type Room } from '../command.js';
import { changedAnswer, grantsAnswer } from '../output/systemAnswers.js';
import type { Session } from '../session.js';

const account = required('account', address, 'address of the account', '账户地址');
const table = required('table', text('t_goods'), 'name of a table of users', '用户表名');
const contract = required('contract', address, 'address of the contract', '合约地址');

async function permission(session: Session): Promise<Permission> {
  return new Permission(await session.caller());
}

/** Granting, revoking and listing one permission of the chain, which is the right to write a table. */
function triple(name: string, systemTable: string, en: string, zh: string): readonly ConsoleCommand[] {
  return [
    command({
      name: `grant${name}`,
      en: `lets an account ${en}`,
      zh: `授权账户${zh}`,
      parameters: [account],
      examples: [address.example],
      run: async (session, [who]) => success(changedAnswer(await (await permission(session)).grant(systemTable, who))),
    }),
    command({
      name: `revoke${name}`,
      en: `takes back the right to ${en}`,
      zh: `撤销账户${zh}的权限`,
      parameters: [account],
      examples: [address.example],
      run: async (session, [who]) => success(changedAnswer(await (await permission(session)).revoke(systemTable, who))),
    }),
    command({
      name: `list${name}`,
      en: `accounts that may ${en}; nobody named: everybody may`,
      zh: `可${zh}的账户；为空则不限制`,
      parameters: [],
      examples: [''],
      run: async (session) => success(grantsAnswer(await (await permission(session)).list(systemTable))),
    }),
  ];
}

const USER_TABLES: readonly ConsoleCommand[] = [
  command({
    name: 'grantUserTableManager',
    en: 'lets an account write a table of users',
    zh: '授权账户写用户表',
    parameters: [table, account],
    examples: [`t_goods ${address.example}`],
    run: async (session, [name, who]) => success(changedAnswer(await (await permission(session)).grant(name, who))),
  }),
  command({
    name: 'revokeUserTableManager',
    en: 'takes back the right to write a table of users',
    zh: '撤销账户写用户表的权限',
    parameters: [table, account],
    examples: [`t_goods ${address.example}`],
    run: async (session, [name, who]) => success(changedAnswer(await (await permission(session)).revoke(name, who))),
  }),
  command({
    name: 'listUserTableManager',
    en: 'accounts that may write a table of users; nobody named: everybody may',
    zh: '可写用户表的账户；为空则不限制',
    parameters: [table],
    examples: ['t_goods'],
    run: async (session, [name]) => success(grantsAnswer(await (await permission(session)).list(name))),
  }),
];

const CONTRACT_WRITES: readonly ConsoleCommand[] = [
  command({
    name: 'grantContractWritePermission',
    en: 'lets an account change a contract; from then on only those named may, its deployer too',
    zh: '授权账户写合约；此后只有被授权的账户可写，部署者也不例外',
    parameters: [contract, account],
    examples: [`${address.example} ${address.example}`],
    run: async (session, [place, who]) =>
      success(changedAnswer(await (await permission(session)).grantContract(place, who))),
  }),
  command({
    name: 'revokeContractWritePermission',
    en: 'takes back the right to change a contract',
    zh: '撤销账户写合约的权限',
    parameters: [contract, account],
    examples: [`${address.example} ${address.example}`],
    run: async (session, [place, who]) =>
      success(changedAnswer(await (await permission(session)).revokeContract(place, who))),
  }),
  command({
    name: 'listContractWritePermission',
    en: 'accounts that may change a contract; nobody named: everybody may',
    zh: '可写合约的账户；为空则不限制',
    parameters: [contract],
    examples: [address.example],
    run: async (session, [place]) => success(grantsAnswer(await (await permission(session)).listContract(place))),
  }),
];

export const PERMISSIONS: Room = {
  title: { en: 'Permissions', zh: '权限' },
  commands: [
    ...triple(
      'PermissionManager',
      '_sys_table_access_',
      'grant permissions (today by the committee)',
      '管理权限（现由委员会管理）',
    ),
    ...triple('DeployAndCreateManager', '_sys_tables_', 'deploy contracts and create tables', '部署合约与创建表'),
    ...triple('NodeManager', '_sys_consensus_', 'add and remove nodes', '增删节点'),
    ...triple('CNSManager', '_sys_cns_', 'register names of contracts', '注册 CNS'),
    ...triple('SysConfigManager', '_sys_config_', 'change settings of the chain', '修改系统参数'),
    ...USER_TABLES,
    ...CONTRACT_WRITES,
  ],
};

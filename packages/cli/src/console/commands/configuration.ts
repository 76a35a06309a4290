import { failure, success } from '@menglian/base/result';
import { Consensus } from '@menglian/sdk/services/consensus';
import { choice, nodeId, text } from '../arguments/kinds.js';
import { badValue, required } from '../arguments/parameters.js';
import { command, type Room } from '../command.js';
import { changedAnswer } from '../output/systemAnswers.js';
import { textAnswer } from '../output/answer.js';
import { PROBLEM, problem, type Problem } from '../problem.js';
import type { Session } from '../session.js';

/** Settings of a chain, and what they may be. */
const VALUES: Readonly<Record<string, readonly [en: string, zh: string, isAllowed: (value: string) => boolean]>> = {
  tx_count_limit: ['a number from 1: transactions of a block', '不小于 1 的整数：每块交易数上限', atLeast(1)],
  tx_gas_limit: [
    'a number from 100000: gas of a transaction',
    '不小于 100000 的整数：每笔交易的 gas 上限',
    atLeast(100_000),
  ],
  consensus_timeout: ['a number of seconds from 3 to 4294966', '3 到 4294966 之间的秒数', atLeast(3, 4_294_966)],
  rpbft_epoch_sealer_num: [
    'a number from 1: sealers that work at a time',
    '不小于 1 的整数：每轮参与共识的节点数',
    atLeast(1),
  ],
  rpbft_epoch_block_num: [
    'a number from 2: blocks until sealers change',
    '不小于 2 的整数：轮换周期的区块数',
    atLeast(2),
  ],
  enable_charge_mgr: ['on or off: whether accounts pay for gas', 'on 或 off：是否启用 gas 计费', isSwitch],
  enable_cns_route: ['on or off: whether routes of names count', 'on 或 off：是否启用名称路由', isSwitch],
  enable_interchain: [
    'on or off: messages between chains and hot accounts',
    'on 或 off：是否启用跨链消息与热点账户',
    isSwitch,
  ],
};

const KEYS = Object.keys(VALUES);
const keyParameter = required('key', choice(KEYS), 'name of the setting', '参数名');
const list = (index: 0 | 1) => KEYS.map((key) => `  ${key}  ${VALUES[key]![index]}`).join('\n');

const node = required('node', nodeId, 'id of the node', '节点 ID');

export const CONFIGURATION: Room = {
  title: { en: 'Settings and members of the group', zh: '系统参数与群组成员' },
  commands: [
    command({
      name: 'getSystemConfigByKey',
      en: 'a setting of the chain',
      zh: '查询系统参数',
      details: { en: list(0), zh: list(1) },
      parameters: [keyParameter],
      examples: ['tx_count_limit'],
      run: async (session, [key]) => {
        const value = String(await session.askGroup('getSystemConfigByKey', key));
        const shown = value === '' ? { en: '(never set)', zh: '（未设置）' } : { en: value, zh: value };
        return success(textAnswer(value, shown));
      },
    }),
    command({
      name: 'setSystemConfigByKey',
      en: 'changes a setting of the chain, from the next block on',
      zh: '修改系统参数，下一区块起生效',
      details: { en: list(0), zh: list(1) },
      parameters: [keyParameter, required('value', text('1000'), 'its new value', '新值')],
      examples: ['tx_count_limit 1000', 'consensus_timeout 5'],
      run: async (session, [key, value]) => {
        const [en, zh, isAllowed] = VALUES[key]!;
        if (!isAllowed(value))
          return failure(badValue('value', value, { en, zh }, `setSystemConfigByKey ${key} ${exampleFor(key)}`));
        const done = await new Consensus(await session.caller()).setConfig(key as 'tx_count_limit', value);
        return success(changedAnswer(done));
      },
    }),
    command({
      name: 'addSealer',
      en: 'makes a node a sealer: it takes part in consensus',
      zh: '将节点设为共识节点',
      parameters: [node],
      examples: [nodeId.example],
      run: async (session, [id]) => {
        const unknown = await unknownNode(session, id);
        if (unknown !== undefined) return failure(unknown);
        return success(changedAnswer(await new Consensus(await session.caller()).addSealer(id)));
      },
    }),
    command({
      name: 'addObserver',
      en: 'makes a node an observer: it follows the chain',
      zh: '将节点设为观察节点',
      parameters: [node],
      examples: [nodeId.example],
      run: async (session, [id]) => {
        const unknown = await unknownNode(session, id);
        if (unknown !== undefined) return failure(unknown);
        return success(changedAnswer(await new Consensus(await session.caller()).addObserver(id)));
      },
    }),
    command({
      name: 'removeNode',
      en: 'takes a node out of the group',
      zh: '将节点移出群组',
      parameters: [node],
      examples: [nodeId.example],
      run: async (session, [id]) =>
        success(
          changedAnswer(await new Consensus(await session.caller()).remove(id), {
            zero: { en: 'the node was no member of the group', zh: '该节点本来就不在群组中' },
          }),
        ),
    }),
  ],
};

/** Chains do not look whether there is such a node; a sealer that is not there slows all others down. */
async function unknownNode(session: Session, id: string): Promise<Problem | undefined> {
  const client = await session.client();
  const [linked, members] = await Promise.all([client.getNodeIdList(), client.getGroupPeers()]);
  if (linked.includes(id) || members.includes(id)) return undefined;
  const message = { en: 'the node is not linked with this one', zh: '该节点未与当前节点相连' };
  const advice = {
    en: 'start it and see that it is linked (getNodeIDList), then try again',
    zh: '先启动该节点并确认已连接（getNodeIDList），再重试',
  };
  return problem(PROBLEM.notFound, message, advice);
}

function atLeast(min: number, max = Number.MAX_SAFE_INTEGER): (value: string) => boolean {
  return (value) => /^\d{1,16}$/.test(value) && Number(value) >= min && Number(value) <= max;
}

function isSwitch(value: string): boolean {
  return value === 'on' || value === 'off';
}

function exampleFor(key: string): string {
  return ['1000', '300000000', '5', 'on'].find((value) => VALUES[key]![2](value))!;
}

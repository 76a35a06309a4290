import { failure, success } from '@menglian/base/result';
import type { ManagementResult } from '@menglian/sdk/rpc/shapes';
import { MAX_GROUP_ID } from '@menglian/types/limits';
import { integer, nodeId } from '../arguments/kinds.js';
import { badValue, required, rest } from '../arguments/parameters.js';
import { command, type ConsoleCommand, type Outcome, type Room } from '../command.js';
import { outlineAnswer } from '../output/answer.js';
import type { Localized } from '../../language.js';
import { both } from '../problem.js';
import type { Session } from '../session.js';

const group = required('group', integer(1, MAX_GROUP_ID), 'number of the group', '群组编号');

/** The node that is asked changes, and no other: each member is asked by its own operator. */
const ONE_NODE = {
  en: 'Only the node that is asked does it: repeat it at every member.',
  zh: '只对所连接的节点生效：须在每个成员节点上执行。',
};

const SEE_STATUS: Localized = { en: 'see its status: queryGroupStatus', zh: '用 queryGroupStatus 查看群组状态' };

/** What to do, by the codes of docs/json-rpc.md, "Groups". */
const ADVICE: Readonly<Record<string, Localized>> = {
  '0x1': { en: 'mend what it says at the node, then repeat the command', zh: '在节点上排除该问题后重试' },
  '0x8': {
    en: 'the node must be linked with all sealers, see getNodeIDList: start those that are missing',
    zh: '节点须与全部共识节点相连（用 getNodeIDList 查看）：启动缺少的节点',
  },
  '0xb': { en: 'make its files first: generateGroup', zh: '先用 generateGroup 生成群组文件' },
  '0xc': { en: 'make its files first: generateGroup', zh: '先用 generateGroup 生成群组文件' },
};

/** What a node answered about its groups. */
function managed({ code, message }: ManagementResult): Outcome {
  if (code === '0x0') return success(outlineAnswer({ code, message }));
  return failure({ code, message: both(message), advice: ADVICE[code] ?? SEE_STATUS });
}

type Method = 'startGroup' | 'stopGroup' | 'removeGroup' | 'recoverGroup';

function manage(name: Method, en: string, zh: string): ConsoleCommand {
  return command({
    name,
    en,
    zh,
    details: ONE_NODE,
    parameters: [group],
    examples: ['2'],
    run: async (session: Session, [number]) => managed(await (await session.client())[name](number)),
  });
}

export const GROUPS: Room = {
  title: { en: 'Groups of the node', zh: '群组管理' },
  commands: [
    command({
      name: 'generateGroup',
      en: 'writes the files of a new group, which startGroup starts',
      zh: '生成新群组的文件，之后用 startGroup 启动',
      details: {
        en: `${ONE_NODE.en} All must be given the same timestamp and sealers.`,
        zh: `${ONE_NODE.zh}时间戳与共识节点列表须完全相同。`,
      },
      parameters: [
        group,
        required('timestamp', { ...integer(0), example: '1700000000000' }, 'milliseconds since 1970', '毫秒时间戳'),
        rest('sealers', nodeId.example, 'ids of the sealers', '共识节点 ID'),
      ],
      examples: [`2 1700000000000 ${nodeId.example}`],
      run: async (session, [number, timestampMs, given]) => {
        const sealers: string[] = [];
        for (const token of given) {
          const id = nodeId.read(token);
          if (id === undefined) return failure(badValue('sealers', token.text, nodeId.expected));
          sealers.push(id);
        }
        return managed(await (await session.client()).generateGroup(number, { timestampMs, sealers }));
      },
    }),
    manage('startGroup', 'runs a group', '启动群组'),
    manage('stopGroup', 'stops a group', '停止群组'),
    manage(
      'removeGroup',
      'removes a stopped group; recoverGroup brings it back',
      '删除已停止的群组，可用 recoverGroup 恢复',
    ),
    manage('recoverGroup', 'brings a removed group back, stopped', '恢复已删除的群组，恢复后为停止状态'),
  ],
};

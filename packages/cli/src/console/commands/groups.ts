import { failure, success } from '@menglian/base/result';
import type { ManagementResult } from '@menglian/sdk/rpc/shapes';
import { integer, nodeId } from '../arguments/kinds.js';
import { badValue, required, rest } from '../arguments/parameters.js';
import { command, type ConsoleCommand, type Outcome, type Room } from '../command.js';
import { outlineAnswer } from '../output/answer.js';
import { both } from '../problem.js';
import type { Session } from '../session.js';

const group = required('group', integer(1, 32_767), 'number of the group', '群组编号');

/** The node that is asked changes, and no other: each member is asked by its own operator. */
const ONE_NODE = {
  en: 'Only the node that is asked does it: repeat it at every member.',
  zh: '只对所连接的节点生效：须在每个成员节点上执行。',
};

/** What a node answered about its groups. The codes are those of docs/json-rpc.md. */
function managed({ code, message }: ManagementResult): Outcome {
  if (code === '0x0') return success(outlineAnswer({ code, message }));
  const advice = { en: 'see its status: queryGroupStatus', zh: '用 queryGroupStatus 查看群组状态' };
  return failure({ code, message: both(message), advice });
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

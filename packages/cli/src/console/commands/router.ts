import { success } from '@menglian/base/result';
import type { Hash } from '@menglian/sdk/hex';
import { GroupRouter } from '@menglian/sdk/services/groupRouter';
import { MAX_GROUP_ID } from '@menglian/types/limits';
import { choice, integer, text } from '../arguments/kinds.js';
import { optional, required } from '../arguments/parameters.js';
import { command, type Room } from '../command.js';
import { outlineAnswer, plainAnswer, tableAnswer } from '../output/answer.js';
import { changedAnswer } from '../output/systemAnswers.js';
import type { Session } from '../session.js';

const COUNT_MAX = 2 ** 31 - 1;

const group = required('group', integer(1, MAX_GROUP_ID), 'number of the group', '群组编号');
const key = required('key', text('alice'), 'name of the user, organisation or contract', '用户、机构或合约的名称');
const user = required('user', text('alice'), 'name of the user', '用户名称');

const router = async (session: Session) => new GroupRouter(await session.caller());

export const ROUTER: Room = {
  title: { en: 'Which group serves whom (where enable_interchain is on)', zh: '群组路由（须打开 enable_interchain）' },
  commands: [
    command({
      name: 'setRouteGroup',
      en: 'lets a group of this node take users, in proportion to its weight; for the committee',
      zh: '设置接收用户的群组及其权重；须为委员会成员',
      parameters: [
        group,
        required('weight', integer(0, COUNT_MAX), 'new users come in proportion; 0: none', '权重；0 表示不接收新用户'),
        required('capacity', integer(0, COUNT_MAX), 'users that may have their home there', '用户数上限'),
        optional(
          'warnAt',
          integer(0, COUNT_MAX),
          'users at which it warns; never if not said',
          '告警用户数；默认不告警',
        ),
      ],
      examples: ['2 10 1000000', '2 10 1000000 900000'],
      run: async (session, [number, weight, capacity, warnAt = 0]) => {
        const chain = (await session.ask('getBlockHashByNumber', number, '0x0')) as Hash;
        return success(
          changedAnswer(await (await router(session)).setGroup({ group: number, chain, weight, capacity, warnAt })),
        );
      },
    }),
    command({
      name: 'assignRoute',
      en: 'assigns a user, an organisation or a contract to a group, or takes it back with 0; for the committee',
      zh: '将用户、机构或合约指派给群组，0 表示撤销；须为委员会成员',
      parameters: [
        required('kind', choice(['user', 'organisation', 'contract']), 'of what', '类别'),
        key,
        required('group', integer(0, MAX_GROUP_ID), 'number of the group, or 0', '群组编号，或 0'),
      ],
      examples: ['organisation bank 3', 'user alice 0'],
      run: async (session, [kind, name, number]) =>
        success(changedAnswer(await (await router(session)).assign(kind, name, number === 0 ? undefined : number))),
    }),
    command({
      name: 'registerRoute',
      en: 'gives a user a home group by the rules, or tells the one that there is; anybody may',
      zh: '按规则为用户分配所属群组，或返回已有的；任何人可执行',
      parameters: [user, optional('organisation', text('bank'), 'of the user', '所属机构')],
      examples: ['alice', 'alice bank'],
      run: async (session, [name, organisation]) =>
        success(plainAnswer((await (await router(session)).register(name, organisation)).group)),
    }),
    command({
      name: 'moveRoute',
      en: 'changes the home group of a user; for the committee',
      zh: '变更用户的所属群组；须为委员会成员',
      parameters: [user, group],
      examples: ['alice 3'],
      run: async (session, [name, number]) => success(changedAnswer(await (await router(session)).move(name, number))),
    }),
    command({
      name: 'getRoute',
      en: 'the group of a user, an organisation or a contract, and by which rule',
      zh: '查询用户、机构或合约所属的群组及其依据',
      parameters: [required('kind', choice(['user', 'organisation', 'contract']), 'of what', '类别'), key],
      examples: ['user alice'],
      run: async (session, [kind, name]) => {
        const { group: found, why } = await (await router(session)).route(kind, name, Date.now());
        return success(outlineAnswer({ group: found ?? null, why }));
      },
    }),
    command({
      name: 'listRouteGroups',
      en: 'the groups that take users, and how many each has',
      zh: '接收用户的群组及其用户数',
      parameters: [],
      examples: [''],
      run: async (session) => {
        const groups = await (await router(session)).groups();
        const columns = [
          { en: 'group', zh: '群组' },
          { en: 'weight', zh: '权重' },
          { en: 'users', zh: '用户数' },
          { en: 'capacity', zh: '上限' },
          { en: 'warns at', zh: '告警' },
        ];
        const rows = groups.map((one) => [one.group, one.weight, one.users, one.capacity, one.warnAt].map(String));
        return success(tableAnswer(groups, columns, rows));
      },
    }),
  ],
};

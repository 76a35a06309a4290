import { success } from '@menglian/base/result';
import { MAX_GROUP_ID } from '@menglian/types/limits';
import { required } from '../arguments/parameters.js';
import { integer } from '../arguments/kinds.js';
import { command, type ConsoleCommand, type Room } from '../command.js';
import { outlineAnswer, plainAnswer, tableAnswer } from '../output/answer.js';

const noArguments = { parameters: [], examples: [''] } as const;

/** A method whose answer is shown as the node wrote it. */
function read(name: string, en: string, zh: string, ...aliases: readonly string[]): ConsoleCommand {
  const method = aliases[0] ?? name;
  const isOfNode = ['getClientVersion', 'getNodeInfo', 'getGroupList'].includes(method);
  return command({
    ...noArguments,
    name,
    aliases,
    en,
    zh,
    run: async (session) => success(outlineAnswer(await (isOfNode ? session.ask(method) : session.askGroup(method)))),
  });
}

const getPbftView = command({
  ...noArguments,
  name: 'getPbftView',
  en: 'the view of PBFT: how often the leader was replaced',
  zh: 'PBFT 视图',
  run: async (session) => success(plainAnswer(await (await session.client()).getPbftView())),
});

const getPeers = command({
  ...noArguments,
  name: 'getPeers',
  en: 'the nodes with which this one is linked',
  zh: '与该节点相连的节点',
  run: async (session) => {
    const peers = await (await session.client()).getPeers();
    const columns = [
      { en: 'node', zh: '节点' },
      { en: 'agency', zh: '机构' },
      { en: 'endpoint', zh: '地址' },
      { en: 'node id', zh: '节点 ID' },
    ];
    return success(
      tableAnswer(
        peers,
        columns,
        peers.map(({ name, agency, endpoint, nodeId }) => [name, agency, endpoint, nodeId]),
      ),
    );
  },
});

const queryGroupStatus = command({
  name: 'queryGroupStatus',
  en: 'whether the node runs a group',
  zh: '查询节点上某群组的状态',
  parameters: [required('group', integer(1, MAX_GROUP_ID), 'number of the group', '群组编号')],
  examples: ['1'],
  run: async (session, [group]) => success(outlineAnswer(await session.ask('queryGroupStatus', group))),
});

export const NODE: Room = {
  title: { en: 'Node and group', zh: '节点与群组' },
  commands: [
    read('getNodeVersion', 'version and algorithms of the node', '节点版本与算法', 'getClientVersion'),
    read('getNodeInfo', 'name, id and address of the node', '节点的名称、ID 与地址'),
    getPeers,
    read('getNodeIDList', 'ids of the node and of those it is linked with', '该节点及相连节点的 ID'),
    read('getGroupPeers', 'ids of all sealers and observers of the group', '群组内全部共识节点与观察节点的 ID'),
    read('getGroupList', 'the groups that the node runs', '该节点的群组列表'),
    queryGroupStatus,
    read('getSealerList', 'the sealers: nodes that take part in consensus', '共识节点列表'),
    read('getObserverList', 'the observers: nodes that follow the chain', '观察节点列表'),
    read('getConsensusStatus', 'where consensus stands', '共识状态'),
    read('getSyncStatus', 'how far the node and its peers are', '同步状态'),
    getPbftView,
  ],
};

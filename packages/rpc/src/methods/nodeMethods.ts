import { INVALID_PARAMS, RpcFailure } from '../errors.js';
import type { Json } from '../json.js';
import { hasType, type ParameterType } from '../parameters.js';
import type { NodeView, PeerView } from '../ports.js';
import { changeGroup, generateGroup, queryGroupStatus } from './groupManagement.js';
import { changePeers } from './peerMethods.js';

/** One method of the node itself. */
export interface NodeMethod {
  /** undefined: anything may stand in `params`, also nothing */
  readonly params: readonly ParameterType[] | undefined;
  readonly run: (view: NodeView, params: readonly unknown[]) => Json | Promise<Json>;
}

function peerJson({ nodeId, agency, name, address, topics }: PeerView): Json {
  return { Agency: agency, IPAndPort: address, Node: name, NodeID: nodeId, Topic: topics };
}

/** Methods that no group answers (docs/json-rpc.md). */
export const NODE_METHODS: ReadonlyMap<string, NodeMethod> = new Map<string, NodeMethod>([
  [
    'getClientVersion',
    {
      params: undefined,
      run: (view) => ({
        'Build Time': view.build.time,
        'Build Type': 'Linux/node/Release',
        'Chain Id': String(view.chainId),
        'FISCO-BCOS Version': view.isSm ? `${view.supportedVersion} gm` : view.supportedVersion,
        'Git Branch': view.build.branch,
        'Git Commit Hash': view.build.commit,
        'Supported Version': view.supportedVersion,
      }),
    },
  ],
  ['getNodeInfo', { params: undefined, run: (view) => peerJson(view.self()) }],
  ['getPeers', { params: ['integer'], run: (view) => view.peers().map(peerJson) }],
  [
    'getNodeIDList',
    { params: ['integer'], run: (view) => [view.self().nodeId, ...view.peers().map(({ nodeId }) => nodeId)] },
  ],
  ['getGroupList', { params: undefined, run: (view) => view.groupList() }],
  ['queryPeers', { params: undefined, run: (view) => view.configuredPeers() }],
  ['addPeers', { params: undefined, run: (view, params) => changePeers(view, 'add', params) }],
  ['erasePeers', { params: undefined, run: (view, params) => changePeers(view, 'erase', params) }],
  ['rpc_modules', { params: undefined, run: () => ({ 'FISCO BCOS': '2.0' }) }],
  [
    'queryGroupStatus',
    { params: ['integer'], run: async (view, [groupId]) => queryGroupStatus(view, groupId as number) },
  ],
  [
    'generateGroup',
    {
      params: ['integer', 'object'],
      run: (view, [groupId, settings]) => generateGroup(view, groupId as number, settings),
    },
  ],
  ...(['start', 'stop', 'remove', 'recover'] as const).map((kind): [string, NodeMethod] => [
    `${kind}Group`,
    { params: ['integer'], run: (view, [groupId]) => changeGroup(view, kind, groupId as number) },
  ]),
]);

/** @throws RpcFailure -32602 unless the parameters have the declared JSON types */
export function checkParameters(params: unknown, types: readonly ParameterType[]): readonly unknown[] {
  const isRight =
    Array.isArray(params) &&
    params.length === types.length &&
    types.every((type, index) => hasType(params[index], type));
  if (!isRight) throw new RpcFailure(INVALID_PARAMS);
  return params;
}

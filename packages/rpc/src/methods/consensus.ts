import { bareHex, bytesText, quantity } from '../format/quantity.js';
import { RpcFailure, onlyForRpbft } from '../errors.js';
import type { Json } from '../json.js';
import type { GroupView } from '../ports.js';
import type { GroupMethod } from './groupMethod.js';

/** Module numbers of 2.x, which clients see as `protocolId`: group id · 65536 + module. */
const PBFT_MODULE = 8;
const SYNC_MODULE = 9;

/** What 2.x shows as the index of a node that is no sealer. */
const NO_SEALER_INDEX = 65_535;

function protocolId(view: GroupView, module: number): number {
  return view.groupId * 65_536 + module;
}

function consensusStatus(view: GroupView): Json {
  const status = view.consensusStatus();
  const { sealers } = status;
  const index = sealers.indexOf(view.nodeId);
  const sealerMembers = Object.fromEntries(sealers.map((nodeId, position) => [`sealer.${position}`, nodeId]));
  const views = sealers.flatMap((nodeId) => {
    const viewOfSealer = status.viewOf.get(nodeId);
    return viewOfSealer === undefined ? [] : [{ nodeId, view: viewOfSealer }];
  });
  return [
    {
      accountType: index < 0 ? 0 : 1,
      allowFutureBlocks: true,
      cfgErr: index < 0,
      connectedNodes: status.connectedSealers,
      consensusedBlockNumber: view.blockNumber() + 1,
      currentView: status.view,
      groupId: view.groupId,
      highestblockHash: bytesText(view.headHash()),
      highestblockNumber: view.blockNumber(),
      leaderFailed: status.leaderFailed,
      max_faulty_leader: Math.floor((sealers.length - 1) / 3),
      nodeId: view.nodeId,
      nodeNum: sealers.length,
      node_index: index < 0 ? NO_SEALER_INDEX : index,
      omitEmptyBlock: true,
      protocolId: protocolId(view, PBFT_MODULE),
      ...sealerMembers,
      toView: status.toView,
    },
    views,
  ];
}

function syncStatus(view: GroupView): Json {
  const { isSyncing, knownHighestNumber, knownLatestHash, peers } = view.syncStatus();
  return {
    blockNumber: view.blockNumber(),
    genesisHash: bareHex(view.genesisHash),
    isSyncing,
    knownHighestNumber,
    knownLatestHash: bareHex(knownLatestHash),
    latestHash: bareHex(view.headHash()),
    nodeId: view.nodeId,
    peers: peers.map(({ nodeId, blockNumber, genesisHash, latestHash }) => ({
      blockNumber,
      genesisHash: bareHex(genesisHash),
      latestHash: bareHex(latestHash),
      nodeId,
    })),
    protocolId: protocolId(view, SYNC_MODULE),
    txPoolSize: String(view.pendingCount()),
  };
}

/** Methods about members, consensus and synchronisation (docs/json-rpc.md). */
export const CONSENSUS_METHODS: Readonly<Record<string, GroupMethod>> = {
  getPbftView: { params: [], run: (view) => quantity(view.consensusStatus().view) },
  getSealerList: { params: [], run: (view) => view.sealers() },
  getObserverList: { params: [], run: (view) => view.observers() },
  getGroupPeers: { params: [], run: (view) => [...view.sealers(), ...view.observers()].toSorted() },
  getEpochSealersList: {
    params: [],
    run: (view) => {
      throw new RpcFailure(onlyForRpbft('getEpochSealersList', view.consensusStatus().consensusType));
    },
  },
  getConsensusStatus: { params: [], run: consensusStatus },
  getSyncStatus: { params: [], run: syncStatus },
};

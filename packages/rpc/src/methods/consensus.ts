import { bareHex, bytesText, quantity } from '../format/quantity.js';
import { NO_VIEW_IN_RAFT, RpcFailure, onlyForRpbft } from '../errors.js';
import type { Json } from '../json.js';
import type { ConsensusStatusView, GroupView } from '../ports.js';
import type { SingleMethod } from './groupMethod.js';

/** Module numbers of 2.x, which clients see as `protocolId`: group id · 65536 + module. */
const PBFT_MODULE = 8;
const RAFT_MODULE = 11;
const SYNC_MODULE = 9;

/** What 2.x shows as the index of a node that is no sealer. */
const NO_SEALER_INDEX = 65_535;

function protocolId(view: GroupView, module: number): number {
  return view.groupId * 65_536 + module;
}

/** PBFT and rPBFT answer two elements, Raft one. */
function consensusStatus(view: GroupView): Json {
  const status = view.consensusStatus();
  const isRaft = status.consensusType === 'raft';
  return isRaft ? [raftStatus(view, status)] : [pbftStatus(view, status), viewsOf(status)];
}

function pbftStatus(view: GroupView, status: ConsensusStatusView): Json {
  return {
    ...basicStatus(view, status),
    connectedNodes: status.connectedSealers,
    currentView: status.view,
    leaderFailed: status.leaderFailed,
    max_faulty_leader: Math.floor((status.sealers.length - 1) / 3),
    protocolId: protocolId(view, PBFT_MODULE),
    toView: status.toView,
  };
}

function raftStatus(view: GroupView, status: ConsensusStatusView): Json {
  const { leader, sealers } = status;
  return {
    ...basicStatus(view, status),
    leaderId: leader ?? 'get leader ID failed',
    leaderIdx: leader === undefined ? 'NULL' : sealers.indexOf(leader),
    max_faulty_leader: Math.floor((sealers.length - 1) / 2),
    protocolId: protocolId(view, RAFT_MODULE),
  };
}

/** What all kinds of consensus say. A sealer of rPBFT that waits for its turn is a sealer by account, and does not vote. */
function basicStatus(view: GroupView, { sealers }: ConsensusStatusView): { [key: string]: Json } {
  const index = sealers.indexOf(view.nodeId);
  return {
    accountType: view.sealers().includes(view.nodeId) ? 1 : 0,
    allowFutureBlocks: true,
    cfgErr: index < 0,
    consensusedBlockNumber: view.blockNumber() + 1,
    groupId: view.groupId,
    highestblockHash: bytesText(view.headHash()),
    highestblockNumber: view.blockNumber(),
    nodeId: view.nodeId,
    nodeNum: sealers.length,
    node_index: index < 0 ? NO_SEALER_INDEX : index,
    omitEmptyBlock: true,
    ...Object.fromEntries(sealers.map((nodeId, position) => [`sealer.${position}`, nodeId])),
  };
}

function viewsOf({ sealers, viewOf }: ConsensusStatusView): Json {
  return sealers.flatMap((nodeId) => {
    const viewOfSealer = viewOf.get(nodeId);
    return viewOfSealer === undefined ? [] : [{ nodeId, view: viewOfSealer }];
  });
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
export const CONSENSUS_METHODS: Readonly<Record<string, SingleMethod>> = {
  getPbftView: {
    params: [],
    run: (view) => {
      const status = view.consensusStatus();
      if (status.consensusType === 'raft') throw new RpcFailure(NO_VIEW_IN_RAFT);
      return quantity(status.view);
    },
  },
  getSealerList: { params: [], run: (view) => view.sealers() },
  getObserverList: { params: [], run: (view) => view.observers() },
  getGroupPeers: { params: [], run: (view) => [...view.sealers(), ...view.observers()].toSorted() },
  getEpochSealersList: {
    params: [],
    run: (view) => {
      const { consensusType } = view.consensusStatus();
      if (consensusType !== 'rpbft') throw new RpcFailure(onlyForRpbft('getEpochSealersList', consensusType));
      return view.workingSealers();
    },
  },
  getConsensusStatus: { params: [], run: consensusStatus },
  getSyncStatus: { params: [], run: syncStatus },
};

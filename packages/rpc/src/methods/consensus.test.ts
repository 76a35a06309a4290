import { describe, expect, it } from 'vitest';
import { RpcFailure } from '../errors.js';
import type { ConsensusStatusView, GroupView } from '../ports.js';
import { CONSENSUS_METHODS } from './consensus.js';

const id = (digit: string) => digit.repeat(128);
const [A, B, C, D] = ['a', 'b', 'c', 'd'].map(id) as [string, string, string, string];

/** A group seen from node B. */
function viewOf(status: Partial<ConsensusStatusView>, members: Partial<Record<string, readonly string[]>> = {}) {
  const consensus: ConsensusStatusView = {
    consensusType: 'pbft',
    view: 7,
    toView: 8,
    leaderFailed: true,
    leader: C,
    connectedSealers: 1,
    sealers: [A, B, C],
    viewOf: new Map([[A, 6]]),
    ...status,
  };
  const view: Partial<GroupView> = {
    groupId: 1,
    nodeId: B,
    blockNumber: () => 4,
    headHash: () => new Uint8Array(32).fill(0xee),
    sealers: () => members['sealers'] ?? consensus.sealers,
    observers: () => [],
    workingSealers: () => members['working'] ?? [],
    consensusStatus: () => consensus,
  };
  return view as GroupView;
}

function run(method: string, view: GroupView): unknown {
  try {
    return CONSENSUS_METHODS[method]!.run(view);
  } catch (error) {
    expect(error).toBeInstanceOf(RpcFailure);
    return (error as RpcFailure).error;
  }
}

const BASE = {
  accountType: 1,
  allowFutureBlocks: true,
  cfgErr: false,
  consensusedBlockNumber: 5,
  groupId: 1,
  highestblockHash: `0x${'ee'.repeat(32)}`,
  highestblockNumber: 4,
  nodeId: B,
  nodeNum: 3,
  node_index: 1,
  omitEmptyBlock: true,
  'sealer.0': A,
  'sealer.1': B,
  'sealer.2': C,
};

describe('getConsensusStatus', () => {
  it('has the views beside the status in PBFT', () => {
    const own = { connectedNodes: 1, currentView: 7, leaderFailed: true, toView: 8 };
    expect(run('getConsensusStatus', viewOf({}))).toEqual([
      { ...BASE, ...own, max_faulty_leader: 0, protocolId: 65_544 },
      [{ nodeId: A, view: 6 }],
    ]);
  });

  it('has the leader and no views in Raft', () => {
    const raft = { consensusType: 'raft' } as const;
    expect(run('getConsensusStatus', viewOf(raft))).toEqual([
      { ...BASE, leaderId: C, leaderIdx: 2, max_faulty_leader: 1, protocolId: 65_547 },
    ]);
    const [status] = run('getConsensusStatus', viewOf({ ...raft, leader: undefined })) as [object];
    expect(status).toMatchObject({ leaderId: 'get leader ID failed', leaderIdx: 'NULL' });
  });

  it('shows a sealer of rPBFT that waits as one that does not vote', () => {
    const waiting = viewOf({ consensusType: 'rpbft', sealers: [A, C] }, { sealers: [A, C, B] });
    const [status] = run('getConsensusStatus', waiting) as [object];
    expect(status).toMatchObject({ accountType: 1, cfgErr: true, nodeNum: 2, node_index: 65_535, protocolId: 65_544 });
    expect(status).not.toHaveProperty('sealer.2');
  });
});

describe('methods of one kind of consensus', () => {
  it('getPbftView is of PBFT and rPBFT', () => {
    expect(run('getPbftView', viewOf({}))).toBe('0x7');
    expect(run('getPbftView', viewOf({ consensusType: 'rpbft' }))).toBe('0x7');
    const message = 'Only pbft consensus supports the view property';
    expect(run('getPbftView', viewOf({ consensusType: 'raft' }))).toMatchObject({ code: -40_007, message });
  });

  it('getEpochSealersList is of rPBFT', () => {
    const rpbft = viewOf({ consensusType: 'rpbft' }, { working: [C, A], sealers: [C, A, D] });
    expect(run('getEpochSealersList', rpbft)).toEqual([C, A]);
    expect(run('getSealerList', rpbft)).toEqual([C, A, D]);
    for (const consensusType of ['pbft', 'raft'] as const) {
      const message = `method getEpochSealersList only supported when rpbft is used, current consensus type is ${consensusType}`;
      expect(run('getEpochSealersList', viewOf({ consensusType }))).toMatchObject({ code: -40_009, message });
    }
  });
});

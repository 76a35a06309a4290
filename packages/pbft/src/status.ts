import { leaderIndex } from '@menglian/consensus-core/leader';
import type { ConsensusStatus } from '@menglian/consensus-core/ports';
import { maxFaulty, quorumSize } from '@menglian/consensus-core/quorum';
import { connectedSealers } from './peers.js';
import { type HeightState, isViewStable, nextHeight, type Replica } from './state.js';

export function statusOf(replica: Replica): ConsensusStatus {
  const { sealers, height, hash } = replica.head;
  const { view, toView } = replica.safety;
  return {
    kind: 'pbft',
    nodeId: replica.nodeId,
    nodeIndex: replica.ownIndex,
    sealers,
    maxFaulty: maxFaulty(sealers.length),
    quorum: quorumSize(sealers.length),
    height,
    hash,
    view,
    toView,
    leader: sealers[leaderIndex(height + 1, toView, sealers.length)],
    leaderFailed: !isViewStable(replica),
    viewsHeard: sealers.flatMap((nodeId) => {
      const heard = nodeId === replica.nodeId ? view : replica.peers.get(nodeId)?.view;
      return heard === undefined ? [] : [{ nodeId, view: heard }];
    }),
    connectedSealers: connectedSealers(replica),
    changeCycle: replica.timer.cycle,
    phase: phaseOf(nextHeight(replica)),
    refusals: new Map(replica.refusals),
  };
}

function phaseOf(state: HeightState): ConsensusStatus['phase'] {
  if (state.committing) return 'committing';
  if (state.decided !== undefined) return 'decided';
  if (state.prepared !== undefined) return 'prepared';
  return state.round.digest === undefined ? 'idle' : 'proposed';
}

import { leaderIndex } from '@menglian/consensus-core/leader';
import type { ConsensusStatus } from '@menglian/consensus-core/ports';
import { maxFaulty, quorumSize } from '@menglian/consensus-core/quorum';
import { frontier } from './chain.js';
import { connectedSealers } from './peers.js';
import { isViewStable, nextHeight, type Replica } from './state.js';

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
    phase: phaseOf(replica),
    refusals: new Map(replica.refusals),
  };
}

function phaseOf(replica: Replica): ConsensusStatus['phase'] {
  const state = frontier(replica);
  if (state?.decided !== undefined) return 'decided';
  if (state?.prepared !== undefined) return 'prepared';
  if (state?.round.candidate !== undefined) return 'proposed';
  return nextHeight(replica).committing ? 'committing' : 'idle';
}

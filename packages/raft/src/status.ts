import type { ConsensusStatus } from '@menglian/consensus-core/ports';
import { majoritySize } from '@menglian/consensus-core/quorum';
import { lineOf } from './line.js';
import type { Replica } from './replica.js';

/** In the words of the port: the view is the term. */
export function statusOf(replica: Replica): ConsensusStatus {
  const { core, head, nodeId, peers } = replica;
  const { sealers } = head;
  const ownIndex = sealers.indexOf(nodeId);
  const isCandidate = core.role === 'preCandidate' || core.role === 'candidate';
  return {
    kind: 'raft',
    nodeId,
    nodeIndex: ownIndex < 0 ? undefined : ownIndex,
    sealers,
    maxFaulty: sealers.length - majoritySize(sealers.length),
    quorum: majoritySize(sealers.length),
    height: head.height,
    hash: head.hash,
    view: core.term,
    toView: core.role === 'preCandidate' ? core.term + 1 : core.term,
    leader: core.leader,
    leaderFailed: core.leader === undefined,
    viewsHeard: sealers.flatMap((sealer) => {
      const view = sealer === nodeId ? core.term : peers.get(sealer)?.term;
      return view === undefined ? [] : [{ nodeId: sealer, view }];
    }),
    connectedSealers: sealers.filter((sealer) => peers.get(sealer)?.isDown !== true).length,
    changeCycle: isCandidate ? 1 : 0,
    phase: phaseOf(replica),
    refusals: new Map(replica.refusals),
  };
}

/** How far the next height is: in the log, answered for here, committed, signed by a majority. */
function phaseOf(replica: Replica): ConsensusStatus['phase'] {
  const next = lineOf(replica).places[0];
  if (next === undefined) return 'idle';
  const { log } = replica.core;
  if (next.block.isCommitting) return 'committing';
  if (next.index <= log.committed) return 'decided';
  return next.index <= log.stable ? 'prepared' : 'proposed';
}

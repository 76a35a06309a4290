import { leaderIndex } from '@menglian/consensus-core/leader';
import { maxFaulty } from '@menglian/consensus-core/quorum';
import type { Evidence } from '@menglian/consensus-core/ports';
import { emit } from '../output.js';
import { type HeightState, isViewStable, type Replica, type Round } from '../state.js';
import { startViewChange } from '../viewChange/start.js';
import { nextViewToAsk } from '../viewChange/suspicion.js';

type Fault = Extract<Evidence, { kind: 'equivocation' | 'badProposal' }>;

/** Reports a signer, once for each sort of fault in a round. */
export function accuse(replica: Replica, round: Round, signer: number, evidence: Fault): void {
  const what = evidence.kind === 'equivocation' ? evidence.message : evidence.kind;
  if (isAccused(round, what, signer)) return;
  round.accused.add(`${what} ${signer}`);
  emit(replica, { kind: 'evidence', evidence });
}

export function isAccused(round: Round, what: string, signer: number): boolean {
  return round.accused.has(`${what} ${signer}`);
}

/**
 * A provably bad proposal: say so and ask for the next leader without waiting. At most f leaders in a row can be faulty;
 * when more are refused, something else is wrong, and views change at the pace of the timer. So do they after a proposal of
 * our own that our own host refuses.
 */
export function blameLeader(replica: Replica, state: HeightState, reason: string): void {
  const { height, round, sealers } = state;
  const leader = leaderIndex(height, round.view, sealers.length);
  accuse(replica, round, leader, { kind: 'badProposal', nodeId: sealers[leader]!, height, view: round.view, reason });
  const { timer } = replica;
  if (leader === replica.ownIndex || timer.cycle > maxFaulty(sealers.length) || !isViewStable(replica)) return;
  timer.cycle++;
  startViewChange(replica, nextViewToAsk(replica));
}

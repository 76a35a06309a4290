import type { Evidence } from '@menglian/consensus-core/ports';
import { emit } from '../output.js';
import type { Replica, Round } from '../state.js';

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

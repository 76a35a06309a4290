/** The host's verdict about a proposal's bodies arrives. */
import { toHex } from '@menglian/base/bytes';
import type { Input } from '@menglian/consensus-core/ports';
import { heightState, type Replica } from '../state.js';
import { blameLeader } from './accuse.js';
import { advance } from './advance.js';

export function onProposalVerified(replica: Replica, input: Extract<Input, { kind: 'proposalVerified' }>): void {
  const state = heightState(replica, input.height);
  const candidate = state?.candidates.get(toHex(input.digest));
  if (state === undefined || candidate === undefined) return;
  candidate.verification = 'verified';
  advance(replica, state.height);
}

export function onProposalRejected(replica: Replica, input: Extract<Input, { kind: 'proposalRejected' }>): void {
  const state = heightState(replica, input.height);
  const candidate = state?.candidates.get(toHex(input.digest));
  if (state === undefined || candidate === undefined || candidate.verification === 'verified') return;
  candidate.verification = 'rejected';
  const { round } = state;
  const isCurrent = round.candidate === candidate && input.view === round.view;
  // A certified proposal was re-issued by duty: a quorum accepted its content, so this leader is not to blame.
  if (isCurrent && !round.certified) blameLeader(replica, state, input.reason);
}

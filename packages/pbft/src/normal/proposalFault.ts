import { equalBytes, toHex } from '@menglian/base/bytes';
import type { Proposal } from '@menglian/consensus-core/ports';
import type { ParentPoint } from '../chain.js';
import type { HeightState, Replica } from '../state.js';

/**
 * What is wrong with a fresh proposal as far as the engine can see; the host checks the bodies. Every honest replica at
 * this head sees the same fault, so a leader that makes one is voted out at once (CVE-2022-28937: agree first, fail later).
 */
export function proposalFault(
  replica: Replica,
  state: HeightState,
  proposal: Proposal,
  parent: ParentPoint,
  leader: number,
): string | undefined {
  if (proposal.height !== state.height) return 'height';
  if (!equalBytes(proposal.parentDigest, parent.digest)) return 'parent';
  if (proposal.epoch !== replica.head.order.epoch) return 'epoch';
  if (proposal.timestampMs <= parent.timestampMs) return 'timestamp';
  if (proposal.sealer !== leader) return 'sealer';
  const sealers = state.sealers;
  if (proposal.sealers.length !== sealers.length || !sealers.every((sealer, i) => proposal.sealers[i] === sealer)) {
    return 'sealerList';
  }
  const count = proposal.transactionHashes.length;
  if (count === 0) return 'empty';
  if (count > replica.head.settings.maxTransactions) return 'tooManyTransactions';
  if (new Set(proposal.transactionHashes.map(toHex)).size !== count) return 'repeatedTransaction';
  return undefined;
}

import { toHex } from '@menglian/base/bytes';
import type { Evidence } from '@menglian/consensus-core/ports';

/** A line for the log. */
export function describeEvidence(evidence: Evidence): string {
  const from = `node=${evidence.nodeId.slice(0, 8)},height=${evidence.height}`;
  switch (evidence.kind) {
    case 'equivocation':
      return `equivocation,${from},view=${evidence.view},message=${evidence.message}`;
    case 'badProposal':
      return `badProposal,${from},view=${evidence.view},reason=${evidence.reason}`;
    case 'divergentResult':
    case 'differentChain':
      return `${evidence.kind},${from},own=${toHex(evidence.ownHash)},other=${toHex(evidence.otherHash)}`;
  }
}

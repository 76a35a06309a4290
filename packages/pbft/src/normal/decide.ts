/** Decision: the order of a height is final (PBFT's "committed-local"). */
import { toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import type { HeightState, Replica } from '../state.js';

/** A quorum of commits for one digest in one view makes it the only one this height can ever have. */
export function decideByCommits(replica: Replica, state: HeightState): void {
  if (state.round.commits.size < state.quorum) return;
  const counts = new Map<string, number>();
  for (const { digest } of state.round.commits.values()) {
    const key = toHex(digest);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  for (const [digest, count] of counts) if (count >= state.quorum) decide(replica, state, digest);
}

/**
 * A decision decides the ancestors too: each honest voter of the quorum had committed to the parent in the same view, or
 * known it decided, so every later view is bound to the parent (README, "Several heights").
 */
export function decide(replica: Replica, state: HeightState, digest: string): void {
  for (let current: HeightState | undefined = state, named = digest; current !== undefined;) {
    const { decided, height } = current;
    invariant(decided === undefined || decided === named, 'pbft/two-decisions', `height ${height}`);
    if (decided !== undefined) return;
    current.decided = named;
    const parentDigest: Uint8Array | undefined = current.candidates.get(named)?.proposal.parentDigest;
    if (parentDigest === undefined) return;
    current = replica.heights.get(height - 1);
    named = toHex(parentDigest);
  }
}

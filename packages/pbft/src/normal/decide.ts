/** Decision: the order of a height is final (PBFT's "committed-local"). */
import { toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import type { HeightState } from '../state.js';

/** A quorum of commits for one digest in one view makes it the only one this height can ever have. */
export function decideByCommits(state: HeightState): void {
  const counts = new Map<string, number>();
  for (const { digest } of state.round.commits.values()) {
    const key = toHex(digest);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  for (const [digest, count] of counts) if (count >= state.quorum) decide(state, digest);
}

export function decide(state: HeightState, digest: string): void {
  invariant(state.decided === undefined || state.decided === digest, 'pbft/two-decisions', `height ${state.height}`);
  state.decided = digest;
}

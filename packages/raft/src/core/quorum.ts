/** Majorities, alone and joint. Pure arithmetic; the naive model it is tested against is in quorum.test.ts. */
import { majoritySize } from '@menglian/consensus-core/quorum';
import type { NodeId } from '@menglian/types/address';
import type { Configuration } from './configuration.js';

export type VoteResult = 'won' | 'lost' | 'pending';

/**
 * The highest index that a majority of `voters` has reached. Of nobody, every index: so that a configuration with one
 * empty half is decided by the other.
 */
export function committedByMajority(voters: readonly NodeId[], matchOf: (nodeId: NodeId) => number): number {
  if (voters.length === 0) return Number.POSITIVE_INFINITY;
  const matches = voters.map(matchOf).sort((a, b) => b - a);
  return matches[majoritySize(voters.length) - 1]!;
}

/** The highest index that both halves have reached. */
export function committedByQuorum(configuration: Configuration, matchOf: (nodeId: NodeId) => number): number {
  const { voters, outgoing } = configuration;
  return Math.min(committedByMajority(voters, matchOf), committedByMajority(outgoing, matchOf));
}

/** @param votes true for yes; absent voters have not answered */
export function voteOfMajority(voters: readonly NodeId[], votes: ReadonlyMap<NodeId, boolean>): VoteResult {
  if (voters.length === 0) return 'won';
  const needed = majoritySize(voters.length);
  let yes = 0;
  let no = 0;
  for (const voter of voters) {
    const vote = votes.get(voter);
    if (vote === true) yes++;
    else if (vote === false) no++;
  }
  if (yes >= needed) return 'won';
  return voters.length - no < needed ? 'lost' : 'pending';
}

export function voteOfQuorum(configuration: Configuration, votes: ReadonlyMap<NodeId, boolean>): VoteResult {
  const incoming = voteOfMajority(configuration.voters, votes);
  const outgoing = voteOfMajority(configuration.outgoing, votes);
  if (incoming === outgoing) return incoming;
  return incoming === 'lost' || outgoing === 'lost' ? 'lost' : 'pending';
}

import { invariant } from '@menglian/base/invariant';

/**
 * Quorum arithmetic for n voters of which f = ⌊(n − 1) / 3⌋ may be faulty in any way (PBFT §3).
 *
 * The quorum is n − f, not 2f + 1: the two differ when n is not 3f + 1 (n = 5: 4 against 3), and only n − f makes any two
 * quorums share an honest voter for every n, while still being reachable with f voters silent.
 */

/** The most faulty voters that a group of `voters` survives. */
export function maxFaulty(voters: number): number {
  invariant(Number.isSafeInteger(voters) && voters > 0, 'consensus/voter-count');
  return Math.floor((voters - 1) / 3);
}

/** Votes of distinct voters that decide. */
export function quorumSize(voters: number): number {
  return voters - maxFaulty(voters);
}

/** The fewest voters of which at least one is honest. */
export function honestWitnessSize(voters: number): number {
  return maxFaulty(voters) + 1;
}

/** Who may be faulty: in any way (PBFT), or by stopping only (Raft). Fixed by the group's genesis. */
export type QuorumRule = 'byzantine' | 'crash';

/** More than half: any two majorities share a voter, which is enough among voters that do not lie (Raft §5.2). */
export function majoritySize(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/** Signatures of distinct sealers that make a block's certificate. */
export function certificateSize(rule: QuorumRule, sealers: number): number {
  return rule === 'byzantine' ? quorumSize(sealers) : majoritySize(sealers);
}

/** What a set of view changes demands of the new view: computed alike by its leader and by everybody who checks it. */
import { equalBytes } from '@menglian/base/bytes';
import type { PreparedClaim, ViewChangeStatement } from '../messages.js';

/** The first height of the new view: above the highest head in the set. */
export function startHeight(statements: readonly ViewChangeStatement[]): number {
  let head = 0;
  for (const statement of statements) head = Math.max(head, statement.headHeight);
  return head + 1;
}

/**
 * The chain of content that the new view must propose again, from its first height on: at each height the claim of the
 * highest view among those that stand on the one chosen below (PBFT §4.4, for a chain). What is decided is always in it:
 * its quorum committed to its ancestors in the same view, so an honest voter of every set claims all of them. Claims on
 * another parent were overruled below. At the first height without a claim nothing can have been decided, there or above,
 * and the leader is free.
 * @param statements all of one epoch
 * @param start digest of the highest head among them
 */
export function chosenClaims(statements: readonly ViewChangeStatement[], start: Uint8Array): PreparedClaim[] {
  const claims = statements.flatMap((statement) => statement.claims);
  const chosen: PreparedClaim[] = [];
  for (let height = startHeight(statements), parent = start; ; height++) {
    const best = highestOn(claims, height, parent);
    if (best === undefined) return chosen;
    chosen.push(best);
    parent = best.digest;
  }
}

function highestOn(claims: readonly PreparedClaim[], height: number, parent: Uint8Array): PreparedClaim | undefined {
  let highest: PreparedClaim | undefined;
  for (const claim of claims) {
    if (claim.height !== height || !equalBytes(claim.parentDigest, parent)) continue;
    if (highest === undefined || claim.view > highest.view) highest = claim;
  }
  return highest;
}

/** What a set of view changes demands of the new view: computed alike by its leader and by everybody who checks it. */
import { equalBytes } from '@menglian/base/bytes';
import type { OrderPoint } from '@menglian/consensus-core/ports';
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
 * another parent were overruled below; claims of an older epoch are void. At the first height without a claim nothing can
 * have been decided, there or above, and the leader is free.
 * @param orderOf order points of stored blocks; every head in the set is stored here
 */
export function chosenClaims(
  statements: readonly ViewChangeStatement[],
  orderOf: (height: number) => OrderPoint | undefined,
): PreparedClaim[] {
  const first = startHeight(statements);
  const start = orderOf(first - 1);
  if (start === undefined) return [];
  const claims = statements
    .filter(({ headHeight }) => orderOf(headHeight)?.epoch === start.epoch)
    .flatMap((statement) => statement.claims);
  const chosen: PreparedClaim[] = [];
  for (let height = first, parent = start.digest; ; height++) {
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

/** What a set of view changes demands of the new view: computed alike by its leader and by everybody who checks it. */
import type { PreparedClaim, ViewChangeStatement } from '../messages.js';

/** The first height of the new view: above the highest head in the set. */
export function startHeight(statements: readonly ViewChangeStatement[]): number {
  let head = 0;
  for (const statement of statements) head = Math.max(head, statement.headHeight);
  return head + 1;
}

/**
 * The prepared claim of the highest view at the start height. Claims of lower heights are about blocks that the holder of
 * the highest head has stored; claims of lower views are overruled (PBFT §4.4).
 */
export function highestClaim(statements: readonly ViewChangeStatement[]): PreparedClaim | undefined {
  const height = startHeight(statements);
  let highest: PreparedClaim | undefined;
  for (const { headHeight, claim } of statements) {
    if (headHeight + 1 !== height || claim === undefined) continue;
    if (highest === undefined || claim.view > highest.view) highest = claim;
  }
  return highest;
}

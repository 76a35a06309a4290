/** Who asks for which view: one voice for each sealer, its latest. */
import { honestWitnessSize, quorumSize } from '@menglian/consensus-core/quorum';
import type { Replica } from '../state.js';

/** Views that the sealers of the next height ask for, highest first. */
function viewsAskedFor(replica: Replica): number[] {
  const views: number[] = [];
  if (replica.viewChanges.size === 0) return views;
  for (const sealer of replica.head.sealers) {
    const asked = replica.viewChanges.get(sealer);
    if (asked !== undefined) views.push(asked.statement.view);
  }
  return views.sort((a, b) => b - a);
}

/**
 * Whether a quorum asks for our view or a higher one. Higher ones count: a sealer that has given up on our view too would
 * otherwise be missed for ever by those who wait for its voice.
 */
export function isViewWanted(replica: Replica): boolean {
  const quorum = quorumSize(replica.head.sealers.length);
  return (viewsAskedFor(replica)[quorum - 1] ?? -1) >= replica.safety.toView;
}

/**
 * A quorum asks for our view or higher ones, but none for exactly ours: it cannot begin, and those below had better follow
 * those above. Whoever is honest and there asks for a view with the others, so no liar can keep them apart.
 */
export function areVoicesSplit(replica: Replica): boolean {
  const exactly = viewsAskedFor(replica).filter((view) => view === replica.safety.toView).length;
  return isViewWanted(replica) && exactly < quorumSize(replica.head.sealers.length);
}

/**
 * The highest view that f + 1 sealers have reached or passed: one of them is honest, so it is worth joining at once. It
 * is the smallest view among the highest f + 1 voices, so f liars cannot pull anybody anywhere.
 */
export function witnessedView(replica: Replica): number | undefined {
  return viewsAskedFor(replica)[honestWitnessSize(replica.head.sealers.length) - 1];
}

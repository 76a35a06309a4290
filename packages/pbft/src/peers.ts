/** What other sealers say of themselves, and how much of it an honest one must have said. */
import { honestWitnessSize, quorumSize } from '@menglian/consensus-core/quorum';
import { certifiedHeight } from './chain.js';
import type { Replica } from './state.js';

/** f + 1 sealers say they have stored more than is certified here: so at least one honest sealer has. */
export function isGroupAhead(replica: Replica): boolean {
  const { sealers } = replica.head;
  const height = certifiedHeight(replica);
  let ahead = 0;
  for (const sealer of sealers) if ((replica.peers.get(sealer)?.height ?? 0) > height) ahead++;
  return ahead >= honestWitnessSize(sealers.length);
}

/** Sealers with a session to this node, itself included; those the transport never spoke of count as connected. */
export function connectedSealers(replica: Replica): number {
  const { sealers } = replica.head;
  return sealers.filter((sealer) => replica.peers.get(sealer)?.downSinceMs === undefined).length;
}

/** Without a quorum in reach no view can be better than this one. */
export function isQuorumReachable(replica: Replica): boolean {
  return connectedSealers(replica) >= quorumSize(replica.head.sealers.length);
}

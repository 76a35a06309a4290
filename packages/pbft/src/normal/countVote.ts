/** Prepare and commit votes arrive and are counted: by signer index, one for each, checked before it counts. */
import { equalBytes } from '@menglian/base/bytes';
import type { NodeId } from '@menglian/types/address';
import { refuseSignature } from '../allowance.js';
import type { Vote } from '../messages.js';
import { envelopeDigest } from '../signing.js';
import { heightState, refuse, type Replica } from '../state.js';
import { accuse, isAccused } from './accuse.js';
import { advance } from './advance.js';

/** @param message of a height in the window and of the view worked in */
export function onVote(replica: Replica, from: NodeId, message: Vote): void {
  const { kind, epoch, height, view, digest, signer, signature } = message;
  const state = heightState(replica, height)!;
  const { round, sealers } = state;
  const nodeId = sealers[signer];
  // Nobody relays votes: one that comes from another than its signer is not worth a check.
  if (nodeId !== from) return refuse(replica, 'unknownSigner');
  // Beyond the quorum a vote changes nothing; not checking it saves a third of the signature work.
  if (kind === 'prepare' ? round.sent.commit !== undefined : state.decided !== undefined) return;
  const votes = kind === 'prepare' ? round.prepares : round.commits;
  const counted = votes.get(signer);
  if (counted !== undefined && (equalBytes(counted.digest, digest) || isAccused(round, kind, signer))) return;
  const signed = envelopeDigest(replica.crypto, replica.group, { kind, epoch, height, view, signer, digest });
  if (!replica.signatures.verify(nodeId, signed, signature)) return refuseSignature(replica, from);
  if (counted !== undefined) {
    return accuse(replica, round, signer, {
      kind: 'equivocation',
      message: kind,
      nodeId,
      height,
      view,
      digests: [counted.digest, digest],
    });
  }
  votes.set(signer, { digest, signature });
  advance(replica, height);
}

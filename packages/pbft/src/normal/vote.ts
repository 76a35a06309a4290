/** Signing and sending this replica's own votes: record, then send (safety rules 1 and 2). */
import type { Verdict, VoteKind, VoteSlot } from '@menglian/consensus-core/safety';
import { equalBytes, toHex } from '@menglian/base/bytes';
import { isLinked, parentOf } from '../chain.js';
import { encodePrepared, preparedKey, votesFor } from '../certificate.js';
import type { IndexedSignature, MessageKind } from '../messages.js';
import { broadcast, persist } from '../output.js';
import { envelopeDigest } from '../signing.js';
import { type Candidate, type HeightState, type Replica } from '../state.js';

/** Own signature over an envelope. Only for sealers. */
export function signEnvelope(
  replica: Replica,
  kind: MessageKind,
  slot: VoteSlot,
  digest: Uint8Array,
): IndexedSignature {
  const signer = replica.ownIndex!;
  const signed = envelopeDigest(replica.crypto, replica.group, { kind, ...slot, signer, digest });
  return { signer, signature: replica.crypto.sign(signed) };
}

/** The slot of this height in the view worked in. */
export function slotOf(replica: Replica, state: HeightState): VoteSlot {
  return { epoch: replica.head.order.epoch, height: state.height, view: state.round.view };
}

/** Votes `prepare` for the proposal of this round once it is verified, unless another vote binds this replica. */
export function castPrepare(replica: Replica, state: HeightState): void {
  const { round } = state;
  const { candidate } = round;
  if (candidate?.verification !== 'verified' || round.sent.prepare !== undefined) return;
  if (!isLinked(replica, state, candidate)) return;
  const slot = slotOf(replica, state);
  const verdict = judge(replica, 'prepare', slot, candidate.digest);
  if (verdict === 'refused') return;
  if (verdict === 'new') persist(replica, [replica.safety.record('prepare', slot, candidate.digest)]);
  const signed = signEnvelope(replica, 'prepare', slot, candidate.digest);
  round.prepares.set(signed.signer, { digest: candidate.digest, signature: signed.signature });
  round.sent.prepare = broadcast(replica, { kind: 'prepare', ...slot, digest: candidate.digest, ...signed });
  round.sentMs = replica.nowMs;
}

/**
 * Votes `commit` once a quorum of prepares names a proposal that is verified here. The certificate, its proposal and its
 * bodies become durable with the vote: a later view must be shown them (safety rules 5 and 7). Commits of one view are cast
 * in order of height, so that whatever is decided has decided ancestors (README, "Several heights").
 */
export function castCommit(replica: Replica, state: HeightState): void {
  const { round, height } = state;
  const { candidate } = round;
  if (round.sent.commit !== undefined || candidate?.verification !== 'verified') return;
  if (round.prepares.size < state.quorum) return;
  const { digest, proposal } = candidate;
  const votes = votesFor(round.prepares, digest);
  if (votes.length < state.quorum || !isParentCommitted(replica, state, candidate)) return;
  const slot = slotOf(replica, state);
  if (judge(replica, 'commit', slot, digest) === 'refused') return;
  state.prepared = { height, view: round.view, digest, votes, proposal };
  persist(
    replica,
    [
      { key: preparedKey(height), value: encodePrepared(state.prepared) },
      replica.safety.record('commit', slot, digest),
    ],
    [{ digest, proposal }],
  );
  const signed = signEnvelope(replica, 'commit', slot, digest);
  round.commits.set(signed.signer, { digest, signature: signed.signature });
  round.sent.commit = broadcast(replica, { kind: 'commit', ...slot, digest, ...signed });
  round.sentMs = replica.nowMs;
}

/** This replica has voted `commit` for the parent in this view, or knows it decided. */
function isParentCommitted(replica: Replica, state: HeightState, candidate: Candidate): boolean {
  const parent = parentOf(replica, state, candidate);
  if (parent === undefined || !isLinked(replica, state, candidate)) return false;
  if (parent === 'head') return true;
  const below = state.height - 1;
  if (replica.heights.get(below)?.decided === toHex(parent.digest)) return true;
  const record = replica.safety.votes(below);
  const commit = record?.epoch === replica.head.order.epoch ? record.commit : undefined;
  return commit?.view === state.round.view && equalBytes(commit.digest, parent.digest);
}

function judge(replica: Replica, kind: VoteKind, slot: VoteSlot, digest: Uint8Array): Verdict {
  return replica.ownIndex === undefined ? 'refused' : replica.safety.judge(kind, slot, digest);
}

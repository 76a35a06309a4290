/** Signing and sending this replica's own votes: record, then send (safety rules 1 and 2). */
import type { Verdict, VoteKind } from '@menglian/consensus-core/safety';
import { encodePrepared, preparedKey, votesFor } from '../certificate.js';
import type { IndexedSignature, MessageKind } from '../messages.js';
import { broadcast, persist } from '../output.js';
import { envelopeDigest } from '../signing.js';
import { type HeightState, type Replica, roundCandidate } from '../state.js';

/** Own signature over an envelope. Only for sealers. */
export function signEnvelope(
  replica: Replica,
  kind: MessageKind,
  height: number,
  view: number,
  digest: Uint8Array,
): IndexedSignature {
  const signer = replica.ownIndex!;
  const signed = envelopeDigest(replica.crypto, replica.group, { kind, height, view, signer, digest });
  return { signer, signature: replica.crypto.sign(signed) };
}

/** Votes `prepare` for the proposal of this round once it is verified, unless another vote binds this replica. */
export function castPrepare(replica: Replica, state: HeightState): void {
  const { round } = state;
  const candidate = roundCandidate(state);
  if (candidate?.verification !== 'verified' || round.sent.prepare !== undefined) return;
  const verdict = judge(replica, 'prepare', state, candidate.digest);
  if (verdict === 'refused') return;
  if (verdict === 'new') {
    persist(replica, [replica.safety.record('prepare', state.height, round.view, candidate.digest)]);
  }
  const signed = signEnvelope(replica, 'prepare', state.height, round.view, candidate.digest);
  round.prepares.set(signed.signer, { digest: candidate.digest, signature: signed.signature });
  round.sent.prepare = broadcast(replica, {
    kind: 'prepare',
    height: state.height,
    view: round.view,
    digest: candidate.digest,
    ...signed,
  });
  round.sentMs = replica.nowMs;
}

/**
 * Votes `commit` once a quorum of prepares names a proposal that is verified here. The certificate, its proposal and its
 * bodies become durable with the vote: a later view must be shown them (safety rules 5 and 7).
 */
export function castCommit(replica: Replica, state: HeightState): void {
  const { round, height } = state;
  const candidate = roundCandidate(state);
  if (round.sent.commit !== undefined || candidate?.verification !== 'verified') return;
  const { digest, proposal } = candidate;
  const votes = votesFor(round.prepares, digest);
  if (votes.length < state.quorum || judge(replica, 'commit', state, digest) === 'refused') return;
  const view = round.view;
  state.prepared = { height, view, digest, votes, proposal };
  persist(
    replica,
    [
      { key: preparedKey(height), value: encodePrepared(state.prepared) },
      replica.safety.record('commit', height, view, digest),
    ],
    [{ digest, proposal }],
  );
  const signed = signEnvelope(replica, 'commit', height, view, digest);
  round.commits.set(signed.signer, { digest, signature: signed.signature });
  round.sent.commit = broadcast(replica, { kind: 'commit', height, view, digest, ...signed });
  round.sentMs = replica.nowMs;
}

function judge(replica: Replica, kind: VoteKind, state: HeightState, digest: Uint8Array): Verdict {
  if (replica.ownIndex === undefined) return 'refused';
  return replica.safety.judge(kind, state.height, state.round.view, digest);
}

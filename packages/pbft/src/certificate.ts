/** Prepared certificates: q distinct sealers voted `prepare` for one digest at one height in one view (PBFT §4.2). */
import { failure, type Result, success } from '@menglian/base/result';
import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import { readCounter, readProposal, writeProposal } from '@menglian/consensus-core/proposal';
import { quorumSize } from '@menglian/consensus-core/quorum';
import type { VoteSlot } from '@menglian/consensus-core/safety';
import type { NodeId } from '@menglian/types/address';
import { equalBytes } from '@menglian/base/bytes';
import { readVotes, writeVotes } from './messageCodec.js';
import type { PrepareVotes } from './messages.js';
import { envelopeDigest } from './signing.js';
import type { DigestVote, PreparedCertificate, Replica } from './state.js';

const RECORD_VERSION = 1;

/** The signers of `digest` among these votes, ascending. */
export function votesFor(votes: ReadonlyMap<number, DigestVote>, digest: Uint8Array): PrepareVotes {
  const matching: { signer: number; signature: Uint8Array }[] = [];
  for (const [signer, vote] of votes) {
    if (equalBytes(vote.digest, digest)) matching.push({ signer, signature: vote.signature });
  }
  return matching.sort((a, b) => a.signer - b.signer);
}

/**
 * Whether these votes prove the claim: strictly ascending signers (so none counts twice), all of them sealers of that
 * height, a quorum, every signature over exactly this kind, epoch, height, view and digest.
 */
export function provesPrepared(
  replica: Replica,
  claim: VoteSlot & { readonly digest: Uint8Array },
  votes: PrepareVotes,
  sealers: readonly NodeId[],
): boolean {
  if (votes.length < quorumSize(sealers.length)) return false;
  let previous = -1;
  for (const { signer } of votes) {
    if (signer <= previous || signer >= sealers.length) return false;
    previous = signer;
  }
  return votes.every(({ signer, signature }) => {
    const { epoch, height, view, digest: prepared } = claim;
    const envelope = { kind: 'prepare', epoch, height, view, signer, digest: prepared } as const;
    const digest = envelopeDigest(replica.crypto, replica.group, envelope);
    return replica.signatures.verify(sealers[signer]!, digest, signature);
  });
}

export function preparedKey(height: number): string {
  return `prepared.${height}`;
}

export function isPreparedKey(key: string): boolean {
  return key.startsWith('prepared.');
}

export function encodePrepared(certificate: PreparedCertificate): Uint8Array {
  const writer = new BinaryWriter(1024).u8(RECORD_VERSION).u64(certificate.view).bytes(certificate.digest);
  writeVotes(writer, certificate.votes);
  writeProposal(writer, certificate.proposal);
  return writer.finish();
}

export function decodePrepared(bytes: Uint8Array): Result<PreparedCertificate> {
  const reader = new BinaryReader(bytes);
  if (reader.u8() !== RECORD_VERSION) return failure('UnknownVersion');
  const view = readCounter(reader);
  const digest = reader.bytes(32);
  const votes = readVotes(reader);
  const proposal = readProposal(reader);
  const decoded = reader.result({ height: proposal.height, view, digest, votes, proposal });
  return decoded.ok ? success(decoded.value) : failure(decoded.reason);
}

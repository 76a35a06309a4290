/** That a block is of a chain: its header and the signatures of its sealers. Told in docs/interchain.md, "What is proven". */
import { failure, type Result, success } from '@menglian/base/result';
import { encodeRlp, encodeRlpList, rlpInteger } from '@menglian/codec/rlp';
import { decodeRlpRecord, type RlpCursor, type RlpReason } from '@menglian/codec/rlpCursor';
import { certificateSize, honestWitnessSize, type QuorumRule } from '@menglian/consensus-core/quorum';
import { fromHex } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { NodeId } from '@menglian/types/address';
import type { BlockSignature } from '@menglian/types/block';
import { type BlockHeader, encodeHeader, headerHash, readHeader } from '@menglian/types/header';
import { MAX_SEALERS, MAX_SIGNATURE_BYTES } from '@menglian/types/limits';

export interface HeaderProof {
  readonly header: BlockHeader;
  /** Of the header's hash, by sealers of its list. */
  readonly signatures: readonly BlockSignature[];
}

/** What is believed without proof. */
export interface HeaderTrust {
  /** Node ids of an earlier block of the chain. */
  readonly sealers: readonly NodeId[];
  readonly rule: QuorumRule;
}

export type HeaderProblem =
  /** Block 0 is not signed; it is known by its hash. */
  | 'genesis'
  /** A signature is of nobody, of someone who signed before, or not right. */
  | 'signature'
  /** Too few of its own sealers signed it. */
  | 'quorum'
  /** Its sealers are others than those that are trusted, and too few of those signed it. */
  | 'untrusted';

/** RLP of the header and of a list of [index, signature]. */
export function encodeHeaderProof({ header, signatures }: HeaderProof): Uint8Array {
  return encodeRlpList(
    encodeHeader(header),
    encodeRlp(signatures.map(({ index, signature }) => [rlpInteger(index), signature])),
  );
}

/** @param bytes kept as views by the result */
export function decodeHeaderProof(bytes: Uint8Array): Result<HeaderProof, RlpReason> {
  return decodeRlpRecord(bytes, readHeaderProof);
}

/** Reads the items of one proof. */
export function readHeaderProof(items: RlpCursor): HeaderProof {
  const header = items.record(readHeader);
  const signatures: BlockSignature[] = [];
  items.list(MAX_SEALERS, (list) => signatures.push(list.record(readSignature)));
  return { header, signatures };
}

function readSignature(items: RlpCursor): BlockSignature {
  const index = items.safeInteger();
  const signature = items.string();
  if (signature.length > MAX_SIGNATURE_BYTES) items.fail('WrongLength');
  return { index, signature };
}

/**
 * How many of so many trusted sealers must have signed a header whose sealers are others: one of them is honest, for a chain has
 * at most f that are not. Where f is 0 it takes two nevertheless, so that no member of a small chain decides alone who the others are.
 */
export function witnessSize(sealers: number): number {
  return Math.max(honestWitnessSize(sealers), Math.min(2, sealers));
}

/**
 * Whether a quorum of its sealers signed the header and its sealers can be believed: they are the trusted ones, or enough of the trusted
 * ones signed too. An honest sealer signs only what its chain decided, so from there on the header's sealers can be trusted.
 * @returns the header's hash. Pure.
 */
export function checkHeaderProof(
  suite: CryptoSuite,
  { header, signatures }: HeaderProof,
  { sealers, rule }: HeaderTrust,
): Result<Uint8Array, HeaderProblem> {
  if (header.number === 0 || header.sealerList.length === 0) return failure('genesis');
  // Whatever can be seen without cryptography comes first: who hands over rubbish gets no signature checked.
  const own = new Set(header.sealerList);
  if (own.size !== header.sealerList.length) return failure('quorum');
  const signers = new Set(signatures.map(({ index }) => header.sealerList[index]));
  if (signers.has(undefined)) return failure('signature');
  if (signers.size < certificateSize(rule, own.size)) return failure('quorum');
  if (signers.size < signatures.length) return failure('signature');
  if (!isSameList(header.sealerList, sealers)) {
    const trusted = new Set(sealers);
    const witnesses = [...trusted].filter((nodeId) => signers.has(nodeId)).length;
    if (trusted.size === 0 || witnesses < witnessSize(trusted.size)) return failure('untrusted');
  }
  const hash = headerHash(suite, header);
  const isSigned = signatures.every(({ index, signature }) =>
    suite.verify(hash, signature, fromHex(header.sealerList[index]!)),
  );
  return isSigned ? success(hash) : failure('signature');
}

/** @param sealers in any order; a header's are in theirs */
function isSameList(list: readonly NodeId[], sealers: readonly NodeId[]): boolean {
  if (list.length !== sealers.length) return false;
  const trusted = new Set(sealers);
  return list.every((nodeId) => trusted.has(nodeId));
}

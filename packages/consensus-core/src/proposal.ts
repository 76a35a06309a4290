import { fromHex, toHex, utf8Bytes } from '@menglian/base/bytes';
import { type BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import { MAX_COUNTER, MAX_PROPOSAL_TRANSACTIONS, MAX_SEALERS } from './limits.js';
import type { ConsensusCrypto, Proposal } from './ports.js';

/** Separates what is hashed here from everything else that this key or this hash is used for. */
const PROPOSAL_DOMAIN = utf8Bytes('menglian/proposal/2');

/** The chain and group that a digest is bound to, so that nothing signed in one can be replayed in another. */
export interface GroupIdentity {
  readonly chainId: bigint;
  readonly groupId: number;
}

export function writeProposal(writer: BinaryWriter, proposal: Proposal): void {
  writer.u64(proposal.height);
  writer.bytes(proposal.parentDigest);
  writer.u64(proposal.epoch);
  writer.u64(proposal.timestampMs);
  writer.u16(proposal.sealer);
  writer.u32(proposal.sealers.length);
  for (const sealer of proposal.sealers) writer.bytes(fromHex(sealer));
  writer.u32(proposal.transactionHashes.length);
  for (const hash of proposal.transactionHashes) writer.bytes(hash);
}

/** Reads what `writeProposal` wrote. On anything else the reader has failed and the value means nothing. */
export function readProposal(reader: BinaryReader): Proposal {
  const height = readCounter(reader);
  const parentDigest = reader.bytes(32);
  const epoch = readCounter(reader);
  const timestampMs = reader.u64();
  const sealer = reader.u16();
  const sealers = readList(reader, MAX_SEALERS, 64).map(toHex);
  const transactionHashes = readList(reader, MAX_PROPOSAL_TRANSACTIONS, 32);
  return { height, parentDigest, epoch, timestampMs, sealer, sealers, transactionHashes };
}

/** A height or a view: bounded, so that sums of them stay safe integers. */
export function readCounter(reader: BinaryReader): number {
  const value = reader.u64();
  if (value > MAX_COUNTER) reader.fail('BadValue');
  return value;
}

function readList(reader: BinaryReader, maximum: number, itemBytes: number): Uint8Array[] {
  const items: Uint8Array[] = [];
  for (let left = reader.count(maximum, itemBytes); left > 0; left--) items.push(reader.bytes(itemBytes));
  return items;
}

/**
 * What prepare and commit votes name. A function of the content alone: the same content proposed again in a later view
 * has the same digest.
 */
export function proposalDigest(
  crypto: Pick<ConsensusCrypto, 'hash'>,
  group: GroupIdentity,
  proposal: Proposal,
): Uint8Array {
  const writer = new BinaryWriter();
  writer.blob(PROPOSAL_DOMAIN);
  writer.bigint256(group.chainId);
  writer.u32(group.groupId);
  writeProposal(writer, proposal);
  return crypto.hash(writer.finish());
}

/** The trivial chain that simulated replicas store: execution is a hash, a transaction is its hash. */
import { equalBytes, toHex, utf8Bytes } from '@menglian/base/bytes';
import { BinaryWriter } from '@menglian/codec/binary';
import type { Proposal } from '@menglian/consensus-core/ports';
import { proposalDigest } from '@menglian/consensus-core/proposal';
import type { NodeId } from '@menglian/types/address';
import type { BlockSignature } from '@menglian/types/block';
import { type ClusterKeys, fakeHash } from './fakeCrypto.js';

export interface SimulatedBlock {
  readonly height: number;
  readonly hash: Uint8Array;
  readonly proposal: Proposal;
  readonly signatures: readonly BlockSignature[];
}

export const SIMULATED_GROUP = { chainId: 1n, groupId: 1 };

export const GENESIS_HASH = fakeHash(utf8Bytes('genesis'));

/** Digest of the proposal of a block; of none, which is block 0, its hash. */
export function orderDigest(keys: ClusterKeys, block: SimulatedBlock | undefined): Uint8Array {
  return block === undefined ? GENESIS_HASH : proposalDigest(keys, SIMULATED_GROUP, block.proposal);
}

/** Transactions whose first byte is this break a rule; honest replicas refuse blocks that hold one. */
const INVALID_MARK = 0xff;

export function transactionHash(number: number): Uint8Array {
  const hash = fakeHash(new BinaryWriter().u32(number).finish());
  if (hash[0] === INVALID_MARK) hash[0] = 0;
  return hash;
}

export function invalidTransactionHash(number: number): Uint8Array {
  const hash = transactionHash(number);
  hash[0] = INVALID_MARK;
  return hash;
}

export function isInvalidTransaction(hash: Uint8Array): boolean {
  return hash[0] === INVALID_MARK;
}

/** Execution: the header hash is a function of the parent and of the content that the proposer fixed. */
export function executedHeaderHash(proposal: Proposal): Uint8Array {
  const writer = new BinaryWriter();
  writer.bytes(utf8Bytes('header')).u64(proposal.height).bytes(proposal.parentDigest).u64(proposal.timestampMs);
  writer.u16(proposal.sealer);
  for (const hash of proposal.transactionHashes) writer.bytes(hash);
  return fakeHash(writer.finish());
}

/**
 * Whether a block carries what makes it final, checked with nothing of the engine's: its own counting, its own quorum.
 */
export function isCertified(keys: ClusterKeys, block: SimulatedBlock, sealers: readonly NodeId[]): boolean {
  if (!equalBytes(executedHeaderHash(block.proposal), block.hash)) return false;
  const signers = new Set<number>();
  for (const { index, signature } of block.signatures) {
    const sealer = sealers[index];
    if (sealer === undefined || !keys.verify(sealer, block.hash, signature)) return false;
    signers.add(index);
  }
  return signers.size === block.signatures.length && 3 * signers.size > 2 * sealers.length;
}

export function describeHash(hash: Uint8Array | undefined): string {
  return hash === undefined ? '-' : toHex(hash.subarray(0, 3));
}

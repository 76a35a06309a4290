import { equalBytes } from '@menglian/base/bytes';
import { failure, type Result, success } from '@menglian/base/result';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { checkHeaderProof, type HeaderProblem, type HeaderTrust } from '@menglian/interchain/headerProof';
import { bloomOf } from '@menglian/types/bloom';
import { merkleRoot } from '@menglian/types/merkle';
import { receiptHash } from '@menglian/types/receipt';
import { bytesOf, type Hash, hexOf } from '../hex.js';
import { chainReceipt, headerProofOf } from '../proof/chainObjects.js';
import type { BatchReceipts, BlockHeader, Receipt } from '../rpc/shapes.js';

const HEADER_PROBLEMS: Readonly<Record<HeaderProblem, string>> = {
  genesis: 'the header has no sealers',
  signature: 'a signature of the header does not hold',
  quorum: 'too few sealers signed the header',
  untrusted: 'the sealers are others than before, and too few of those before signed',
};

/** What a block is checked against. */
export interface ChainPlace {
  /** Height and hash of the block before. */
  readonly number: number;
  readonly hash: Hash;
  readonly trust: HeaderTrust;
}

/** Whether the block follows that place and a quorum signed it. @returns its own place, or what is wrong. Pure. */
export function followHeader(suite: CryptoSuite, header: BlockHeader, before: ChainPlace): Result<ChainPlace> {
  if (header.number !== before.number + 1) return failure(`the header is of block ${header.number}`);
  if (header.parentHash !== before.hash) return failure('the header names another parent');
  const proven = proveSignedHeader(suite, header, before.trust);
  if (!proven.ok) return proven;
  const trust = { ...before.trust, sealers: header.sealerList };
  return success({ number: header.number, hash: header.hash, trust });
}

/** Whether the header has its hash and a quorum signed it that may be believed. Pure. */
function proveSignedHeader(suite: CryptoSuite, header: BlockHeader, trust: HeaderTrust): Result<void> {
  const checked = checkHeaderProof(suite, headerProofOf(header), trust);
  if (!checked.ok) return failure(HEADER_PROBLEMS[checked.reason]);
  if (hexOf(checked.value) !== header.hash) return failure('the hash is not of the header');
  return success(undefined);
}

type BatchReceipt = BatchReceipts['receipts'][number];

/**
 * The hash of a receipt of a batch, which leaves out what follows from the block and the logs.
 * @param header proven. Where the chain charges gas the batch is not enough: what remains is not in it. Pure.
 */
export function batchReceiptHash(suite: CryptoSuite, receipt: BatchReceipt, header: BlockHeader): Uint8Array {
  const { hash: blockHash, number: blockNumber, stateRoot: root } = header;
  const bare = chainReceipt({ ...receipt, blockHash, blockNumber, root, input: '0x', logsBloom: '0x', remainGas: 0n });
  return receiptHash(suite, { ...bare, logsBloom: bloomOf(suite, bare.logs) });
}

/** The hash of a whole receipt. Pure. */
export function wholeReceiptHash(suite: CryptoSuite, receipt: Receipt): Uint8Array {
  return receiptHash(suite, chainReceipt(receipt));
}

/** Whether these are all leaves of the tree with this root, in order. Pure. */
export function areAllLeaves(suite: CryptoSuite, hashes: readonly Uint8Array[], root: Hash): boolean {
  return equalBytes(merkleRoot(suite, hashes), bytesOf(root, 'the root'));
}

/** That a transaction of a block had this receipt: the siblings up to the header's receiptsRoot. */
import { encodeRlp, encodeRlpList, rlpInteger } from '@menglian/codec/rlp';
import type { RlpCursor } from '@menglian/codec/rlpCursor';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { MAX_MERKLE_LEVELS } from '@menglian/types/limits';
import { type MerkleProofLevel, verifyMerkleProof } from '@menglian/types/merkle';
import { encodeReceipt, readReceipt, type Receipt, receiptHash } from '@menglian/types/receipt';

/** A node of the tree has 16 children. */
const SIBLINGS_MAX = 15;

export interface ReceiptProof {
  readonly receipt: Receipt;
  /** Of the transaction in its block. */
  readonly index: number;
  readonly levels: readonly MerkleProofLevel[];
}

/** RLP of the receipt, its index, and a list of [left siblings, right siblings]. */
export function encodeReceiptProof({ receipt, index, levels }: ReceiptProof): Uint8Array {
  return encodeRlpList(
    encodeReceipt(receipt),
    encodeRlp(rlpInteger(index)),
    encodeRlp(levels.map(({ left, right }) => [left, right])),
  );
}

/** Reads the items of one proof. */
export function readReceiptProof(items: RlpCursor): ReceiptProof {
  const receipt = items.record(readReceipt);
  const index = items.safeInteger();
  const levels: MerkleProofLevel[] = [];
  items.list(MAX_MERKLE_LEVELS, (list) => levels.push(list.record(readLevel)));
  return { receipt, index, levels };
}

function readLevel(items: RlpCursor): MerkleProofLevel {
  const [left, right]: [Uint8Array[], Uint8Array[]] = [[], []];
  items.list(SIBLINGS_MAX, (list) => left.push(list.string()));
  items.list(SIBLINGS_MAX, (list) => right.push(list.string()));
  return { left, right };
}

/** @param receiptsRoot of a header that was proven before. Pure. */
export function checkReceiptProof(suite: CryptoSuite, proof: ReceiptProof, receiptsRoot: Uint8Array): boolean {
  return verifyMerkleProof(suite, proof.index, receiptHash(suite, proof.receipt), proof.levels, receiptsRoot);
}

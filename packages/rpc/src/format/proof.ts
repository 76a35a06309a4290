import type { CryptoSuite } from '@menglian/crypto/suite';
import { merkleProof } from '@menglian/types/merkle';
import { receiptHash } from '@menglian/types/receipt';
import type { Json } from '../json.js';
import type { BlockView } from '../ports.js';
import { bareHex } from './quantity.js';

/** That a transaction is in its block: one level of siblings after the other (docs/formats.md, "transactionsRoot and receiptsRoot"). */
export function transactionProof(suite: CryptoSuite, block: BlockView, index: number): Json {
  return proof(suite, block, index, (each) => block.transactionHash(each));
}

/** The same for its receipt. */
export function receiptProof(suite: CryptoSuite, block: BlockView, index: number): Json {
  return proof(suite, block, index, (each) => receiptHash(suite, block.receipt(each)));
}

function proof(suite: CryptoSuite, block: BlockView, index: number, hashOf: (index: number) => Uint8Array): Json {
  const leaves = Array.from({ length: block.transactionCount }, (_, each) => hashOf(each));
  return merkleProof(suite, leaves, index).map(({ left, right }) => ({
    left: left.map(bareHex),
    right: right.map(bareHex),
  }));
}

import { merkleProof } from '@menglian/types/merkle';
import { receiptHash } from '@menglian/types/receipt';
import type { SignedTransaction } from '@menglian/types/transaction';
import { RpcFailure, TRANSACTION_INDEX_OUT_OF_RANGE, internalError, type Outcome } from '../errors.js';
import { bareHex, bytesText, quantity } from '../format/quantity.js';
import { receiptJson } from '../format/receipt.js';
import { transactionJson, type Position } from '../format/transaction.js';
import type { Json } from '../json.js';
import { bytesParameter, hashParameter, integerParameter } from '../parameters.js';
import type { BlockView, GroupView } from '../ports.js';
import { existingNumber, numberOfHash, storedBlock } from './find.js';
import { outcomeOf, type GroupMethod } from './groupMethod.js';

interface Found {
  readonly transaction: SignedTransaction;
  readonly position: Position;
}

function findTransaction(view: GroupView, hashText: string): Found | undefined {
  const place = view.locate(hashParameter(hashText));
  if (place === undefined) return undefined;
  const block = storedBlock(view, place.number);
  return {
    transaction: block.signedTransaction(place.index),
    position: { blockHash: block.hash, blockNumber: place.number, index: place.index },
  };
}

function transactionAt(view: GroupView, number: number, indexText: string): Json {
  const block = storedBlock(view, number);
  const index = integerParameter(indexText);
  if (index >= BigInt(block.transactionCount)) throw new RpcFailure(TRANSACTION_INDEX_OUT_OF_RANGE);
  const position = { blockHash: block.hash, blockNumber: number, index: Number(index) };
  return transactionJson(view.suite, block.signedTransaction(position.index), position);
}

/** One hash for each transaction of the block that holds the transaction. */
function leaves(
  view: GroupView,
  { position }: Found,
  hashOf: (block: BlockView, index: number) => Uint8Array,
): Uint8Array[] {
  const block = storedBlock(view, position.blockNumber);
  return Array.from({ length: block.transactionCount }, (_, index) => hashOf(block, index));
}

function proofJson(view: GroupView, leafHashes: readonly Uint8Array[], index: number): Json {
  return merkleProof(view.suite, leafHashes, index).map(({ left, right }) => ({
    left: left.map(bareHex),
    right: right.map(bareHex),
  }));
}

function foundReceipt(view: GroupView, { transaction, position }: Found): Json {
  const receipt = storedBlock(view, position.blockNumber).receipt(position.index);
  return receiptJson(receipt, transaction, position);
}

/** Signatures of many are checked at once, so calls that stand side by side are taken together. */
function submitMany(view: GroupView, calls: readonly (readonly string[])[]): Outcome[] {
  const outcomes: Outcome[] = Array.from({ length: calls.length });
  const raws: Uint8Array[] = [];
  const places: number[] = [];
  for (const [place, params] of calls.entries()) {
    const problem = outcomeOf(() => {
      raws.push(bytesParameter(params[0]!));
      places.push(place);
      return null;
    });
    if (!problem.ok) outcomes[place] = problem;
  }
  for (const [index, submitted] of view.submitAll(raws).entries()) {
    outcomes[places[index]!] = submitted.ok
      ? { ok: true, json: `"${bytesText(submitted.value)}"` }
      : { ok: false, error: internalError(submitted.reason.comment, submitted.reason.advice) };
  }
  return outcomes;
}

const SUBMIT: GroupMethod = { params: ['string'], runMany: submitMany };

/** Methods that send and read transactions and their receipts (docs/json-rpc.md). */
export const TRANSACTION_METHODS: Readonly<Record<string, GroupMethod>> = {
  sendRawTransaction: SUBMIT,
  sendRawTransactionAndGetProof: SUBMIT,
  getTransactionByHash: {
    params: ['string'],
    run: (view, hash: string) => {
      const found = findTransaction(view, hash);
      return found === undefined ? null : transactionJson(view.suite, found.transaction, found.position);
    },
  },
  getTransactionByBlockHashAndIndex: {
    params: ['string', 'string'],
    run: (view, hash: string, index: string) => transactionAt(view, numberOfHash(view, hash), index),
  },
  getTransactionByBlockNumberAndIndex: {
    params: ['string', 'string'],
    run: (view, number: string, index: string) => transactionAt(view, existingNumber(view, number), index),
  },
  getTransactionReceipt: {
    params: ['string'],
    run: (view, hash: string) => {
      const found = findTransaction(view, hash);
      return found === undefined ? null : foundReceipt(view, found);
    },
  },
  getTransactionByHashWithProof: {
    params: ['string'],
    run: (view, hash: string) => {
      const found = findTransaction(view, hash);
      if (found === undefined) return null;
      const hashes = leaves(view, found, (block, index) => block.transactionHash(index));
      return {
        transaction: transactionJson(view.suite, found.transaction, found.position),
        txProof: proofJson(view, hashes, found.position.index),
      };
    },
  },
  getTransactionReceiptByHashWithProof: {
    params: ['string'],
    run: (view, hash: string) => {
      const found = findTransaction(view, hash);
      if (found === undefined) return null;
      const hashes = leaves(view, found, (block, index) => receiptHash(view.suite, block.receipt(index)));
      return {
        receiptProof: proofJson(view, hashes, found.position.index),
        transactionReceipt: foundReceipt(view, found),
      };
    },
  },
  getPendingTransactions: {
    params: [],
    forNonMembers: true,
    run: (view) => view.pendingTransactions().map((transaction) => transactionJson(view.suite, transaction, undefined)),
  },
  getPendingTxSize: { params: [], forNonMembers: true, run: (view) => quantity(view.pendingCount()) },
  getTotalTransactionCount: {
    params: [],
    run: (view) => {
      const { blockNumber, transactions, failed } = view.totals();
      return { blockNumber: quantity(blockNumber), failedTxSum: quantity(failed), txSum: quantity(transactions) };
    },
  },
};

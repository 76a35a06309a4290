import { invariant } from '@menglian/base/invariant';
import { failure, type Result } from '@menglian/base/result';
import { TransactionStatus } from '@menglian/types/status';
import type { SignedTransaction } from '@menglian/types/transaction';
import { NOT_A_MEMBER, RpcFailure, TRANSACTION_INDEX_OUT_OF_RANGE, internalError, type Outcome } from '../errors.js';
import { receiptProof, transactionProof } from '../format/proof.js';
import { bytesText, quantity } from '../format/quantity.js';
import { receiptJson } from '../format/receipt.js';
import { transactionJson, type Position } from '../format/transaction.js';
import type { Json } from '../json.js';
import { bytesParameter, hashParameter, integerParameter } from '../parameters.js';
import type { GroupRequest, GroupView, ReceiptWatches, SubmitRefusal } from '../ports.js';
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

function foundReceipt(view: GroupView, { transaction, position }: Found): Json {
  const receipt = storedBlock(view, position.blockNumber).receipt(position.index);
  return receiptJson(receipt, transaction, position);
}

/** Signatures of many are checked at once, so requests that stand side by side are taken together. */
function submitMany(
  view: GroupView,
  requests: readonly GroupRequest[],
  watches: ReceiptWatches | undefined,
): Outcome[] {
  const isMember = view.isMember();
  const outcomes: Outcome[] = Array.from({ length: requests.length });
  const raws: Uint8Array[] = [];
  const places: number[] = [];
  for (const [place, { params, watch }] of requests.entries()) {
    if (!isMember && watch?.isAsync !== true) {
      outcomes[place] = { ok: false, error: NOT_A_MEMBER };
      continue;
    }
    const problem = outcomeOf(() => {
      raws.push(bytesParameter(params[0] as string));
      places.push(place);
      return null;
    });
    if (!problem.ok) outcomes[place] = problem;
  }
  const submitted = isMember ? view.submitAll(raws) : raws.map(() => failure(OUTSIDE));
  for (const [index, result] of submitted.entries()) {
    const place = places[index]!;
    outcomes[place] = answerSubmit(view, requests[place]!, raws[index]!, result, watches);
  }
  return outcomes;
}

/** What a caller that wants receipts gets from a node outside the group. */
const OUTSIDE: SubmitRefusal = { status: TransactionStatus.RequestNotBelongToTheGroup, comment: '', advice: '' };

function answerSubmit(
  { suite }: GroupView,
  { method, watch }: GroupRequest,
  raw: Uint8Array,
  submitted: Result<Uint8Array, SubmitRefusal>,
  watches: ReceiptWatches | undefined,
): Outcome {
  invariant(watch === undefined || watches !== undefined, 'rpc/watches', 'a request wants a receipt');
  if (submitted.ok) {
    if (watch !== undefined) watches!.await(submitted.value, watch.number, method === WITH_PROOF);
    return { ok: true, json: `"${bytesText(submitted.value)}"` };
  }
  const { status, comment, advice } = submitted.reason;
  if (watch?.isAsync === true && status !== undefined) {
    watches!.refuse(watch.number, status);
    return { ok: true, json: `"${bytesText(suite.hash(raw))}"` };
  }
  return { ok: false, error: internalError(comment, advice) };
}

const WITH_PROOF = 'sendRawTransactionAndGetProof';

const SUBMIT: GroupMethod = { params: ['string'], forNonMembers: true, runMany: submitMany };

/** Methods that send and read transactions and their receipts (docs/json-rpc.md). */
export const TRANSACTION_METHODS: Readonly<Record<string, GroupMethod>> = {
  sendRawTransaction: SUBMIT,
  [WITH_PROOF]: SUBMIT,
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
      const block = storedBlock(view, found.position.blockNumber);
      return {
        transaction: transactionJson(view.suite, found.transaction, found.position),
        txProof: transactionProof(view.suite, block, found.position.index),
      };
    },
  },
  getTransactionReceiptByHashWithProof: {
    params: ['string'],
    run: (view, hash: string) => {
      const found = findTransaction(view, hash);
      if (found === undefined) return null;
      const block = storedBlock(view, found.position.blockNumber);
      return {
        receiptProof: receiptProof(view.suite, block, found.position.index),
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

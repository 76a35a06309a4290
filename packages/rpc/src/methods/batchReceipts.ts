import { deflateSync } from 'node:zlib';
import { BLOCK_NUMBER_NOT_FOUND, RpcFailure, receiptIndexOutOfRange } from '../errors.js';
import { bytesText, quantity } from '../format/quantity.js';
import { batchReceiptJson } from '../format/receipt.js';
import { canonicalJson, type Json } from '../json.js';
import { integerParameter } from '../parameters.js';
import type { GroupView } from '../ports.js';
import { existingNumber, numberOfHash, storedBlock } from './find.js';
import type { GroupMethod } from './groupMethod.js';

/** A count that means "to the end". */
const ALL = '-1';

function batch(view: GroupView, number: number, fromText: string, countText: string, isCompressed: boolean): Json {
  const block = storedBlock(view, number);
  const { header, hash, transactionCount } = block;
  const from = integerParameter(fromText);
  if (from >= BigInt(transactionCount)) throw new RpcFailure(receiptIndexOutOfRange(transactionCount));
  const first = Number(from);
  const rest = BigInt(transactionCount - first);
  const count = countText === ALL ? rest : integerParameter(countText);
  const end = first + Number(count < rest ? count : rest);
  const entries: Json[] = [];
  for (let index = first; index < end; index++) {
    entries.push(batchReceiptJson(block.receipt(index), block.signedTransaction(index), index));
  }
  const result: Json = {
    blockInfo: {
      blockHash: bytesText(hash),
      blockNumber: quantity(number),
      receiptRoot: bytesText(header.receiptsRoot),
      receiptsCount: quantity(transactionCount),
    },
    ...(entries.length > 0 ? { transactionReceipts: entries } : {}),
  };
  return isCompressed ? deflateSync(`${canonicalJson(result)}\n`).toString('base64') : result;
}

/** Receipts of one block, many at once. An unknown hash answers -40004 too, as in 2.x. */
export const BATCH_RECEIPT_METHODS: Readonly<Record<string, GroupMethod>> = {
  getBatchReceiptsByBlockNumberAndRange: {
    params: ['string', 'string', 'string', 'boolean'],
    run: (view, number: string, from: string, count: string, isCompressed: boolean) =>
      batch(view, existingNumber(view, number), from, count, isCompressed),
  },
  getBatchReceiptsByBlockHashAndRange: {
    params: ['string', 'string', 'string', 'boolean'],
    run: (view, hash: string, from: string, count: string, isCompressed: boolean) =>
      batch(view, numberOfHash(view, hash, BLOCK_NUMBER_NOT_FOUND), from, count, isCompressed),
  },
};

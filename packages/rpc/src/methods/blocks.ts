import { headerMembers, signatureList } from '../format/header.js';
import { bytesText, quantity } from '../format/quantity.js';
import { transactionJson } from '../format/transaction.js';
import type { Json } from '../json.js';
import type { GroupView } from '../ports.js';
import { existingNumber, numberOfHash, storedBlock } from './find.js';
import type { GroupMethod } from './groupMethod.js';

function blockJson(view: GroupView, number: number, isFull: boolean): Json {
  const block = storedBlock(view, number);
  const { header, hash, signatures, transactionCount } = block;
  return {
    ...headerMembers(header, hash),
    number: quantity(number),
    ...(isFull ? { signatureList: signatureList(signatures) } : {}),
    transactions: Array.from({ length: transactionCount }, (_, index) =>
      isFull
        ? transactionJson(view.suite, block.signedTransaction(index), { blockHash: hash, blockNumber: number, index })
        : bytesText(block.transactionHash(index)),
    ),
  };
}

function headerJson(view: GroupView, number: number, withSignatures: boolean): Json {
  const { header, hash, signatures } = storedBlock(view, number);
  const members = { ...headerMembers(header, hash), number };
  return withSignatures ? { ...members, signatureList: signatureList(signatures) } : members;
}

/** Methods that read blocks and headers (docs/json-rpc.md). */
export const BLOCK_METHODS: Readonly<Record<string, GroupMethod>> = {
  getBlockNumber: { params: [], run: (view) => quantity(view.blockNumber()) },
  getBlockByHash: {
    params: ['string', 'boolean'],
    run: (view, hash: string, isFull: boolean) => blockJson(view, numberOfHash(view, hash), isFull),
  },
  getBlockByNumber: {
    params: ['string', 'boolean'],
    run: (view, number: string, isFull: boolean) => blockJson(view, existingNumber(view, number), isFull),
  },
  getBlockHeaderByHash: {
    params: ['string', 'boolean'],
    run: (view, hash: string, withSignatures: boolean) => headerJson(view, numberOfHash(view, hash), withSignatures),
  },
  getBlockHeaderByNumber: {
    params: ['string', 'boolean'],
    run: (view, number: string, withSignatures: boolean) =>
      headerJson(view, existingNumber(view, number), withSignatures),
  },
  getBlockHashByNumber: {
    params: ['string'],
    run: (view, number: string) => bytesText(storedBlock(view, existingNumber(view, number)).hash),
  },
};

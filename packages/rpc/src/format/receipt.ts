import { ZERO_ADDRESS } from '@menglian/types/address';
import type { Log, Receipt } from '@menglian/types/receipt';
import { statusName } from '@menglian/types/status';
import type { SignedTransaction } from '@menglian/types/transaction';
import type { Json } from '../json.js';
import { addressText, bytesText, quantity } from './quantity.js';
import type { Position } from './transaction.js';

function logJson({ address, topics, data }: Log): Json {
  return { address: addressText(address), data: bytesText(data), topics: topics.map(bytesText) };
}

export function receiptJson(receipt: Receipt, transaction: SignedTransaction, position: Position): Json {
  return {
    blockHash: bytesText(position.blockHash),
    blockNumber: quantity(position.blockNumber),
    contractAddress: addressText(receipt.contractAddress),
    from: addressText(transaction.sender),
    gasUsed: quantity(receipt.gasUsed),
    input: bytesText(transaction.data),
    logs: receipt.logs.map(logJson),
    logsBloom: bytesText(receipt.logsBloom),
    output: bytesText(receipt.output),
    remainGas: quantity(receipt.remainGas),
    root: bytesText(receipt.stateRoot),
    status: quantity(receipt.status),
    statusMsg: statusName(receipt.status),
    to: addressText(transaction.to ?? ZERO_ADDRESS),
    transactionHash: bytesText(transaction.hash),
    transactionIndex: quantity(position.index),
  };
}

/** The shorter form of the batch methods. */
export function batchReceiptJson(receipt: Receipt, transaction: SignedTransaction, index: number): Json {
  return {
    contractAddress: addressText(receipt.contractAddress),
    from: addressText(transaction.sender),
    gasUsed: quantity(receipt.gasUsed),
    logs: receipt.logs.map(logJson),
    output: bytesText(receipt.output),
    status: quantity(receipt.status),
    to: addressText(transaction.to ?? ZERO_ADDRESS),
    transactionHash: bytesText(transaction.hash),
    transactionIndex: quantity(index),
  };
}

import type { CryptoSuite } from '@menglian/crypto/suite';
import { ZERO_ADDRESS } from '@menglian/types/address';
import { signatureOf, type SignedTransaction } from '@menglian/types/transaction';
import type { Json } from '../json.js';
import { addressText, bytesText, quantity } from './quantity.js';

/** Where a transaction stands in the chain. */
export interface Position {
  readonly blockHash: Uint8Array;
  readonly blockNumber: number;
  readonly index: number;
}

/** @param position undefined for a pending transaction, which then lacks the three members */
export function transactionJson(
  suite: CryptoSuite,
  transaction: SignedTransaction,
  position: Position | undefined,
): Json {
  const signature = signatureOf(suite, transaction);
  const onChain = position && {
    blockHash: bytesText(position.blockHash),
    blockNumber: quantity(position.blockNumber),
    transactionIndex: quantity(position.index),
  };
  return {
    ...onChain,
    blockLimit: quantity(transaction.blockLimit),
    chainId: quantity(transaction.chainId),
    extraData: bytesText(transaction.extraData),
    from: addressText(transaction.sender),
    gas: quantity(transaction.gas),
    gasPrice: quantity(transaction.gasPrice),
    groupId: quantity(transaction.groupId),
    hash: bytesText(transaction.hash),
    input: bytesText(transaction.data),
    nonce: quantity(transaction.nonce),
    signature: {
      r: bytesText(signature.subarray(0, 32)),
      s: bytesText(signature.subarray(32, 64)),
      signature: bytesText(signature),
      v: signature.length === 65 ? quantity(signature[64]!) : bytesText(signature.subarray(64)),
    },
    to: addressText(transaction.to ?? ZERO_ADDRESS),
    value: quantity(transaction.value),
  };
}

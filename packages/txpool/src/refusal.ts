import { TransactionStatus } from '@menglian/types/status';

/** Why the pool did not take a transaction. `word` is what 2.x SDKs look for in the error text of JSON-RPC. */
export interface Refusal {
  /** Spelled as 2.x spells it, its misspellings included. */
  readonly word: RefusalWord;
  /** Number of the same refusal in receipts pushed over the channel (docs/formats.md, status table). */
  readonly status: number;
  /** What to do about it, for a person. */
  readonly advice: string;
}

export type RefusalWord =
  | 'TransactionNonceCheckFail'
  | 'TxPoolNonceCheckFail'
  | 'TransactionAlreadyKown'
  | 'TransactionPoolIsFull'
  | 'OverGroupMemoryLimit'
  | 'InvalidChainId'
  | 'InvalidGroupId'
  | 'BlockLimitCheckFailed'
  | 'InvalidSignature'
  | 'TransactionRefused';

const REFUSALS: Readonly<Record<RefusalWord, Omit<Refusal, 'word'>>> = {
  TransactionNonceCheckFail: {
    status: TransactionStatus.NonceCheckFail,
    advice:
      'this nonce was used in one of the last 1000 blocks (or is 2^256 - 1, which is never taken); ' +
      'if you sent the transaction before, it is in the chain: ask for its receipt, else draw a new random nonce',
  },
  TxPoolNonceCheckFail: {
    status: TransactionStatus.NonceCheckFail,
    advice: 'another transaction that waits in the pool has this nonce; draw a new random nonce',
  },
  TransactionAlreadyKown: {
    status: TransactionStatus.AlreadyKnown,
    advice: 'this very transaction waits in the pool already; ask for its receipt',
  },
  TransactionPoolIsFull: {
    status: TransactionStatus.TxPoolIsFull,
    advice: 'the pool holds as many transactions as [tx_pool] limit allows; send again later, or slower',
  },
  OverGroupMemoryLimit: {
    status: TransactionStatus.OverGroupMemoryLimit,
    advice: 'the pool holds as many bytes as [tx_pool] memory_limit allows; send again later, or slower',
  },
  InvalidChainId: {
    status: TransactionStatus.InvalidChainId,
    advice: 'the transaction was signed for another chain; sign it with the chain id of this node ([chain] id)',
  },
  InvalidGroupId: {
    status: TransactionStatus.InvalidGroupId,
    advice: 'the transaction was signed for another group; sign it with the group id it is sent to',
  },
  BlockLimitCheckFailed: {
    status: TransactionStatus.BlockLimitCheckFail,
    advice:
      'the block limit must lie above the current block number and at most 1000 above it; ask getBlockNumber and add 500',
  },
  InvalidSignature: {
    status: TransactionStatus.MalformedTx,
    advice:
      'the signature does not belong to this transaction; check the key, the algorithm of the chain (of suite ecdsa also that s is low)',
  },
  TransactionRefused: {
    status: TransactionStatus.TransactionRefused,
    advice: 'working sealers are rotated by leaders alone, in their own blocks; change rpbft_epoch_sealer_num instead',
  },
};

export function refusal(word: RefusalWord): Refusal {
  return { word, ...REFUSALS[word] };
}

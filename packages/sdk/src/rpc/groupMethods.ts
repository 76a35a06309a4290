import { type Address, addressOf, type Hash, type Hex, ZERO_ADDRESS } from '../hex.js';
import { sdkError } from '../sdkError.js';
import { NodeMethods } from './nodeMethods.js';
import { bareHex, bytes, hash, integer, list, nullable, type Reader, text } from './reader.js';
import {
  type BatchReceipts,
  batchReceipts,
  type Block,
  block,
  type BlockHeader,
  blockHeader,
  type BlockWithHashes,
  blockWithHashes,
  type CallResult,
  callResult,
  type ConsensusStatus,
  consensusStatus,
  type PendingTransaction,
  pendingTransaction,
  type Receipt,
  receipt,
  type ReceiptWithProof,
  receiptWithProof,
  type SyncStatus,
  syncStatus,
  type Transaction,
  transaction,
  type TransactionCount,
  transactionCount,
  type TransactionWithProof,
  transactionWithProof,
} from './shapes.js';

/** A block by its number or its hash. */
export type BlockId = number | Hash;

/** Keys of `getSystemConfigByKey`. */
export type SystemConfigKey =
  | 'tx_count_limit'
  | 'tx_gas_limit'
  | 'rpbft_epoch_sealer_num'
  | 'rpbft_epoch_block_num'
  | 'consensus_timeout'
  | 'enable_charge_mgr';

export interface CallRequest {
  /** the zero address if not said */
  readonly from?: Address;
  readonly to: Address;
  readonly data: Hex;
}

export interface ReceiptRange {
  /** Index of the first, 0 if not said. */
  readonly from?: number;
  /** All from there on if not said. */
  readonly count?: number;
}

/** The methods that the group of this client answers. Each throws `SdkError`. */
export class GroupMethods extends NodeMethods {
  getBlockNumber(): Promise<number> {
    return this.#ask('getBlockNumber', [], integer);
  }

  /** With whole transactions and signatures. */
  getBlock(id: BlockId): Promise<Block> {
    return this.#ask(`getBlockBy${keyKind(id)}`, [keyText(id), true], block);
  }

  /** With the hashes of its transactions. */
  getBlockWithHashes(id: BlockId): Promise<BlockWithHashes> {
    return this.#ask(`getBlockBy${keyKind(id)}`, [keyText(id), false], blockWithHashes);
  }

  /** With the signatures of its sealers. */
  getBlockHeader(id: BlockId): Promise<BlockHeader> {
    return this.#ask(`getBlockHeaderBy${keyKind(id)}`, [keyText(id), true], blockHeader);
  }

  getBlockHash(blockNumber: number): Promise<Hash> {
    return this.#ask('getBlockHashByNumber', [keyText(blockNumber)], hash);
  }

  /** null: no block has it; transactions that wait are not looked at. */
  getTransaction(transactionHash: Hash): Promise<Transaction | null> {
    return this.#ask('getTransactionByHash', [transactionHash], nullable(transaction));
  }

  getTransactionAt(id: BlockId, index: number): Promise<Transaction> {
    const method = `getTransactionByBlock${keyKind(id)}AndIndex`;
    return this.#ask(method, [keyText(id), numberText(index, 'the index')], transaction);
  }

  /** null: no block has the transaction yet. */
  getReceipt(transactionHash: Hash): Promise<Receipt | null> {
    return this.#ask('getTransactionReceipt', [transactionHash], nullable(receipt));
  }

  getTransactionWithProof(transactionHash: Hash): Promise<TransactionWithProof | null> {
    return this.#ask('getTransactionByHashWithProof', [transactionHash], transactionWithProof);
  }

  getReceiptWithProof(transactionHash: Hash): Promise<ReceiptWithProof | null> {
    return this.#ask('getTransactionReceiptByHashWithProof', [transactionHash], receiptWithProof);
  }

  /** Receipts of one block, many at once; a block without transactions answers -40099. */
  getBatchReceipts(id: BlockId, { from = 0, count }: ReceiptRange = {}): Promise<BatchReceipts> {
    const countText = count === undefined ? '-1' : numberText(count, 'the count');
    const params = [keyText(id), numberText(from, 'the first index'), countText, false];
    return this.#ask(`getBatchReceiptsByBlock${keyKind(id)}AndRange`, params, batchReceipts);
  }

  getPendingTransactions(): Promise<readonly PendingTransaction[]> {
    return this.#ask('getPendingTransactions', [], list(pendingTransaction));
  }

  getPendingTransactionCount(): Promise<number> {
    return this.#ask('getPendingTxSize', [], integer);
  }

  getTransactionCount(): Promise<TransactionCount> {
    return this.#ask('getTotalTransactionCount', [], transactionCount);
  }

  /** `0x` where there is no contract. */
  getCode(address: Address): Promise<Hex> {
    return this.#ask('getCode', [addressOf(address)], bytes);
  }

  /** Runs without a transaction. A contract's failure is no error here: look at `status`. */
  call({ from = ZERO_ADDRESS, to, data }: CallRequest): Promise<CallResult> {
    const request = { from: addressOf(from, '`from`'), to: addressOf(to, '`to`'), data, value: '0x0' };
    return this.#ask('call', [request], callResult);
  }

  /** @param raw signed. @returns its hash; over HTTP after the node has checked it */
  sendRawTransaction(raw: Hex): Promise<Hash> {
    return this.#ask('sendRawTransaction', [raw], hash);
  }

  sendRawTransactionAndGetProof(raw: Hex): Promise<Hash> {
    return this.#ask('sendRawTransactionAndGetProof', [raw], hash);
  }

  /** What the next block will go by, as decimal text; empty if it was never set. */
  getSystemConfig(key: SystemConfigKey): Promise<string> {
    return this.#ask('getSystemConfigByKey', [key], text);
  }

  getSealerList(): Promise<readonly string[]> {
    return this.#ask('getSealerList', [], list(bareHex));
  }

  getObserverList(): Promise<readonly string[]> {
    return this.#ask('getObserverList', [], list(bareHex));
  }

  /** All sealers and observers, sorted. */
  getGroupPeers(): Promise<readonly string[]> {
    return this.#ask('getGroupPeers', [], list(bareHex));
  }

  /** The working sealers of an rPBFT group. */
  getEpochSealersList(): Promise<readonly string[]> {
    return this.#ask('getEpochSealersList', [], list(bareHex));
  }

  getPbftView(): Promise<number> {
    return this.#ask('getPbftView', [], integer);
  }

  getConsensusStatus(): Promise<ConsensusStatus> {
    return this.#ask('getConsensusStatus', [], consensusStatus);
  }

  getSyncStatus(): Promise<SyncStatus> {
    return this.#ask('getSyncStatus', [], syncStatus);
  }

  #ask<T>(method: string, params: readonly unknown[], reader: Reader<T>): Promise<T> {
    return this.ask(method, [this.groupId, ...params], reader);
  }
}

function keyKind(id: BlockId): 'Number' | 'Hash' {
  return typeof id === 'number' ? 'Number' : 'Hash';
}

function keyText(id: BlockId): string {
  return typeof id === 'number' ? numberText(id, 'the block number') : id;
}

function numberText(value: number, what: string): string {
  if (Number.isSafeInteger(value) && value >= 0) return `0x${value.toString(16)}`;
  throw sdkError('BadArgument', `${what} is ${value}`, 'give an integer that is not negative');
}

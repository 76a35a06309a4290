import { failure, type Result, success } from '@menglian/base/result';
import { MAX_BLOCK_TRANSACTIONS } from '@menglian/types/limits';
import type { Client } from '../client.js';
import { type Address, bytesOf, type Hash, hexOf } from '../hex.js';
import type { Log } from '../logs/log.js';
import type { BlockHeader } from '../rpc/shapes.js';
import { areAllLeaves, batchReceiptHash, type ChainPlace, followHeader, wholeReceiptHash } from './blockProof.js';
import type { Finding } from './finding.js';
import { type ChainOrigin, readOrigin } from './genesisTrust.js';

/** Blocks that are asked for before they are needed. */
const BLOCKS_AHEAD_MAX = 16;

/** Receipts of one answer. */
const RECEIPTS_AT_ONCE = 1000;

/** Whole receipts that are asked for at once, where a batch is not enough. */
const WHOLE_RECEIPTS_AT_ONCE = 500;

/** A block of which every receipt was seen, and what some contracts wrote in it. */
export interface ProvenBlock {
  readonly number: number;
  readonly hash: Hash;
  /** What its leader's clock said, milliseconds since 1970. */
  readonly timestampMs: number;
  /** Of the contracts that were asked for, in the order of the chain. */
  readonly logs: readonly Log[];
}

export interface ChainReaderOptions {
  /** Name of the chain in findings. */
  readonly label: string;
  /** Contracts whose logs are kept. */
  readonly addresses: readonly Address[];
  readonly onBlock?: (number: number, last: number) => void;
}

interface TransactionPlace {
  readonly header: BlockHeader;
  readonly transactionHash: Hash;
  /** In its block. */
  readonly index: number;
}

interface FetchedBlock {
  readonly header: BlockHeader;
  /** Of receipts and of transactions, in order. */
  readonly receiptHashes: readonly Uint8Array[];
  readonly transactionHashes: readonly Hash[];
  readonly logs: readonly Log[];
}

/**
 * Reads a chain from block 0 on and believes its node nothing: each header must follow the one before, be signed by a
 * quorum of sealers that can be believed, and the receipts told must be all that the header's root was made of.
 */
export class ChainReader {
  readonly #client: Client;
  readonly #options: ChainReaderOptions;
  #place: ChainPlace | undefined;

  constructor(client: Client, options: ChainReaderOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** Reads block 0: before anything else. @throws SdkError when the node does not answer */
  async open(): Promise<Result<ChainOrigin, Finding>> {
    const header = await this.#client.getBlockHeader(0);
    const origin = readOrigin(this.#client.suite, header);
    if (!origin.ok) return this.#notProven(0, origin.reason);
    this.#place = { number: 0, hash: origin.value.identity, trust: origin.value.trust };
    return origin;
  }

  /**
   * The blocks after those that were read, up to this one. Ends with the first that cannot be proven.
   * @throws SdkError when the node does not answer
   */
  async *blocks(last: number): AsyncGenerator<Result<ProvenBlock, Finding>> {
    const first = (this.#place?.number ?? 0) + 1;
    const ahead: Promise<Result<FetchedBlock>>[] = [];
    for (let number = first; number <= last; number++) {
      while (ahead.length < BLOCKS_AHEAD_MAX && number + ahead.length <= last) {
        const fetched = this.#fetch(number + ahead.length);
        // Looked at when its turn comes; by then another may have ended the reading.
        fetched.catch(() => {});
        ahead.push(fetched);
      }
      const proven = this.#prove(number, await ahead.shift()!);
      yield proven;
      if (!proven.ok) return;
      this.#options.onBlock?.(number, last);
    }
  }

  #prove(number: number, fetched: Result<FetchedBlock>): Result<ProvenBlock, Finding> {
    const { suite } = this.#client;
    if (this.#place === undefined) return this.#notProven(number, 'block 0 was not read');
    if (!fetched.ok) return this.#notProven(number, fetched.reason);
    const { header, receiptHashes, transactionHashes, logs } = fetched.value;
    const place = followHeader(suite, header, this.#place);
    if (!place.ok) return this.#notProven(number, place.reason);
    if (!areAllLeaves(suite, receiptHashes, header.receiptsRoot))
      return this.#notProven(number, 'the receipts are not those that the header commits to');
    const transactions = transactionHashes.map((hash) => bytesOf(hash, 'the transaction hash'));
    if (!areAllLeaves(suite, transactions, header.transactionsRoot))
      return this.#notProven(number, 'the transactions are not those that the header commits to');
    this.#place = place.value;
    return success({ number, hash: header.hash, timestampMs: header.timestamp, logs });
  }

  /** @returns a sentence where the node contradicts itself */
  async #fetch(number: number): Promise<Result<FetchedBlock>> {
    const { suite } = this.#client;
    const header = await this.#client.getBlockHeader(number);
    const receiptHashes: Uint8Array[] = [];
    const transactionHashes: Hash[] = [];
    const logs: Log[] = [];
    const isEmpty = header.receiptsRoot === hexOf(suite.emptyHash);
    for (let count = isEmpty ? 0 : 1; receiptHashes.length < count;) {
      const from = receiptHashes.length;
      const batch = await this.#client.getBatchReceipts(number, { from, count: RECEIPTS_AT_ONCE });
      if (batch.blockHash !== header.hash) return failure('the receipts are of another block than the header');
      if (batch.receipts.length === 0) return failure(`receipt ${from} is missing`);
      count = Math.min(batch.receiptsCount, MAX_BLOCK_TRANSACTIONS);
      for (const receipt of batch.receipts) {
        if (receipt.transactionIndex !== receiptHashes.length) return failure('the receipts are not in order');
        receiptHashes.push(batchReceiptHash(suite, receipt, header));
        transactionHashes.push(receipt.transactionHash);
        logs.push(
          ...this.#logsOf(receipt.logs, {
            header,
            transactionHash: receipt.transactionHash,
            index: receipt.transactionIndex,
          }),
        );
      }
    }
    if (areAllLeaves(suite, receiptHashes, header.receiptsRoot))
      return success({ header, receiptHashes, transactionHashes, logs });
    return this.#fetchWhole(header, transactionHashes);
  }

  /** Receipts one by one, with what batches leave out. */
  async #fetchWhole(header: BlockHeader, transactionHashes: readonly Hash[]): Promise<Result<FetchedBlock>> {
    const { suite } = this.#client;
    const receiptHashes: Uint8Array[] = [];
    const logs: Log[] = [];
    for (let from = 0; from < transactionHashes.length; from += WHOLE_RECEIPTS_AT_ONCE) {
      const wanted = transactionHashes.slice(from, from + WHOLE_RECEIPTS_AT_ONCE);
      for (const receipt of await Promise.all(wanted.map((hash) => this.#client.getReceipt(hash)))) {
        const index = receiptHashes.length;
        if (receipt === null) return failure(`receipt ${index} is missing`);
        receiptHashes.push(wholeReceiptHash(suite, receipt));
        logs.push(...this.#logsOf(receipt.logs, { header, transactionHash: transactionHashes[index]!, index }));
      }
    }
    return success({ header, receiptHashes, transactionHashes, logs });
  }

  /** Those of the contracts that were asked for, where they really are: what a receipt says of its place is not hashed. */
  #logsOf(logs: readonly Log[], { header, transactionHash, index }: TransactionPlace): readonly Log[] {
    const { hash: blockHash, number: blockNumber } = header;
    const place = { blockHash, blockNumber, transactionHash, transactionIndex: index };
    return logs.filter(({ address }) => this.#options.addresses.includes(address)).map((log) => ({ ...log, ...place }));
  }

  #notProven(blockNumber: number, subject: string): Result<never, Finding> {
    return failure({ code: 'not-proven', chain: this.#options.label, blockNumber, subject });
  }
}

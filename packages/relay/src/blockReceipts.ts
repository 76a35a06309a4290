/** Which transactions of a block spoke to other chains. */
import { chainOfReceipts, readSentMessage } from '@menglian/interchain/sentMessage';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Client } from '@menglian/sdk/client';
import { bareAddress, bytesOf, type Hash, hexOf } from '@menglian/sdk/hex';
import type { BatchReceipts } from '@menglian/sdk/rpc/shapes';
import { SdkError } from '@menglian/sdk/sdkError';
import type { Log } from '@menglian/types/receipt';
import { RECEIPTS_PER_REQUEST } from './limits.js';
import type { MessagePlace } from './ports.js';

export type BlockReceipt = BatchReceipts['receipts'][number];

/** Of a receipt in a bundle, besides output and logs: its bloom, other fields, and siblings of at most eight levels. */
const RECEIPT_OVERHEAD_BYTES = 5 * 1024;
/** Of a log, besides its data. */
const LOG_OVERHEAD_BYTES = 192;

/** JSON-RPC: no receipts there (docs/json-rpc.md, "Errors"). */
const NO_RECEIPTS = -40_099;

/** All of a block, some hundred a request. */
export async function receiptsOfBlock(client: Client, blockNumber: number): Promise<readonly BlockReceipt[]> {
  const all: BlockReceipt[] = [];
  for (;;) {
    const range = { from: all.length, count: RECEIPTS_PER_REQUEST };
    const { receipts, receiptsCount } = await client.getBatchReceipts(blockNumber, range).catch(noneWhereEmpty);
    all.push(...receipts);
    if (receipts.length === 0 || all.length >= receiptsCount) return all;
  }
}

function noneWhereEmpty(error: unknown): Pick<BatchReceipts, 'receipts' | 'receiptsCount'> {
  if (error instanceof SdkError && error.code === NO_RECEIPTS) return { receipts: [], receiptsCount: 0 };
  throw error;
}

/** @returns undefined for a transaction that sent the chain nothing */
export function messagePlace(suite: CryptoSuite, receipt: BlockReceipt, to: Hash): MessagePlace | undefined {
  const sent = logsOf(receipt)
    .map((log) => readSentMessage(suite, log))
    .filter((message) => message !== undefined && hexOf(message.chain) === to);
  const last = sent.at(-1)?.sequence;
  return last === undefined
    ? undefined
    : { transactionHash: receipt.transactionHash, last, bytes: bytesWithProof(receipt) };
}

/** Whether the receipt proves of which chain its block is. */
export function isMarked(suite: CryptoSuite, receipt: BlockReceipt): boolean {
  return chainOfReceipts(suite, [{ logs: logsOf(receipt) }]) !== undefined;
}

function logsOf({ logs }: BlockReceipt): readonly Log[] {
  return logs.map(({ address, topics, data }) => ({
    address: bareAddress(address),
    topics: topics.map((topic) => bytesOf(topic, 'a topic')),
    data: bytesOf(data, 'the data'),
  }));
}

function bytesWithProof({ output, logs }: BlockReceipt): number {
  const bytesOfLogs = logs.reduce((sum, { data }) => sum + LOG_OVERHEAD_BYTES + data.length / 2, 0);
  return RECEIPT_OVERHEAD_BYTES + output.length / 2 + bytesOfLogs;
}

import { readdirSync, readFileSync } from 'node:fs';
import { fromHex } from '@menglian/base/bytes';
import type { SuiteName } from '@menglian/crypto/suite';
import { ZERO_ADDRESS } from '@menglian/types/address';
import type { BlockHeader } from '@menglian/types/header';
import type { MerkleProofLevel } from '@menglian/types/merkle';
import type { Receipt } from '@menglian/types/receipt';
import type { TransactionFields } from '@menglian/types/transaction';

/** Headers, receipts, transactions and proofs of the recording, found by their shape whichever method answered them. */

interface JsonFields {
  readonly nonce: string;
  readonly gasPrice: string | number;
  readonly gas: string | number;
  readonly blockLimit: string | number;
  readonly to: string;
  readonly value: string | number;
  readonly input: string;
  readonly chainId: string | number;
  readonly groupId: string | number;
  readonly extraData: string;
}

export interface JsonTransaction extends JsonFields {
  readonly hash: string;
  readonly from: string;
  readonly blockHash: string;
  readonly transactionIndex: string;
  readonly signature: { readonly r: string; readonly s: string; readonly v: string; readonly signature: string };
}

export interface JsonHeader {
  readonly hash: string;
  readonly parentHash: string;
  readonly stateRoot: string;
  readonly transactionsRoot: string;
  readonly receiptsRoot: string;
  readonly dbHash: string;
  readonly logsBloom: string;
  readonly number: string | number;
  readonly gasLimit: string;
  readonly gasUsed: string;
  readonly timestamp: string;
  readonly extraData: readonly string[];
  readonly sealer: string;
  readonly sealerList: readonly string[];
  readonly signatureList?: readonly { readonly index: string; readonly signature: string }[];
  readonly transactions?: readonly (string | JsonTransaction)[];
}

export interface JsonReceipt {
  readonly transactionHash: string;
  readonly transactionIndex: string;
  readonly blockHash: string;
  readonly root: string;
  readonly gasUsed: string;
  readonly contractAddress: string;
  readonly logsBloom: string;
  readonly status: string;
  readonly statusMsg: string;
  readonly output: string;
  readonly remainGas: string;
  readonly logs: readonly { readonly address: string; readonly topics: readonly string[]; readonly data: string }[];
}

/** An entry of transactions.json. */
export interface TransactionVector {
  readonly description: string;
  readonly privateKey: string;
  readonly publicKey: string;
  readonly sender: string;
  readonly fields: JsonFields;
  readonly unsignedRlp: string;
  readonly signingHash: string;
  readonly signedRlp: string;
  readonly transactionHash: string;
  readonly error?: { readonly message: string };
}

type JsonProof = readonly { readonly left: readonly string[]; readonly right: readonly string[] }[];

export interface RecordedFormats {
  readonly vectors: readonly TransactionVector[];
  /** By hash; with signatures and transactions if any answer had them. */
  readonly headers: ReadonlyMap<string, JsonHeader>;
  /** By hash of the transaction. */
  readonly receipts: ReadonlyMap<string, JsonReceipt>;
  readonly transactions: readonly JsonTransaction[];
  readonly transactionProofs: readonly { readonly transaction: JsonTransaction; readonly txProof: JsonProof }[];
  readonly receiptProofs: readonly { readonly transactionReceipt: JsonReceipt; readonly receiptProof: JsonProof }[];
}

/** Where the chain of a suite is recorded. */
export const RECORDINGS: Readonly<Record<SuiteName, URL>> = {
  ecdsa: new URL('./', import.meta.url),
  sm: new URL('../golden-sm/', import.meta.url),
};

export function readRecording(suite: SuiteName, file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, RECORDINGS[suite]), 'utf8'));
}

export function recordedFormats(suite: SuiteName): RecordedFormats {
  const { transactions: vectors } = readRecording(suite, 'transactions.json') as { transactions: TransactionVector[] };
  const headers = new Map<string, JsonHeader>();
  const receipts = new Map<string, JsonReceipt>();
  const transactions: JsonTransaction[] = [];
  const transactionProofs: RecordedFormats['transactionProofs'][number][] = [];
  const receiptProofs: RecordedFormats['receiptProofs'][number][] = [];

  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('sealerList' in value && 'receiptsRoot' in value) addHeader(headers, value as JsonHeader);
    if ('transactionHash' in value && 'root' in value) {
      receipts.set((value as JsonReceipt).transactionHash, value as JsonReceipt);
    }
    if ('signature' in value && 'blockLimit' in value) transactions.push(value as JsonTransaction);
    if ('txProof' in value) transactionProofs.push(value as (typeof transactionProofs)[number]);
    if ('receiptProof' in value) receiptProofs.push(value as (typeof receiptProofs)[number]);
    Object.values(value).forEach(collect);
  };
  for (const file of readdirSync(RECORDINGS[suite])) if (file.endsWith('.json')) collect(readRecording(suite, file));
  return { vectors, headers, receipts, transactions, transactionProofs, receiptProofs };
}

/** Answers about one block differ in what they include. */
function addHeader(headers: Map<string, JsonHeader>, header: JsonHeader): void {
  headers.set(header.hash, { ...headers.get(header.hash), ...header });
}

export function toHeader(json: JsonHeader): BlockHeader {
  return {
    parentHash: fromHex(json.parentHash),
    stateRoot: fromHex(json.stateRoot),
    transactionsRoot: fromHex(json.transactionsRoot),
    receiptsRoot: fromHex(json.receiptsRoot),
    dbHash: fromHex(json.dbHash),
    logsBloom: fromHex(json.logsBloom),
    number: Number(json.number),
    gasLimit: BigInt(json.gasLimit),
    gasUsed: BigInt(json.gasUsed),
    timestampMs: Number(json.timestamp),
    extraData: json.extraData.map(fromHex),
    sealer: Number(json.sealer),
    sealerList: json.sealerList,
  };
}

export function toReceipt(json: JsonReceipt): Receipt {
  return {
    stateRoot: fromHex(json.root),
    gasUsed: BigInt(json.gasUsed),
    contractAddress: json.contractAddress.slice(2),
    logsBloom: fromHex(json.logsBloom),
    status: Number(json.status),
    output: fromHex(json.output),
    remainGas: BigInt(json.remainGas),
    logs: json.logs.map(({ address, topics, data }) => ({
      address: address.slice(2),
      topics: topics.map(fromHex),
      data: fromHex(data),
    })),
  };
}

/** JSON-RPC shows a missing `to` as the zero address, transactions.json as empty text. */
export function toFields(json: JsonFields): TransactionFields {
  const to = json.to.replace(/^0x/, '');
  return {
    nonce: BigInt(json.nonce),
    gasPrice: BigInt(json.gasPrice),
    gas: BigInt(json.gas),
    blockLimit: BigInt(json.blockLimit),
    to: to === '' || to === ZERO_ADDRESS ? undefined : to,
    value: BigInt(json.value),
    data: fromHex(json.input),
    chainId: BigInt(json.chainId),
    groupId: BigInt(json.groupId),
    extraData: fromHex(json.extraData),
  };
}

export function toProof(json: JsonProof): MerkleProofLevel[] {
  return json.map(({ left, right }) => ({ left: left.map(fromHex), right: right.map(fromHex) }));
}

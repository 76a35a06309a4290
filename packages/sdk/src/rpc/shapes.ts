import { statusName } from '@menglian/types/status';
import type { Log } from '../logs/log.js';
import {
  address,
  addressOrNull,
  anything,
  bareHex,
  bytes,
  flag,
  hash,
  integer,
  list,
  mapped,
  nullable,
  optional,
  quantity,
  type ReadBy,
  record,
  text,
} from './reader.js';

/** What nodes answer, read into types. Heights, indexes and milliseconds are numbers; gas and nonces are bigints. */

const blockSignature = record({ index: integer, signature: bytes });

const header = {
  dbHash: hash,
  extraData: list(bytes),
  gasLimit: quantity,
  gasUsed: quantity,
  hash,
  logsBloom: bytes,
  number: integer,
  parentHash: hash,
  receiptsRoot: hash,
  /** Index of the leader in `sealerList`. */
  sealer: integer,
  /** Node ids, without 0x. */
  sealerList: list(bareHex),
  /** Empty unless asked for. */
  signatureList: optional(list(blockSignature), []),
  stateRoot: hash,
  /** Milliseconds since 1970. */
  timestamp: integer,
  transactionsRoot: hash,
};

export const blockHeader = record(header);
export type BlockHeader = ReadBy<typeof blockHeader>;

const pending = {
  blockLimit: integer,
  chainId: quantity,
  extraData: bytes,
  from: address,
  gas: quantity,
  gasPrice: quantity,
  groupId: quantity,
  hash,
  input: bytes,
  nonce: quantity,
  /** `v` is 0 or 1 for ecdsa, the public key for sm. */
  signature: record({ r: bytes, s: bytes, signature: bytes, v: text }),
  /** null deploys a contract. */
  to: addressOrNull,
  value: quantity,
};

export const pendingTransaction = record(pending);
export type PendingTransaction = ReadBy<typeof pendingTransaction>;

export const transaction = record({ ...pending, blockHash: hash, blockNumber: integer, transactionIndex: integer });
export type Transaction = ReadBy<typeof transaction>;

export const block = record({ ...header, transactions: list(transaction) });
export type Block = ReadBy<typeof block>;

export const blockWithHashes = record({ ...header, transactions: list(hash) });
export type BlockWithHashes = ReadBy<typeof blockWithHashes>;

const wireLog = record({ address, data: bytes, topics: list(hash) });

const receiptFields = {
  blockHash: hash,
  blockNumber: integer,
  /** Of a deployment. */
  contractAddress: addressOrNull,
  from: address,
  gasUsed: quantity,
  input: bytes,
  logs: list(wireLog),
  logsBloom: bytes,
  output: bytes,
  remainGas: optional(quantity, 0n),
  /** Of the state after the block. */
  root: hash,
  /** 0 is success. */
  status: integer,
  /** null for a deployment. */
  to: addressOrNull,
  transactionHash: hash,
  transactionIndex: integer,
};

interface Placed {
  readonly blockHash: Log['blockHash'];
  readonly blockNumber: number;
  readonly transactionHash: Log['transactionHash'];
  readonly transactionIndex: number;
}

function placedLogs(logs: readonly ReadBy<typeof wireLog>[], place: Placed): readonly Log[] {
  const { blockHash, blockNumber, transactionHash, transactionIndex } = place;
  return logs.map((log, logIndex) => ({
    ...log,
    blockHash,
    blockNumber,
    transactionHash,
    transactionIndex,
    logIndex,
  }));
}

export const receipt = mapped(record(receiptFields), (read) => ({
  ...read,
  logs: placedLogs(read.logs, read),
  /** The word for `status`, for example `RevertInstruction`. */
  statusName: statusName(read.status),
  isSuccess: read.status === 0,
}));
export type Receipt = ReadBy<typeof receipt>;

const batchReceipt = record({
  contractAddress: addressOrNull,
  from: address,
  gasUsed: quantity,
  logs: list(wireLog),
  output: bytes,
  status: integer,
  to: addressOrNull,
  transactionHash: hash,
  transactionIndex: integer,
});

export const batchReceipts = mapped(
  record({
    blockInfo: record({ blockHash: hash, blockNumber: integer, receiptRoot: hash, receiptsCount: integer }),
    transactionReceipts: optional(list(batchReceipt), []),
  }),
  ({ blockInfo, transactionReceipts }) => ({
    ...blockInfo,
    receipts: transactionReceipts.map((one) => ({
      ...one,
      logs: placedLogs(one.logs, { ...blockInfo, ...one }),
      statusName: statusName(one.status),
      isSuccess: one.status === 0,
    })),
  }),
);
export type BatchReceipts = ReadBy<typeof batchReceipts>;

const proof = list(record({ left: list(bareHex), right: list(bareHex) }));
/** Siblings from the leaf up, hexadecimal without 0x. */
export type MerkleProof = ReadBy<typeof proof>;

export const transactionWithProof = nullable(record({ transaction, txProof: proof }));
export type TransactionWithProof = NonNullable<ReadBy<typeof transactionWithProof>>;

export const receiptWithProof = nullable(record({ transactionReceipt: receipt, receiptProof: proof }));
export type ReceiptWithProof = NonNullable<ReadBy<typeof receiptWithProof>>;

export const callResult = mapped(
  record({ currentBlockNumber: integer, output: bytes, status: integer }),
  ({ currentBlockNumber, output, status }) => ({
    blockNumber: currentBlockNumber,
    output,
    status,
    statusName: statusName(status),
  }),
);
export type CallResult = ReadBy<typeof callResult>;

export const transactionCount = record({ blockNumber: integer, failedTxSum: quantity, txSum: quantity });
export type TransactionCount = ReadBy<typeof transactionCount>;

export const syncStatus = record({
  blockNumber: integer,
  genesisHash: bareHex,
  isSyncing: flag,
  knownHighestNumber: integer,
  knownLatestHash: bareHex,
  latestHash: bareHex,
  nodeId: bareHex,
  peers: list(record({ blockNumber: integer, genesisHash: bareHex, latestHash: bareHex, nodeId: bareHex })),
  txPoolSize: integer,
});
export type SyncStatus = ReadBy<typeof syncStatus>;

const consensusMembers = record({
  accountType: integer,
  groupId: integer,
  highestblockHash: hash,
  highestblockNumber: integer,
  nodeId: bareHex,
  nodeNum: integer,
  max_faulty_leader: integer,
});

/** The members that PBFT, rPBFT and Raft share; `all` has the rest, as the node wrote it. */
export const consensusStatus = mapped(list(anything), (parts) => {
  const status = consensusMembers(parts[0], 'result[0]');
  return { ...status, all: parts };
});
export type ConsensusStatus = ReadBy<typeof consensusStatus>;

export const peer = mapped(
  record({ Agency: text, IPAndPort: text, Node: text, NodeID: bareHex, Topic: list(text) }),
  ({ Agency, IPAndPort, Node, NodeID, Topic }) => ({
    agency: Agency,
    /** host:port */
    endpoint: IPAndPort,
    name: Node,
    nodeId: NodeID,
    topics: Topic,
  }),
);
export type Peer = ReadBy<typeof peer>;

export const clientVersion = mapped(
  record({
    'Build Time': text,
    'Build Type': text,
    'Chain Id': integer,
    'FISCO-BCOS Version': text,
    'Git Branch': text,
    'Git Commit Hash': text,
    'Supported Version': text,
  }),
  (read) => ({
    buildTime: read['Build Time'],
    buildType: read['Build Type'],
    chainId: read['Chain Id'],
    version: read['FISCO-BCOS Version'],
    gitBranch: read['Git Branch'],
    gitCommit: read['Git Commit Hash'],
    supportedVersion: read['Supported Version'],
    /** The algorithms of the chain. */
    suite: read['FISCO-BCOS Version'].includes('gm') ? ('sm' as const) : ('ecdsa' as const),
  }),
);
export type ClientVersion = ReadBy<typeof clientVersion>;

/** What managing groups and peers answers. `code` is `0x0` for success. */
export const managementResult = record({ code: text, message: text });
export type ManagementResult = ReadBy<typeof managementResult>;

export const groupStatus = record({ code: text, message: text, status: text });
export type GroupStatus = ReadBy<typeof groupStatus>;

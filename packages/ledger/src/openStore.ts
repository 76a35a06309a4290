import { EMPTY_BYTES, equalBytes, toHex, utf8Text } from '@menglian/base/bytes';
import { failure, type Result, success } from '@menglian/base/result';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { StorageError } from '@menglian/storage/errors';
import type { KeyValueStore } from '@menglian/storage/ports';
import type { Block } from '@menglian/types/block';
import { genesisHeader, type GenesisConfig, genesisMark } from '@menglian/types/genesis';
import { type BlockHeader, decodeHeader, headerHash } from '@menglian/types/header';
import { merkleRoot } from '@menglian/types/merkle';
import { receiptHash } from '@menglian/types/receipt';
import { commitBatch } from './commitBatch.js';
import { LedgerError, type LedgerFailure } from './errors.js';
import { genesisState } from './genesisState.js';
import { decodeHead, decodeMeta, encodeMeta, type HeadRecord, type MetaRecord } from './headRecord.js';
import { decodeNumber } from './indexRecords.js';
import { decodeCertifiedHeader } from './certifiedHeader.js';
import {
  BASE_KEY,
  blockHashKey,
  blockKey,
  blockNumberKey,
  certifiedHeaderKey,
  HEAD_KEY,
  INSTALLING_KEY,
  META_KEY,
} from './keys.js';
import { INDEXED_TAIL_BLOCKS, SNAPSHOT_HASHES, VERIFIED_TAIL_BLOCKS } from './limits.js';
import { decodeChainLink } from './orderRecord.js';
import { finishInstall } from './snapshotImport.js';
import { NO_STATE_DIGEST, stateDigest } from './stateDigest.js';
import { decodeStoredBlock, encodeStoredBlock, type StoredBlock } from './storedBlock.js';

/** Layout of the store, described in README.md. Another number is another layout. */
const STORE_FORMAT = 2;

export interface OpenedStore {
  readonly genesisHash: Uint8Array;
  readonly record: HeadRecord;
  /** Header of the last block. */
  readonly header: BlockHeader;
  /** The last block; undefined while that is still the one whose snapshot the ledger began with. */
  readonly block: StoredBlock | undefined;
  /** Number of the block whose snapshot the ledger began with; 0 for genesis. */
  readonly base: number;
}

/** Writes block 0 into an empty store, or finds the head of the chain in it and checks both. */
export async function openStore(
  store: KeyValueStore,
  suite: CryptoSuite,
  genesis: GenesisConfig,
): Promise<Result<OpenedStore, LedgerFailure>> {
  try {
    const meta = store.get(META_KEY);
    const head = store.get(HEAD_KEY);
    if (meta === undefined && head === undefined) {
      const entries = await store.scan({ from: Uint8Array.of(0), to: Uint8Array.of(0xff, 0xff), limit: 1 });
      if (entries.length > 0) return failure(NOT_A_LEDGER);
      await writeGenesis(store, suite, genesis);
      return await openExisting(store, suite, genesis);
    }
    if (store.get(INSTALLING_KEY) !== undefined) {
      const installed = await finishInstall(store);
      if (!installed.ok) return failure(corruptHead(`installing a snapshot was interrupted, and ${installed.reason}`));
    }
    return await openExisting(store, suite, genesis);
  } catch (error) {
    if (error instanceof StorageError || error instanceof LedgerError) {
      return failure({ code: error.code, message: error.message });
    }
    throw error;
  }
}

const NOT_A_LEDGER: LedgerFailure = {
  code: 'ledger/not-a-ledger',
  message: 'the data folder holds a database of something else; give this group a folder of its own',
};

async function writeGenesis(store: KeyValueStore, suite: CryptoSuite, genesis: GenesisConfig): Promise<void> {
  const header = genesisHeader(genesis);
  const hash = headerHash(suite, header);
  const changes = genesisState(genesis);
  const record = {
    number: 0,
    hash,
    stateDigest: stateDigest(suite, NO_STATE_DIGEST, changes),
    transactions: 0,
    failed: 0,
  };
  const block: Block = { header, hash, transactions: [], signatures: [], receipts: [] };
  const batch = commitBatch(
    record,
    encodeStoredBlock(block, []),
    { digest: hash, epoch: 0 },
    { hashes: [], nonces: [] },
    changes,
  );
  const meta = { format: STORE_FORMAT, suite: suite.name, genesisHash: hash };
  await store.write([{ key: META_KEY, value: encodeMeta(meta) }, ...batch], { durable: true });
}

async function openExisting(
  store: KeyValueStore,
  suite: CryptoSuite,
  genesis: GenesisConfig,
): Promise<Result<OpenedStore, LedgerFailure>> {
  const metaBytes = store.get(META_KEY);
  const meta = metaBytes === undefined ? undefined : decodeMeta(metaBytes, STORE_FORMAT);
  if (meta?.ok !== true) return failure(corruptHead('the record that names its chain is missing or damaged'));
  const stranger = findOtherChain(store, suite, genesis, meta.value);
  if (stranger !== undefined) return failure(stranger);

  const headBytes = store.get(HEAD_KEY);
  const record = headBytes === undefined ? undefined : decodeHead(headBytes);
  if (record?.ok !== true) return failure(corruptHead('the record of the last block is missing or damaged'));
  const { genesisHash } = meta.value;
  const base = readBase(store, suite);
  if (typeof base === 'string') return failure(corruptHead(base));
  const missing = await findMissingBlock(store, record.value.number, base.number);
  if (missing !== undefined) return failure(corruptHead(`block ${missing} and what it changed are missing`));
  const common = { genesisHash, record: record.value, base: base.number };
  if (base.header !== undefined && record.value.number === base.number) {
    if (!equalBytes(base.hash, record.value.hash))
      return failure(corruptHead('the header of the last block is another'));
    return success({ ...common, header: base.header, block: undefined });
  }
  const block = checkTail(store, suite, record.value, genesisHash, base);
  if (typeof block === 'string') return failure(corruptHead(block));
  return success({ ...common, header: block.header, block });
}

interface Base {
  readonly number: number;
  readonly hash: Uint8Array;
  /** undefined for genesis */
  readonly header: BlockHeader | undefined;
}

/** @returns the block whose snapshot the ledger began with, or what is wrong */
function readBase(store: KeyValueStore, suite: CryptoSuite): Base | string {
  const bytes = store.get(BASE_KEY);
  if (bytes === undefined) return { number: 0, hash: EMPTY_BYTES, header: undefined };
  const number = decodeNumber(bytes);
  const record = store.get(certifiedHeaderKey(number));
  const certified = record === undefined ? undefined : decodeCertifiedHeader(record);
  const header = certified?.ok === true ? decodeHeader(certified.value.header) : undefined;
  if (certified?.ok !== true || header?.ok !== true || header.value.number !== number) {
    return `the header of block ${number}, with which the ledger begins, is missing or damaged`;
  }
  return { number, hash: suite.hash(certified.value.header), header: header.value };
}

/** A block's entry in the index stands for the whole batch it was written in. @returns the highest number not there */
async function findMissingBlock(store: KeyValueStore, head: number, base: number): Promise<number | undefined> {
  const first = Math.max(0, head - INDEXED_TAIL_BLOCKS + 1, base - SNAPSHOT_HASHES + 1);
  let next = head;
  while (next >= first) {
    const page = await store.scan({ from: blockHashKey(first), to: blockHashKey(next + 1), reverse: true });
    if (page.length === 0) return next;
    for (const [key] of page) {
      if (!equalBytes(key, blockHashKey(next))) return next;
      next--;
    }
  }
  return undefined;
}

function findOtherChain(
  store: KeyValueStore,
  suite: CryptoSuite,
  genesis: GenesisConfig,
  meta: MetaRecord,
): LedgerFailure | undefined {
  if (meta.format !== STORE_FORMAT) {
    const message = `the data folder has layout ${meta.format}, this version reads layout ${STORE_FORMAT}; use the version that wrote it, or an empty folder`;
    return { code: 'ledger/other-format', message };
  }
  if (meta.suite !== suite.name) {
    const message = `the data folder holds a chain of the crypto suite ${meta.suite}, the configuration says ${suite.name}; a chain keeps its suite for good`;
    return { code: 'ledger/other-suite', message };
  }
  const configured = headerHash(suite, genesisHeader(genesis));
  if (equalBytes(configured, meta.genesisHash)) return undefined;
  const stored = readBlock(store, suite, 0);
  const storedMark =
    typeof stored === 'string' ? 'unreadable' : utf8Text(stored.header.extraData[0] ?? new Uint8Array());
  return {
    code: 'ledger/other-genesis',
    message:
      `the data folder holds a chain with genesis ${toHex(meta.genesisHash)}, the genesis file makes ${toHex(configured)}; ` +
      `restore the genesis file or use an empty folder. Stored: ${storedMark}; configured: ${genesisMark(genesis)}, timestamp ${genesis.timestampMs}`,
  };
}

/** Checks the last blocks backwards from the head. @returns the head's block, or what is wrong */
function checkTail(
  store: KeyValueStore,
  suite: CryptoSuite,
  record: HeadRecord,
  genesisHash: Uint8Array,
  base: Base,
): StoredBlock | string {
  const head = readBlock(store, suite, record.number);
  if (typeof head === 'string') return head;
  let block = head;
  let expectedHash = record.hash;
  const last = Math.max(base.header === undefined ? 0 : base.number + 1, record.number - VERIFIED_TAIL_BLOCKS + 1);
  for (let number = record.number; ; number--) {
    const wrong = checkBlock(store, block, number, expectedHash);
    if (wrong !== undefined) return wrong;
    if (number === last) break;
    expectedHash = block.header.parentHash;
    const parent = readBlock(store, suite, number - 1);
    if (typeof parent === 'string') return parent;
    block = parent;
  }
  if (base.header !== undefined && last === base.number + 1 && !equalBytes(block.header.parentHash, base.hash)) {
    return `block ${last} does not follow the snapshot with which the ledger begins`;
  }
  if (last === 0 && !equalBytes(block.hash, genesisHash)) return 'block 0 is not the genesis block of this chain';
  return checkHead(suite, record, head) ?? head;
}

function checkBlock(
  store: KeyValueStore,
  block: StoredBlock,
  number: number,
  expectedHash: Uint8Array,
): string | undefined {
  if (block.header.number !== number) return `block ${number} is stored as block ${block.header.number}`;
  if (!equalBytes(block.hash, expectedHash)) return `block ${number} does not have the hash that its child names`;
  const link = decodeChainLink(store.get(blockHashKey(number)) ?? new Uint8Array());
  const indexed = store.get(blockNumberKey(block.hash));
  if (!link.ok || !equalBytes(link.value.hash, block.hash)) return `the hash index of block ${number} is wrong`;
  if (indexed === undefined || decodeNumber(indexed) !== number) return `the number index of block ${number} is wrong`;
  return undefined;
}

/** Checks the last block to its last byte: decodes all of it and computes its roots again. */
function checkHead(suite: CryptoSuite, record: HeadRecord, head: StoredBlock): string | undefined {
  const { header } = head;
  if (header.number === 0) return undefined;
  if (!equalBytes(header.stateRoot, record.stateDigest)) return 'the state digest is not that of the last block';
  const hashes = head.transactions.map((raw) => suite.hash(raw));
  if (hashes.length !== head.transactionCount) return 'the last block misses transactions';
  if (!hashes.every((hash, index) => equalBytes(hash, head.transactionHash(index)))) {
    return 'the last block holds other transactions than it says';
  }
  if (!equalBytes(merkleRoot(suite, hashes), header.transactionsRoot))
    return 'the last block has another transactions root';
  const receiptHashes = head.receipts.map((receipt) => receiptHash(suite, receipt));
  if (!equalBytes(merkleRoot(suite, receiptHashes), header.receiptsRoot))
    return 'the last block has another receipts root';
  return undefined;
}

function readBlock(store: KeyValueStore, suite: CryptoSuite, number: number): StoredBlock | string {
  const bytes = store.get(blockKey(number));
  if (bytes === undefined) return `block ${number} is missing`;
  const block = decodeStoredBlock(suite, bytes);
  return block.ok ? block.value : `block ${number} is damaged: ${block.reason}`;
}

function corruptHead(what: string): LedgerFailure {
  const message = `the data folder is damaged: ${what}; restore it from a copy, or move it away and let the node fetch the chain again`;
  return { code: 'ledger/corrupt-head', message };
}

import { equalBytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import type { Result } from '@menglian/base/result';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { KeyValueStore, StoreSnapshot, WriteOperation } from '@menglian/storage/ports';
import type { NodeId } from '@menglian/types/address';
import type { Block } from '@menglian/types/block';
import type { GenesisConfig } from '@menglian/types/genesis';
import { type BlockHeader, decodeHeader, encodeHeader } from '@menglian/types/header';
import {
  decodeLegacyTransaction,
  decodeTransaction,
  type SignedTransaction,
  verifyTransaction,
} from '@menglian/types/transaction';
import { BlockCache } from './blockCache.js';
import { type CertifiedHeader, decodeCertifiedHeader } from './certifiedHeader.js';
import { commitBatch } from './commitBatch.js';
import { type ConsensusStore, openConsensusStore } from './consensusStore.js';
import { LedgerError, type LedgerFailure } from './errors.js';
import type { HeadRecord } from './headRecord.js';
import {
  blockHashKey,
  blockKey,
  blockNumberKey,
  certifiedHeaderKey,
  certifiedHeaderNumber,
  isConsensusKey,
  noncesKey,
  stateKey,
  transactionKey,
} from './keys.js';
import { decodeNonces, nonceOfTransaction } from './nonces.js';
import { type OpenedStore, openStore } from './openStore.js';
import { type ChainLink, decodeChainLink, type OrderRecord } from './orderRecord.js';
import { SNAPSHOT_HASHES, STATE_CACHE_BYTES } from './limits.js';
import type { SnapshotFacts } from './snapshotExport.js';
import { stateDigest } from './stateDigest.js';
import { StateCache } from './stateCache.js';
import type { StateChange, StateView } from './stateView.js';
import { decodeStoredBlock, encodeStoredBlock, type StoredBlock } from './storedBlock.js';
import { type Membership, readMembership, readSystemConfig } from './systemState.js';
import { decodeLocation, decodeNumber, type TransactionLocation } from './indexRecords.js';

/** The last block of the chain as it is durably stored. */
export interface LedgerHead {
  readonly number: number;
  readonly hash: Uint8Array;
  readonly header: BlockHeader;
  /** Equal to the header's state root, but for block 0, whose header holds zeros. */
  readonly stateDigest: Uint8Array;
}

export interface LedgerTotals {
  readonly blockNumber: number;
  readonly transactions: bigint;
  /** Those with a status other than 0. */
  readonly failed: bigint;
}

/**
 * A group's chain and state on its store. Reads are synchronous and show the chain up to `head()`, also while the next
 * block is being written; they throw LedgerError when the disk holds damage.
 */
export class Ledger {
  readonly consensusStore: ConsensusStore;
  readonly #store: KeyValueStore;
  readonly #suite: CryptoSuite;
  readonly #genesisHash: Uint8Array;
  readonly #base: number;
  readonly #cache = new BlockCache();
  readonly #state: StateCache;
  #record: HeadRecord;
  #head: LedgerHead;
  /** of the block after the head: asked for with every message and request */
  #membership: Membership | undefined;
  #isCommitting = false;
  #stopCause: unknown;

  private constructor(store: KeyValueStore, suite: CryptoSuite, opened: OpenedStore, stateCacheBytes: number) {
    const { record, header, block, base } = opened;
    this.#store = store;
    this.#suite = suite;
    this.#genesisHash = opened.genesisHash;
    this.#base = base;
    this.#state = new StateCache({ get: (key) => store.get(stateKey(key)) }, stateCacheBytes);
    this.#record = record;
    this.#head = headOf(record, header);
    if (block !== undefined) this.#cache.set(block);
    this.consensusStore = openConsensusStore(store);
  }

  /**
   * Opens the ledger of a group. On an empty store it writes block 0; on any other it checks that this is the same chain
   * and that its last blocks are whole. The store stays the caller's to close.
   */
  static async open(
    store: KeyValueStore,
    suite: CryptoSuite,
    genesis: GenesisConfig,
    stateCacheBytes: number = STATE_CACHE_BYTES,
  ): Promise<Result<Ledger, LedgerFailure>> {
    const opened = await openStore(store, suite, genesis);
    if (!opened.ok) return opened;
    return { ok: true, value: new Ledger(store, suite, opened.value, stateCacheBytes) };
  }

  head(): LedgerHead {
    return this.#head;
  }

  get genesisHash(): Uint8Array {
    return this.#genesisHash;
  }

  /** State after the head; it moves on with the head. */
  view(): StateView {
    return this.#state;
  }

  totals(): LedgerTotals {
    const { number, transactions, failed } = this.#record;
    return { blockNumber: number, transactions: BigInt(transactions), failed: BigInt(failed) };
  }

  /**
   * Stores the next block with all it changes, and the caller's consensus records, in one atomic durable batch. When the
   * promise resolves the head has moved and a loss of power loses nothing of it.
   *
   * The roots of transactions and receipts are taken as the executor made them; opening the ledger checks the head's.
   * Rejects with StorageError when the disk fails; the outcome is then unknown and every later commit is refused. Broken
   * rules (not the next block, digest not of these changes) reject with InvariantError and change nothing.
   * @param changes sorted by key, unique
   * @param order of this block, as consensus sees it
   * @param consensus made by `consensusOperations`
   * @param signed the block's transactions as checked; without it their signatures are checked here once more
   */
  async commit(
    block: Block,
    changes: readonly StateChange[],
    order: OrderRecord,
    consensus: readonly WriteOperation[],
    signed?: readonly SignedTransaction[],
  ): Promise<void> {
    if (this.#stopCause !== undefined) throw this.#stopped(this.#stopCause);
    invariant(!this.#isCommitting, 'ledger/one-commit-at-a-time');
    this.#isCommitting = true;
    try {
      await this.#commit(block, changes, order, consensus, signed ?? this.#verified(block));
    } finally {
      this.#isCommitting = false;
    }
  }

  /** Number of the first block above genesis that is here as a whole: those up to a snapshot are not. */
  get lowestBody(): number {
    return this.#base + 1;
  }

  blockByNumber(number: number): StoredBlock | undefined {
    if (!this.#isStored(number) || (number > 0 && number <= this.#base)) return undefined;
    const cached = this.#cache.get(number);
    if (cached !== undefined) return cached;
    const bytes = this.#store.get(blockKey(number));
    if (bytes === undefined) throw corruptBlock(number, 'it is missing');
    const block = decodeStoredBlock(this.#suite, bytes);
    if (!block.ok) throw corruptBlock(number, block.reason);
    if (block.value.header.number !== number) throw corruptBlock(number, 'it is another block');
    this.#cache.set(block.value);
    return block.value;
  }

  /** A block's header with its signatures; also of the few blocks below a snapshot that lead to it from genesis. */
  certifiedHeader(number: number): CertifiedHeader | undefined {
    const block = this.blockByNumber(number);
    if (block !== undefined) return { header: encodeHeader(block.header), signatures: block.signatures };
    const bytes = this.#isStored(number) ? this.#store.get(certifiedHeaderKey(number)) : undefined;
    if (bytes === undefined) return undefined;
    const certified = decodeCertifiedHeader(bytes);
    if (!certified.ok) throw corruptBlock(number, certified.reason);
    return certified.value;
  }

  /** The number of the highest block above `above` and at most `number` whose certified header is here. */
  async numberOfHeader(above: number, number: number): Promise<number | undefined> {
    const highest = Math.min(number, this.#head.number);
    if (highest <= above) return undefined;
    if (highest > this.#base) return highest;
    const range = { from: certifiedHeaderKey(above + 1), to: certifiedHeaderKey(highest + 1) };
    const [last] = await this.#store.scan({ ...range, limit: 1, reverse: true });
    return last === undefined ? undefined : certifiedHeaderNumber(last[0]);
  }

  /** Sealers that the header of this block names, if it is here. */
  sealersOf(number: number): readonly NodeId[] | undefined {
    if (number === this.#head.number) return this.#head.header.sealerList;
    const block = this.blockByNumber(number);
    if (block !== undefined) return block.header.sealerList;
    const certified = this.certifiedHeader(number);
    const header = certified === undefined ? undefined : decodeHeader(certified.header);
    return header?.ok === true ? header.value.sealerList : undefined;
  }

  /**
   * The state at the head, to be read slowly beside the blocks that come. Only the head's moment can be had: call it
   * before the next block is stored.
   */
  snapshot(): { readonly view: StoreSnapshot; readonly facts: SnapshotFacts } {
    const { number, hash, stateDigest, transactions, failed } = this.#record;
    const order = this.orderByNumber(number)!;
    const facts = { genesisHash: this.#genesisHash, height: number, headerHash: hash, stateDigest, order };
    return { view: this.#store.snapshot(), facts: { ...facts, transactions, failed } };
  }

  hashByNumber(number: number): Uint8Array | undefined {
    return this.#link(number)?.hash;
  }

  /** A block's place in the order of blocks. */
  orderByNumber(number: number): OrderRecord | undefined {
    return this.#link(number)?.order;
  }

  numberByHash(hash: Uint8Array): number | undefined {
    const bytes = this.#store.get(blockNumberKey(hash));
    return bytes === undefined ? undefined : decodeNumber(bytes);
  }

  /** Where the transaction of this hash is. */
  locate(transactionHash: Uint8Array): TransactionLocation | undefined {
    const bytes = this.#store.get(transactionKey(transactionHash));
    return bytes === undefined ? undefined : decodeLocation(bytes);
  }

  /** Nonces of the block's transactions in their order. Quick for the last NONCE_WINDOW_BLOCKS blocks. */
  noncesOf(number: number): bigint[] {
    invariant(this.#isStored(number), 'ledger/nonces-of-stored-block');
    const bytes = this.#store.get(noncesKey(number));
    const nonces = bytes === undefined ? undefined : decodeNonces(bytes);
    if (nonces?.ok === true) return nonces.value;
    const block = this.blockByNumber(number);
    if (block === undefined) throw corruptBlock(number, 'its nonces are missing');
    return block.transactions.map((raw) => {
      const nonce = nonceOfTransaction(raw);
      if (!nonce.ok) throw corruptBlock(number, nonce.reason);
      return nonce.value;
    });
  }

  /** The system value that holds for the next block; '' when never set. */
  systemConfig(key: string): string {
    return readSystemConfig(this.#state, key, this.#head.number + 1);
  }

  /** Sealers and observers of the next block. */
  membership(): Membership {
    this.#membership ??= readMembership(this.#state, this.#head.number + 1);
    return this.#membership;
  }

  async #commit(
    block: Block,
    changes: readonly StateChange[],
    order: OrderRecord,
    consensus: readonly WriteOperation[],
    signed: readonly SignedTransaction[],
  ): Promise<void> {
    const record = this.#nextRecord(block, changes);
    checkTransactions(block, signed);
    invariant(
      consensus.every(({ key }) => isConsensusKey(key)),
      'ledger/consensus-keys-only',
    );
    const bytes = encodeStoredBlock(block, signed);
    const stored = decodeStoredBlock(this.#suite, bytes);
    invariant(stored.ok && equalBytes(stored.value.hash, block.hash), 'ledger/block-hash');
    const nonces = signed.map(({ nonce }) => nonce);
    const batch = commitBatch(record, bytes, order, { hashes: signed.map(({ hash }) => hash), nonces }, changes);
    const onVisible = (): void => {
      this.#record = record;
      this.#head = headOf(record, stored.value.header);
      this.#cache.set(stored.value);
      this.#state.apply(changes);
      this.#membership = undefined;
    };
    try {
      await this.#store.write([...batch, ...consensus], { durable: true, onVisible });
    } catch (error) {
      this.#stopCause = error;
      throw error;
    }
  }

  #link(number: number): ChainLink | undefined {
    if (!this.#isStored(number) || (number > 0 && number <= this.#base - SNAPSHOT_HASHES)) return undefined;
    const link = decodeChainLink(this.#store.get(blockHashKey(number)) ?? new Uint8Array());
    if (!link.ok) throw corruptBlock(number, 'its hash is missing');
    return link.value;
  }

  /** Checks that the block is the next one and belongs to these changes. */
  #nextRecord(block: Block, changes: readonly StateChange[]): HeadRecord {
    const { header } = block;
    invariant(
      header.number === this.#head.number + 1,
      'ledger/next-number',
      `${header.number} after ${this.#head.number}`,
    );
    invariant(equalBytes(header.parentHash, this.#head.hash), 'ledger/parent-hash', `block ${header.number}`);
    const digest = stateDigest(this.#suite, this.#record.stateDigest, changes);
    invariant(equalBytes(header.stateRoot, digest), 'ledger/state-root', `block ${header.number}`);
    invariant(equalBytes(header.dbHash, digest), 'ledger/db-hash', `block ${header.number}`);
    const failed = block.receipts.reduce((sum, receipt) => sum + (receipt.status === 0 ? 0 : 1), 0);
    return {
      number: header.number,
      hash: block.hash,
      stateDigest: digest,
      transactions: this.#record.transactions + block.transactions.length,
      failed: this.#record.failed + failed,
    };
  }

  #verified(block: Block): SignedTransaction[] {
    return block.transactions.map((raw, index) => {
      const current = decodeTransaction(this.#suite, raw);
      const decoded = current.ok ? current : decodeLegacyTransaction(this.#suite, raw);
      const signed = decoded.ok ? verifyTransaction(this.#suite, decoded.value) : undefined;
      invariant(signed !== undefined, 'ledger/transaction-signature', `block ${block.header.number} index ${index}`);
      return signed;
    });
  }

  #isStored(number: number): boolean {
    return Number.isSafeInteger(number) && number >= 0 && number <= this.#head.number;
  }

  #stopped(cause: unknown): LedgerError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new LedgerError('ledger/stopped', `an earlier commit failed, restart the node: ${reason}`, { cause });
  }
}

function headOf(record: HeadRecord, header: BlockHeader): LedgerHead {
  return { number: record.number, hash: record.hash, header, stateDigest: record.stateDigest };
}

function checkTransactions(block: Block, signed: readonly SignedTransaction[]): void {
  invariant(signed.length === block.transactions.length, 'ledger/signed-count');
  for (const [index, transaction] of signed.entries()) {
    const raw = block.transactions[index]!;
    invariant(raw === transaction.raw || equalBytes(raw, transaction.raw), 'ledger/signed-transactions');
  }
}

function corruptBlock(number: number, reason: string): LedgerError {
  return new LedgerError('ledger/corrupt-block', `stored block ${number} is damaged: ${reason}`);
}

import { equalBytes, fromHex, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { failure, success, type Result } from '@menglian/base/result';
import type { ChainHead, ChainReader, OrderPoint, Proposal } from '@menglian/consensus-core/ports';
import { proposalDigest } from '@menglian/consensus-core/proposal';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { executionSettings } from '@menglian/executor/settings';
import type { BlockExecutor } from '@menglian/executor/ports';
import { stackedView, stateLayer } from '@menglian/ledger/stateView';
import type { Ledger } from '@menglian/ledger/ledger';
import type { WriteOperation } from '@menglian/storage/ports';
import type { SealerRules } from '@menglian/sync/trustPath';
import type { TransactionPool } from '@menglian/txpool/transactionPool';
import { hashAll } from '@menglian/types/hashBatch';
import { decodeBlock, type Block, type BlockSignature } from '@menglian/types/block';
import { headerHash, type BlockHeader } from '@menglian/types/header';
import { merkleRoot } from '@menglian/types/merkle';
import { areSameRules, readChainRules } from './chainRules.js';
import { type ExecutedBlock, ExecutedBlocks } from './executedBlocks.js';
import type { Rotation } from './rotation.js';
import { decodeTransactions, verifyTransaction, type SignedTransaction } from '@menglian/types/transaction';

export interface ChainOptions {
  readonly chainId: bigint;
  readonly groupId: number;
  readonly suite: CryptoSuite;
  /** of the group's genesis */
  readonly freeStorage: boolean;
  readonly gasLimit: bigint;
  /** how many of its sealers must have signed a block */
  readonly rules: SealerRules;
}

const EMPTY_BLOOM = new Uint8Array(256);

/**
 * The one way a block gets onto the chain, for consensus and sync alike: executed on the head or on executed blocks that
 * follow it, stored in order of height, each in one atomic write.
 */
export class Chain implements ChainReader {
  readonly #suite: CryptoSuite;
  readonly #options: ChainOptions;
  readonly #ledger: Ledger;
  readonly #executor: BlockExecutor;
  readonly #pool: TransactionPool;
  readonly #rotation: Rotation | undefined;
  readonly #executed: ExecutedBlocks;

  constructor(
    options: ChainOptions,
    components: {
      readonly ledger: Ledger;
      readonly executor: BlockExecutor;
      readonly pool: TransactionPool;
      /** only in rPBFT */
      readonly rotation: Rotation | undefined;
    },
  ) {
    this.#suite = options.suite;
    this.#options = options;
    this.#ledger = components.ledger;
    this.#executor = components.executor;
    this.#pool = components.pool;
    this.#rotation = components.rotation;
    this.#executed = new ExecutedBlocks(components);
  }

  get height(): number {
    return this.#ledger.head().number;
  }

  hashAt(height: number): Uint8Array | undefined {
    return this.#ledger.hashByNumber(height);
  }

  orderAt(height: number): OrderPoint | undefined {
    return this.#ledger.orderByNumber(height);
  }

  /** The head as consensus sees it: with members and settings for the next height. */
  head(): ChainHead {
    const { number, hash, header } = this.#ledger.head();
    const order = this.#ledger.orderByNumber(number)!;
    const rules = readChainRules(this.#ledger.view(), number + 1);
    return { height: number, hash, timestampMs: header.timestampMs, order, ...rules };
  }

  /** Whether the state below a block says how it must begin. */
  get isRotating(): boolean {
    return this.#rotation !== undefined;
  }

  /**
   * What this node proposes when it leads: in rPBFT its own transactions stand before the selected ones.
   * @returns undefined when its parent was not executed, was left behind, or ends the epoch: then it would be void
   */
  openBlock(
    request: Pick<Proposal, 'height' | 'parentDigest'> & { readonly maxTransactions: number },
    selected: readonly SignedTransaction[],
  ): readonly SignedTransaction[] | undefined {
    if (this.#rotation === undefined) return selected;
    const base = this.#executed.baseOf(request);
    if (base === undefined || base.epoch !== this.orderAt(this.height)?.epoch) return undefined;
    return this.#rotation.openBlock(base.view, request, selected);
  }

  /**
   * Its parent must be executed.
   * @returns what is wrong with the beginning of a block, which in rPBFT is its leader's to fill
   */
  checkOpening(proposal: Proposal, transactions: readonly SignedTransaction[]): string | undefined {
    if (this.#rotation === undefined) return undefined;
    const base = this.#executed.baseOf(proposal);
    invariant(base !== undefined, 'node/opening-on-executed', `block ${proposal.height}`);
    const { height, sealer, sealers, epoch } = proposal;
    // Void, because the block below ends its epoch: its proposer could not know, and nobody will execute it.
    if (base.epoch !== epoch) return undefined;
    return this.#rotation.check(base.view, { height, sealer: sealers[sealer]! }, transactions);
  }

  /** Whether a block of that height on that parent can be executed: the parent was, or is the head. */
  canExecute(block: Pick<Proposal, 'height' | 'parentDigest'>): boolean {
    return this.#executed.baseOf(block) !== undefined;
  }

  /** A block executed before and not stored yet. */
  executed(digest: Uint8Array): ExecutedBlock | undefined {
    return this.#executed.get(digest);
  }

  /**
   * Runs an ordered batch on the state its parent leaves: the head, or an executed block that follows it. The header
   * comes out the same on every node.
   * @returns undefined when the parent is neither
   */
  execute(
    digest: Uint8Array,
    proposal: Proposal,
    transactions: readonly SignedTransaction[],
  ): ExecutedBlock | undefined {
    const base = this.#executed.baseOf(proposal);
    if (base === undefined) return undefined;
    const { height } = proposal;
    const { view } = base;
    const result = this.#executor.executeBlock({
      suite: this.#suite,
      view,
      settings: executionSettings(view, height - 1, this.#options.freeStorage, this.#options.gasLimit),
      blockHash: (number) => base.blockHash(number),
      header: { number: height, timestampMs: proposal.timestampMs },
      parent: { stateDigest: base.stateDigest },
      transactions,
    });
    const header: BlockHeader = {
      parentHash: base.hash,
      stateRoot: result.stateDigest,
      transactionsRoot: result.transactionsRoot,
      receiptsRoot: result.receiptsRoot,
      dbHash: result.stateDigest,
      logsBloom: EMPTY_BLOOM,
      number: height,
      gasLimit: 0n,
      gasUsed: 0n,
      timestampMs: proposal.timestampMs,
      extraData: [],
      sealer: proposal.sealer,
      sealerList: proposal.sealers,
    };
    const layer = stateLayer(result.changes);
    const endsEpoch = !areSameRules(
      readChainRules(view, height),
      readChainRules(stackedView([layer], view), height + 1),
    );
    const order = { digest, epoch: endsEpoch ? height : proposal.epoch };
    const hash = headerHash(this.#suite, header);
    const { parentDigest } = proposal;
    const executed = { header, hash, transactions, result, order, parentDigest, layer };
    this.#executed.add(executed);
    return executed;
  }

  /** Stores a block with its state and the consensus records that go with it, and clears the pool of it. */
  async store(
    executed: ExecutedBlock,
    signatures: readonly BlockSignature[],
    consensusRecords: readonly WriteOperation[],
  ): Promise<void> {
    const { header, hash, transactions, result, order } = executed;
    const block: Block = {
      header,
      hash,
      transactions: transactions.map((transaction) => transaction.raw),
      signatures,
      receipts: result.receipts,
    };
    await this.#ledger.commit(block, result.changes, order, consensusRecords, transactions);
    this.#pool.onCommitted(header.number, transactions);
    this.#executed.onStored();
  }

  /**
   * Checks a block that a peer sent against the head, its certificate first because that is cheap, and executes it.
   * @returns a reason when the block is wrong, so that its sender can be blamed
   */
  executeForeign(bytes: Uint8Array): Result<{ executed: ExecutedBlock; signatures: readonly BlockSignature[] }> {
    const decoded = decodeBlock(bytes);
    if (!decoded.ok) return failure(`not a block: ${decoded.reason}`);
    const { header, signatures, transactions: raws } = decoded.value;
    const hash = headerHash(this.#suite, header);
    const head = this.head();
    const problem = checkCertificate(this.#options, { header, hash, signatures }, head);
    if (problem !== undefined) return failure(problem);
    const hashes = hashAll(this.#suite, raws);
    if (!equalBytes(merkleRoot(this.#suite, hashes), header.transactionsRoot)) {
      return failure('its transactions are not those of its header');
    }
    const known = hashes.map((hash) => ({ hash, id: toHex(hash) }));
    const transactions: SignedTransaction[] = [];
    for (const transaction of decodeTransactions(this.#suite, raws, known)) {
      if (!transaction.ok) return failure(`holds a transaction that does not decode: ${transaction.reason}`);
      const pooled = this.#pool.get(transaction.value.id);
      const signed = pooled ?? verifyTransaction(this.#suite, transaction.value);
      if (signed === undefined) return failure('holds a transaction with a wrong signature');
      transactions.push(signed);
    }
    const refusal = this.#pool.checkForBlock(header.number, transactions);
    if (refusal !== undefined) return failure(`holds a transaction that may not be in it: ${refusal}`);
    const proposal: Proposal = {
      height: header.number,
      parentDigest: head.order.digest,
      epoch: head.order.epoch,
      timestampMs: header.timestampMs,
      sealer: header.sealer,
      sealers: header.sealerList,
      transactionHashes: transactions.map((transaction) => transaction.hash),
    };
    if (header.sealer >= header.sealerList.length) return failure('names no sealer as its maker');
    const fault = this.checkOpening(proposal, transactions);
    if (fault !== undefined) return failure(fault);
    const digest = proposalDigest(this.#suite, this.#options, proposal);
    const executed = this.executed(digest) ?? this.execute(digest, proposal, transactions);
    invariant(executed !== undefined, 'node/execute-on-head', `block ${header.number}`);
    // The header carries a quorum of signatures: if our result differs now, it is this node that is wrong.
    invariant(
      equalBytes(executed.hash, hash),
      'node/same-result',
      `block ${header.number}: executed ${toHex(executed.hash)}, a quorum signed ${toHex(hash)}`,
    );
    return success({ executed, signatures });
  }
}

function checkCertificate(
  { suite, rules }: ChainOptions,
  block: Pick<Block, 'header' | 'hash' | 'signatures'>,
  head: ChainHead,
): string | undefined {
  const { header, hash, signatures } = block;
  if (header.number !== head.height + 1) return `is block ${header.number}, not ${head.height + 1}`;
  if (!equalBytes(header.parentHash, head.hash)) return 'does not follow the head';
  if (header.timestampMs <= head.timestampMs) return 'is not later than its parent';
  const isSameList =
    header.sealerList.length === head.sealers.length &&
    header.sealerList.every((nodeId, index) => nodeId === head.sealers[index]);
  if (!isSameList) return 'names other sealers than the chain';
  const signers = new Set<number>();
  for (const { index, signature } of signatures) {
    const nodeId = head.sealers[index];
    if (nodeId === undefined || signers.has(index)) return 'has a signature of no sealer, or one twice';
    if (!suite.verify(hash, signature, fromHex(nodeId))) return 'has a wrong signature';
    signers.add(index);
  }
  const quorum = rules.quorum(head.sealers.length);
  return signers.size < quorum ? `has ${signers.size} signatures of ${quorum}` : undefined;
}

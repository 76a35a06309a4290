import { EMPTY_BYTES, toHex } from '@menglian/base/bytes';
import { failure, type Result } from '@menglian/base/result';
import { executionSettings } from '@menglian/executor/settings';
import type { BlockExecutor } from '@menglian/executor/ports';
import type { Ledger } from '@menglian/ledger/ledger';
import { accountKey, codeKey, decodeAccount } from '@menglian/ledger/stateRecords';
import type {
  BlockView,
  CallRequest,
  CallResult,
  ConsensusStatusView,
  GroupView,
  SubmitRefusal,
  SyncStatusView,
} from '@menglian/rpc/ports';
import type { TransactionPool } from '@menglian/txpool/transactionPool';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Address, NodeId } from '@menglian/types/address';
import type { GenesisConfig } from '@menglian/types/genesis';
import { MAX_TRANSACTION_BYTES } from '@menglian/types/limits';
import { TransactionStatus } from '@menglian/types/status';
import type { SignedTransaction, TransactionReason } from '@menglian/types/transaction';
import type { DiskLimit } from './diskQuota.js';
import type { GroupHost } from './groupHost.js';
import type { AdmissionProblem } from './gossip.js';

/** A node this many blocks behind its peers refuses transactions, as 2.x does. */
const SYNCING_BLOCKS = 20;

export interface LedgerViewOptions {
  readonly suite: CryptoSuite;
  readonly groupId: number;
  readonly consensusType: GenesisConfig['consensusType'];
  readonly nodeId: NodeId;
  readonly freeStorage: boolean;
  readonly gasLimit: bigint;
  readonly actAsGroupMember: boolean;
}

/** What JSON-RPC reads of a group: the ledger, the pool and the state of consensus and sync. */
export class LedgerGroupView implements GroupView {
  readonly suite: CryptoSuite;
  readonly groupId: number;
  readonly nodeId: NodeId;
  readonly genesisHash: Uint8Array;
  readonly #options: LedgerViewOptions;
  readonly #ledger: Ledger;
  readonly #pool: TransactionPool;
  readonly #executor: BlockExecutor;
  readonly #host: GroupHost;
  readonly #disk: DiskLimit;

  constructor(
    options: LedgerViewOptions,
    components: {
      readonly ledger: Ledger;
      readonly pool: TransactionPool;
      readonly executor: BlockExecutor;
      readonly host: GroupHost;
      readonly disk: DiskLimit;
    },
  ) {
    this.#options = options;
    this.suite = options.suite;
    this.groupId = options.groupId;
    this.nodeId = options.nodeId;
    this.#ledger = components.ledger;
    this.#pool = components.pool;
    this.#executor = components.executor;
    this.#host = components.host;
    this.#disk = components.disk;
    this.genesisHash = components.ledger.genesisHash;
  }

  isMember(): boolean {
    if (this.#options.actAsGroupMember) return true;
    return this.sealers().includes(this.nodeId) || this.observers().includes(this.nodeId);
  }

  blockNumber(): number {
    return this.#ledger.head().number;
  }

  headHash(): Uint8Array {
    return this.#ledger.head().hash;
  }

  block(number: number): BlockView | undefined {
    return this.#ledger.blockByNumber(number);
  }

  numberByHash(hash: Uint8Array): number | undefined {
    return this.#ledger.numberByHash(hash);
  }

  locate(transactionHash: Uint8Array): { readonly number: number; readonly index: number } | undefined {
    return this.#ledger.locate(transactionHash);
  }

  totals(): { readonly blockNumber: number; readonly transactions: bigint; readonly failed: bigint } {
    return this.#ledger.totals();
  }

  pendingTransactions(): readonly SignedTransaction[] {
    return [...this.#pool.pending()];
  }

  isPending(hash: string): boolean {
    return this.#pool.has(hash);
  }

  pendingCount(): number {
    return this.#pool.size;
  }

  code(address: Address): Uint8Array {
    const view = this.#ledger.view();
    const account = view.get(accountKey(address));
    if (account === undefined) return EMPTY_BYTES;
    return view.get(codeKey(decodeAccount(account).codeHash)) ?? EMPTY_BYTES;
  }

  systemConfig(key: string): string {
    return this.#ledger.systemConfig(key);
  }

  sealers(): readonly NodeId[] {
    return this.#ledger.membership().inStorageOrder.sealers;
  }

  observers(): readonly NodeId[] {
    return this.#ledger.membership().inStorageOrder.observers;
  }

  workingSealers(): readonly NodeId[] {
    return this.#ledger.membership().inStorageOrder.workingSealers;
  }

  consensusStatus(): ConsensusStatusView {
    const status = this.#host.consensusStatus();
    return {
      consensusType: this.#options.consensusType,
      view: status.view,
      toView: status.toView,
      leaderFailed: status.leaderFailed,
      leader: status.leader,
      connectedSealers: status.sealers.filter((nodeId) => this.#host.isConnected(nodeId)).length,
      sealers: status.sealers,
      viewOf: new Map(status.viewsHeard.map(({ nodeId, view }) => [nodeId, view])),
    };
  }

  syncStatus(): SyncStatusView {
    const { blocks } = this.#host;
    let known = { number: this.blockNumber(), hash: this.headHash() };
    for (const status of blocks.statuses().values()) {
      // Who claims a height and cannot show it does not speak for the group.
      if (status.number > known.number && status.number <= blocks.knownHighest) known = status;
    }
    return {
      isSyncing: blocks.isSyncing,
      knownHighestNumber: known.number,
      knownLatestHash: known.hash,
      peers: [...blocks.statuses()]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([nodeId, { number, hash }]) => ({
          nodeId,
          blockNumber: number,
          genesisHash: this.genesisHash,
          latestHash: hash,
        })),
    };
  }

  call({ from, to, data, value }: CallRequest): CallResult {
    const view = this.#ledger.view();
    const { number, header } = this.#ledger.head();
    return this.#executor.executeCall({
      suite: this.suite,
      view,
      settings: executionSettings(view, number, this.#options.freeStorage, this.#options.gasLimit),
      blockHash: (wanted) => this.#ledger.hashByNumber(wanted),
      header: { number, timestampMs: header.timestampMs },
      from,
      to,
      value,
      data,
    });
  }

  submit(raw: Uint8Array): Result<Uint8Array, SubmitRefusal> {
    return this.submitAll([raw])[0]!;
  }

  submitAll(raws: readonly Uint8Array[]): Result<Uint8Array, SubmitRefusal>[] {
    const refusal = this.#refusal();
    if (refusal !== undefined) return raws.map(() => failure(refusal));
    return this.#host.gossip
      .submit(raws)
      .map((submitted) => (submitted.ok ? submitted : failure(describeProblem(submitted.reason))));
  }

  /** Why the node takes no transactions at all now. */
  #refusal(): SubmitRefusal | undefined {
    const status = TransactionStatus.TransactionRefused;
    const full = this.#disk.refusal;
    if (full !== undefined) return { status, comment: 'OverGroupDiskQuota', advice: full };
    const missing = this.#host.blocks.knownHighest - this.blockNumber();
    if (missing <= SYNCING_BLOCKS || !this.#host.blocks.isSyncing) return undefined;
    const advice = `this node lacks ${missing} blocks; send to another node, or wait until getSyncStatus shows it caught up`;
    return { status, comment: 'ImportResult::NodeIsSyncing', advice };
  }
}

const NO_RLP = 'the bytes are not the RLP of a signed transaction; encode it as docs/formats.md says';

const MALFORMED_ADVICE: Readonly<Record<TransactionReason, string>> = {
  BadRLP: NO_RLP,
  OversizeRLP: NO_RLP,
  UndersizeRLP: NO_RLP,
  InvalidFormat: NO_RLP,
  BadCast:
    'a field is not of its kind: integers have no leading zeros and at most 32 bytes, an address has 20 bytes or none',
  InvalidSignature: 'the number before r and s must be 27 or 28: no chain id is added to it',
  TooLarge: `a transaction has at most ${MAX_TRANSACTION_BYTES} bytes; split what it carries`,
};

/** The comment of 2.x, word for word, and what to do. */
function describeProblem(problem: AdmissionProblem): SubmitRefusal {
  if (problem.kind === 'malformed') {
    return { status: undefined, comment: problem.reason, advice: MALFORMED_ADVICE[problem.reason] };
  }
  const { word, status, advice } = problem.refusal;
  const hash = `txHash=${toHex(problem.hash.subarray(0, 4))}...`;
  const limit = word === 'BlockLimitCheckFailed' ? `txBlockLimit=${problem.blockLimit}, ` : '';
  return { status, comment: `${word}, ${limit}${hash}`, advice };
}

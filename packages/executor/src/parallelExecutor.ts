import type { CryptoSuite } from '@menglian/crypto/suite';
import { openBlockScope } from './blockScope.js';
import type { ExecutorParts } from './blockScope.js';
import { blockResult, runTransaction } from './executeBlock.js';
import { executeCall } from './executeCall.js';
import { ConflictKeys } from './parallel/conflictKeys.js';
import { Coordinator, type Settlement } from './parallel/coordinator.js';
import { Costs } from './parallel/costs.js';
import { BLOCK_STALL_MS_MAX, PARALLEL_BLOCK_BYTES, PARALLEL_TRANSACTIONS_MAX } from './parallel/limits.js';
import { type Plan, planBlock } from './parallel/plan.js';
import type { ExecutionThreads } from './parallel/ports.js';
import { SharedState } from './parallel/sharedState.js';
import { WorkerTeam } from './parallel/workerTeam.js';
import type { BlockExecutor, BlockInput, BlockResult, CallInput, CallResult } from './ports.js';
import { CodeCache } from './state/codeCache.js';
import { StateOverlay } from './state/overlay.js';
import { TransactionHost } from './transaction/transactionHost.js';

/** Of a transaction beside its data, and more. */
const TRANSACTION_OVERHEAD_BYTES = 256;

/**
 * An executor that runs blocks on several threads where that is faster, judged by what their calls have cost before, and in
 * order on this one where it is not. The results are those of the serial executor, byte for byte.
 */
export class ParallelExecutor implements BlockExecutor {
  readonly #parts: ExecutorParts;
  readonly #threads: ExecutionThreads;
  readonly #workers: number;
  readonly #stallMs: number;
  /** From the first block on that is worth it: most groups never have one. */
  #parallel: { readonly team: WorkerTeam; readonly state: SharedState } | undefined;
  readonly #costs = new Costs();
  #overlay: StateOverlay | undefined;
  #isStopped = false;
  #parallelBlocks = 0;
  readonly #settlements = { merged: 0, conflict: 0, 'in order': 0 };

  /**
   * @param ecdsa the suite `ecdsa`, whatever the group's own
   * @param workers 1 to EXECUTION_WORKERS_MAX; this thread waits while they run, so as many as there are cores
   */
  constructor(
    ecdsa: CryptoSuite,
    threads: ExecutionThreads,
    workers: number,
    { stallMs = BLOCK_STALL_MS_MAX }: { readonly stallMs?: number } = {},
  ) {
    this.#parts = { codes: new CodeCache(), ecdsa };
    this.#threads = threads;
    this.#workers = workers;
    this.#stallMs = stallMs;
  }

  /** Blocks that ran on several threads so far. */
  get parallelBlocks(): number {
    return this.#parallelBlocks;
  }

  /** What became of the transactions of those blocks. */
  get settlements(): Readonly<Record<Settlement['how'], number>> {
    return { ...this.#settlements };
  }

  executeBlock(block: BlockInput): BlockResult {
    this.#overlay ??= new StateOverlay(block.suite, block.view);
    this.#overlay.begin(block.view);
    const plan = this.#parallelPlan(block);
    if (plan === undefined || !this.#isReady()) return this.#runInOrder(block, this.#overlay);
    return this.#runInParallel(block, plan, this.#overlay);
  }

  executeCall(call: CallInput): CallResult {
    return executeCall(call, this.#parts);
  }

  /** Workers return from what they do; blocks are executed in order from then on. */
  stop(): void {
    this.#isStopped = true;
    this.#parallel?.team.stop();
  }

  /** Starts the threads when it is asked first. */
  #isReady(): boolean {
    if (this.#isStopped) return false;
    if (this.#parallel === undefined) {
      const team = new WorkerTeam(this.#threads, this.#workers, this.#stallMs);
      this.#parallel = { team, state: new SharedState(team.memory) };
    }
    return this.#parallel.team.isReady;
  }

  /** @returns undefined where the block is better run in order */
  #parallelPlan({ transactions, view, settings }: BlockInput): Plan | undefined {
    if (this.#isStopped || this.#workers < 2 || transactions.length > PARALLEL_TRANSACTIONS_MAX) return undefined;
    if (!transactions.some((transaction) => this.#costs.isWorthIt(transaction))) return undefined;
    let bytes = TRANSACTION_OVERHEAD_BYTES;
    for (const { data } of transactions) bytes += TRANSACTION_OVERHEAD_BYTES + data.length;
    if (bytes > PARALLEL_BLOCK_BYTES) return undefined;
    const isWorthIt = (transaction: BlockInput['transactions'][number]) => this.#costs.isWorthIt(transaction);
    const plan = planBlock(transactions, new ConflictKeys(view), isWorthIt, settings.chargeGas);
    return this.#costs.isBlockWorthIt(transactions, plan, this.#workers) ? plan : undefined;
  }

  #runInParallel(input: BlockInput, plan: Plan, overlay: StateOverlay): BlockResult {
    this.#parallelBlocks += 1;
    const { team, state } = this.#parallel!;
    const onSettled = (index: number, settlement: Settlement) => this.#learn(input, index, settlement);
    const given = { input, plan, parts: this.#parts, overlay };
    const coordinator = new Coordinator(team.memory, state, given, onSettled);
    return team.run(coordinator, this.#costs.lead);
  }

  #learn({ transactions }: BlockInput, index: number, settlement: Settlement): void {
    this.#settlements[settlement.how] += 1;
    if (settlement.how === 'in order') return;
    this.#costs.noteTry(transactions[index]!, settlement.how === 'conflict');
    if (settlement.how === 'merged') this.#costs.note(transactions[index]!, settlement.micros);
  }

  #runInOrder(input: BlockInput, overlay: StateOverlay): BlockResult {
    const scope = openBlockScope(input, input.header, input.header.number - 1, this.#parts, overlay);
    const host = new TransactionHost(scope);
    let micros = this.#threads.nowMicros();
    const executed = input.transactions.map((transaction) => {
      const execution = runTransaction(host, transaction);
      const before = micros;
      micros = this.#threads.nowMicros();
      this.#costs.note(transaction, micros - before);
      return execution;
    });
    const result = blockResult(input, overlay, executed);
    this.#parallel?.state.follow(input.parent.stateDigest, result.changes, result.stateDigest);
    return result;
  }
}

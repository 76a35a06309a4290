import { invariant } from '@menglian/base/invariant';
import { logBytesOf } from '@menglian/precompiled/ports';
import { type BlockScope, openBlockScope } from '../blockScope.js';
import type { ExecutorParts } from '../blockScope.js';
import { blockResult, runTransaction } from '../executeBlock.js';
import { BLOCK_CHANGE_BYTES_MAX } from '../limits.js';
import type { BlockInput, BlockResult } from '../ports.js';
import { encodeCell } from '../state/cells.js';
import type { NumberedRow } from '../state/numberedRow.js';
import type { StateOverlay } from '../state/overlay.js';
import type { Execution } from '../transaction/executeTransaction.js';
import { TransactionHost } from '../transaction/transactionHost.js';
import type { SignedTransaction } from '@menglian/types/transaction';
import { accountKey, type StatePlace } from '@menglian/ledger/stateRecords';
import { encodeBlock } from './blockRecord.js';
import { decodeOutcome, type Outcome } from './outcomeRecord.js';
import type { Plan } from './plan.js';
import { Control, type SharedMemory, TransactionState } from './sharedMemory.js';
import type { SharedState } from './sharedState.js';

/** What became of a transaction, for the costs to learn from. */
export type Settlement =
  /** a worker's outcome counted; what it took there */
  | { readonly how: 'merged'; readonly micros: number }
  /** a worker's outcome did not: something it read had changed */
  | { readonly how: 'conflict' }
  | { readonly how: 'in order' };

/**
 * One block on the group's thread while workers speculate: settles the transactions one after another in block order. A
 * worker's outcome counts when every value it read is still the current one, for then the transaction would do the very same
 * now; its writes are done again over the overlay. Everything else is executed here, in its turn. So the result is that of
 * `executeBlock`, whatever the workers do and whenever they do it.
 */
export class Coordinator {
  readonly #memory: SharedMemory;
  readonly #state: SharedState;
  readonly #input: BlockInput;
  readonly #overlay: StateOverlay;
  readonly #block: BlockScope;
  readonly #host: TransactionHost;
  readonly #onSettled: (index: number, settlement: Settlement) => void;
  readonly #executed: Execution[] = [];
  #worksAlone = false;

  /**
   * Lays the block out for the workers, which are idle; they begin when `Control.Block` rises.
   * @param overlay just begun on the block's view
   */
  constructor(
    memory: SharedMemory,
    state: SharedState,
    {
      input,
      plan,
      parts,
      overlay,
    }: Readonly<{ input: BlockInput; plan: Plan; parts: ExecutorParts; overlay: StateOverlay }>,
    onSettled: (index: number, settlement: Settlement) => void,
  ) {
    this.#memory = memory;
    this.#state = state;
    this.#input = input;
    this.#overlay = overlay;
    this.#block = openBlockScope(input, input.header, input.header.number - 1, parts, overlay);
    this.#host = new TransactionHost(this.#block);
    this.#onSettled = onSettled;
    overlay.kept = new Set();
    state.open(input.parent.stateDigest);
    const bytes = encodeBlock(input);
    invariant(bytes.length <= memory.block.length, 'executor/block-bytes');
    memory.block.set(bytes);
    for (const [i, { isSpeculative, predecessor }] of plan.entries()) {
      Atomics.store(memory.states, i, isSpeculative ? TransactionState.Free : TransactionState.InOrder);
      Atomics.store(memory.predecessors, i, predecessor);
    }
    for (const [i, { isSpeculative }] of plan.entries()) if (isSpeculative) this.#foresee(input.transactions[i]!);
    Atomics.store(memory.control, Control.Settled, 0);
    Atomics.store(memory.control, Control.TransactionCount, plan.length);
  }

  /** Settles the next transaction if that is possible now. */
  advance(): 'settled' | 'wait' | 'finished' {
    const index = this.#executed.length;
    if (index === this.#input.transactions.length) return 'finished';
    if (this.#worksAlone || this.#state.isFull) return this.#runInOrder(index, { how: 'in order' });
    const state = Atomics.load(this.#memory.states, index);
    if (state === TransactionState.InOrder) return this.#runInOrder(index, { how: 'in order' });
    if (state !== TransactionState.Done) return 'wait';
    const outcome = decodeOutcome(this.#memory.results.subarray(Atomics.load(this.#memory.places, index)));
    if (!this.#stillHolds(outcome)) return this.#runInOrder(index, { how: 'conflict' });
    if (!this.#hasRoom(outcome)) return this.#runInOrder(index, { how: 'in order' });
    this.#merge(outcome);
    return this.#settle(outcome.execution, { how: 'merged', micros: outcome.micros });
  }

  /** A worker asks for the index of a key. */
  indexOf(key: Uint8Array): number {
    return this.#state.index(key, (place) => this.#overlay.bytesAt(place));
  }

  /** A worker asks for a value of the parent's state. @returns its record in the heap */
  parentRecord(key: Uint8Array): number {
    return this.#state.append(this.#input.view.get(key));
  }

  /** Expects nothing of the workers any more. */
  workAlone(): void {
    this.#worksAlone = true;
  }

  /** Call when all is settled. */
  finish(): BlockResult {
    this.#overlay.kept = undefined;
    const result = blockResult(this.#input, this.#overlay, this.#executed);
    this.#state.close(result.stateDigest);
    return result;
  }

  /** Keys that will be asked for are told before. */
  #foresee({ sender, to }: SignedTransaction): void {
    this.indexOf(accountKey(sender));
    if (to !== undefined) this.indexOf(accountKey(to));
  }

  #stillHolds({ reads, sums }: Outcome): boolean {
    for (const { index, record } of reads) if (!this.#state.isCurrent(index, record)) return false;
    for (const { index, field, low, high, otherBytes } of sums) {
      const row = this.#numberedRow(index, field);
      if (row === undefined || row.number < low || row.number > high || row.otherBytes !== otherBytes) return false;
    }
    return true;
  }

  #numberedRow(index: number, field: string): NumberedRow | undefined {
    const { table, key } = this.#rowsPlace(index);
    return this.#overlay.numberedRow(table, key, field);
  }

  #rowsPlace(index: number): Extract<StatePlace, { kind: 'rows' }> {
    const place = this.#state.place(index);
    invariant(place.kind === 'rows', 'executor/sum-of-row');
    return place;
  }

  /** Near the bounds of a block they are counted as transactions run, not as they are merged. */
  #hasRoom({ execution, writes, sums, codes }: Outcome): boolean {
    let bytes = 0;
    for (const { otherBytes } of sums) bytes += ROOM_PER_WRITE + otherBytes;
    for (const { value } of writes) bytes += ROOM_PER_WRITE + ROOM_PER_BYTE * (value?.length ?? 0);
    for (const code of codes) bytes += code.length;
    return (
      this.#overlay.changedBytes + bytes <= BLOCK_CHANGE_BYTES_MAX / 2 &&
      this.#block.results.hasRoom(resultBytes(execution))
    );
  }

  #merge({ execution, writes, sums, codes }: Outcome): void {
    const overlay = this.#overlay;
    for (const code of codes) overlay.addCode(code);
    for (const { index, isKept, value } of writes) {
      const place = this.#state.place(index);
      invariant(place.kind !== 'code', 'executor/write-of-cell');
      if (isKept) overlay.writeBytes(place, value);
      else overlay.noteWritten(place);
    }
    for (const { index, field, added } of sums) {
      if (added === undefined) continue;
      const { table, key } = this.#rowsPlace(index);
      const row = this.#numberedRow(index, field)!;
      overlay.setRows(table, key, row.with(row.number + added, this.#block.parentNumber + 1));
    }
    invariant(overlay.commitTransaction(), 'executor/merge-has-room');
    this.#publishKept();
    this.#block.results.take(resultBytes(execution));
  }

  #runInOrder(index: number, settlement: Settlement): 'settled' {
    const execution = runTransaction(this.#host, this.#input.transactions[index]!);
    this.#publishKept();
    return this.#settle(execution, settlement);
  }

  #publishKept(): void {
    const kept = this.#overlay.kept!;
    for (const cell of kept) this.#state.publish(cell.name, encodeCell(cell));
    kept.clear();
  }

  #settle(execution: Execution, settlement: Settlement): 'settled' {
    const index = this.#executed.push(execution) - 1;
    Atomics.store(this.#memory.control, Control.Settled, index + 1);
    this.#onSettled(index, settlement);
    return 'settled';
  }
}

/** More than any write counts: rows count their field names each, and hold them once. */
const ROOM_PER_BYTE = 16;
const ROOM_PER_WRITE = 4096;

function resultBytes({ output, logs }: Execution): number {
  return output.length + logBytesOf(logs);
}

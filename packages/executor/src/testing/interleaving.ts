import { SeededRandom } from '@menglian/base/seededRandom';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { SignedTransaction } from '@menglian/types/transaction';
import { expect } from 'vitest';
import { ConflictKeys } from '../parallel/conflictKeys.js';
import { Coordinator, type Settlement } from '../parallel/coordinator.js';
import { planBlock } from '../parallel/plan.js';
import { Control, createSharedBuffers, NO_ROOM, SharedMemory } from '../parallel/sharedMemory.js';
import { SharedState } from '../parallel/sharedState.js';
import { Speculator } from '../parallel/speculator.js';
import type { BlockInput, BlockResult } from '../ports.js';
import { CodeCache } from '../state/codeCache.js';
import { StateOverlay } from '../state/overlay.js';

/**
 * Coordinator and workers on one thread, in an order that a seed decides. Workers forget the state before each transaction,
 * so that they ask for every key they read: there the seed lets others go on, up to a whole run inside another's read.
 */
export class Interleaving {
  readonly counts = { merged: 0, conflict: 0, 'in order': 0 };
  readonly #random: SeededRandom;
  readonly #memory: SharedMemory;
  readonly #state: SharedState;
  readonly #speculators: readonly Speculator[];
  readonly #suite: CryptoSuite;
  readonly #parts: { readonly codes: CodeCache; readonly ecdsa: CryptoSuite };
  readonly #busy = new Set<number>();
  #coordinator: Coordinator | undefined;
  #overlay: StateOverlay | undefined;

  constructor(suite: CryptoSuite, ecdsa: CryptoSuite, seed: number, workers: number) {
    this.#suite = suite;
    this.#parts = { codes: new CodeCache(), ecdsa };
    this.#random = new SeededRandom(seed);
    this.#memory = new SharedMemory(createSharedBuffers(workers));
    this.#state = new SharedState(this.#memory);
    this.#speculators = Array.from({ length: workers }, (_, worker) => {
      const askIndex = (key: Uint8Array): number => {
        this.#goOn();
        return this.#coordinator!.indexOf(key);
      };
      const askParent = (key: Uint8Array): Uint8Array | undefined => {
        const record = this.#coordinator!.parentRecord(key);
        expect(record).not.toBe(NO_ROOM);
        return this.#memory.record(record);
      };
      return new Speculator(this.#memory, worker, { suite, ecdsa }, { askIndex, askParent, nowMicros: () => 0 });
    });
  }

  execute(input: BlockInput, isTried: (transaction: SignedTransaction) => boolean): BlockResult {
    const overlay = (this.#overlay ??= new StateOverlay(this.#suite, input.view));
    overlay.begin(input.view);
    const plan = planBlock(input.transactions, new ConflictKeys(input.view), isTried, input.settings.chargeGas);
    const count = (_: number, { how }: Settlement): void => void (this.counts[how] += 1);
    this.#coordinator = new Coordinator(this.#memory, this.#state, { input, plan, parts: this.#parts, overlay }, count);
    for (const speculator of this.#speculators) speculator.begin();
    while (!this.#isFinished()) this.#step();
    return this.#coordinator.finish();
  }

  #isFinished(): boolean {
    return Atomics.load(this.#memory.control, Control.Settled) === this.#memory.control[Control.TransactionCount];
  }

  #goOn(): void {
    while (this.#random.chance(50)) this.#step();
  }

  /** The coordinator settles one transaction if it can, or a worker that does nothing runs one. */
  #step(): void {
    const worker = this.#random.below(this.#speculators.length + 1);
    if (worker === this.#speculators.length) {
      this.#coordinator!.advance();
      return;
    }
    if (this.#busy.has(worker)) return;
    const speculator = this.#speculators[worker]!;
    const claim = speculator.claim();
    if (typeof claim !== 'number') return;
    this.#busy.add(worker);
    Atomics.add(this.#memory.control, Control.StateGeneration, 1);
    speculator.run(claim);
    this.#busy.delete(worker);
  }
}

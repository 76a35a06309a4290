import { equalBytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import type { NodeId } from '@menglian/types/address';
import type { BlockSignature } from '@menglian/types/block';
import type { Chain } from './chain.js';
import type { Clock } from './clock.js';
import type { ConsensusRecords } from './consensusRecords.js';
import type { ExecutedBlock } from './executedBlocks.js';
import type { CommitEffect, Execution } from './execution.js';

/** Stores blocks one at a time in order of height, whoever brings them: consensus or sync. */
export class CommitQueue {
  readonly #chain: Chain;
  readonly #execution: Execution;
  readonly #records: ConsensusRecords;
  readonly #clock: Clock;
  readonly #onStored: (block: ExecutedBlock, tookMs: number) => void;
  readonly #onRejected: (number: number, from: NodeId, reason: string) => void;
  readonly #fail: (error: unknown) => void;
  #last: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(components: {
    readonly chain: Chain;
    readonly execution: Execution;
    readonly records: ConsensusRecords;
    readonly clock: Clock;
    /** a block is durable and the head has risen */
    readonly onStored: (block: ExecutedBlock, tookMs: number) => void;
    /** a block that a peer sent is wrong */
    readonly onRejected: (number: number, from: NodeId, reason: string) => void;
    readonly fail: (error: unknown) => void;
  }) {
    this.#chain = components.chain;
    this.#execution = components.execution;
    this.#records = components.records;
    this.#clock = components.clock;
    this.#onStored = components.onStored;
    this.#onRejected = components.onRejected;
    this.#fail = components.fail;
  }

  /** Stores a block that consensus has certified, after those that were given before. */
  commit(effect: CommitEffect): void {
    void this.#inTurn(async () => {
      if (effect.height <= this.#chain.height) return;
      const block = this.#execution.resultOf(effect);
      invariant(equalBytes(block.hash, effect.headerHash), 'node/commit-result', `block ${effect.height}`);
      await this.#store(block, effect.signatures);
    });
  }

  /** Checks a block that a peer sent, executes and stores it. Never rejects. */
  async applyForeign(number: number, bytes: Uint8Array, from: NodeId): Promise<'stored' | 'rejected'> {
    let outcome: 'stored' | 'rejected' = 'stored';
    await this.#inTurn(async () => {
      if (number <= this.#chain.height) return;
      const result = this.#chain.executeForeign(bytes);
      if (result.ok) return this.#store(result.value.executed, result.value.signatures);
      outcome = 'rejected';
      this.#onRejected(number, from, result.reason);
    });
    return outcome;
  }

  /** Begins nothing more. Resolves when the write under way is done. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return this.#last;
  }

  async #store(block: ExecutedBlock, signatures: readonly BlockSignature[]): Promise<void> {
    const startedAtMs = this.#clock.monotonicMs();
    await this.#chain.store(block, signatures, this.#records.dropBodies(block.header.number));
    this.#onStored(block, this.#clock.monotonicMs() - startedAtMs);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last
      .then(() => (this.#isStopped ? undefined : work()))
      .catch((error: unknown) => {
        // What waits behind a block that could not be stored must not be stored either.
        this.#isStopped = true;
        this.#fail(error);
      });
    return this.#last;
  }
}

import { invariant } from '@menglian/base/invariant';
import type { Effect, Proposal } from '@menglian/consensus-core/ports';
import type { SignedTransaction } from '@menglian/types/transaction';
import type { Chain } from './chain.js';
import type { Clock } from './clock.js';
import type { ExecutedBlock } from './executedBlocks.js';
import type { InFlight } from './inFlight.js';
import type { Proposals } from './proposals.js';

export type ExecuteEffect = Extract<Effect, { kind: 'execute' }>;
export type CommitEffect = Extract<Effect, { kind: 'commit' }>;

/** Executes proposals ahead of the stored head, each on the result of the one below. */
export class Execution {
  readonly #chain: Chain;
  readonly #clock: Clock;
  readonly #proposals: Proposals;
  readonly #inFlight: InFlight;
  readonly #onExecuted: (transactions: number, tookMs: number) => void;

  constructor(components: {
    readonly chain: Chain;
    readonly clock: Clock;
    readonly proposals: Proposals;
    readonly inFlight: InFlight;
    /** how long a block took */
    readonly onExecuted: (transactions: number, tookMs: number) => void;
  }) {
    this.#chain = components.chain;
    this.#clock = components.clock;
    this.#proposals = components.proposals;
    this.#inFlight = components.inFlight;
    this.#onExecuted = components.onExecuted;
  }

  /**
   * Executes what a block on that parent follows, unless it was executed before.
   * @returns false when the parent is not known here, or its branch was left behind
   */
  executeBelow(block: Pick<Proposal, 'height' | 'parentDigest'>): boolean {
    const ancestors = this.#inFlight.ancestors(block.height, block.parentDigest);
    for (const { digest, proposal, transactions } of ancestors ?? []) this.#run(digest, proposal, transactions);
    return ancestors !== undefined && this.#chain.canExecute(block);
  }

  /** @returns undefined when the height is stored by now, or the branch was left behind */
  execute({ digest, proposal }: ExecuteEffect): ExecutedBlock | undefined {
    // Results below were answered before; those that were forgotten since come again.
    if (!this.executeBelow(proposal)) return undefined;
    const { transactions } = this.#inFlight.add(digest, proposal, this.bodies(digest, proposal));
    return this.#run(digest, proposal, transactions);
  }

  /** The block of a decided proposal, whose parent is stored. */
  resultOf({ height, digest, proposal }: CommitEffect): ExecutedBlock {
    const block = this.#run(digest, proposal, this.bodies(digest, proposal));
    invariant(block !== undefined, 'node/commit-on-head', `block ${height}`);
    return block;
  }

  /** Transactions of a proposal above the head that was verified here, or voted for before a restart. */
  bodies(digest: Uint8Array, proposal: Proposal): readonly SignedTransaction[] {
    const bodies = this.#inFlight.get(digest)?.transactions ?? this.#proposals.bodies(proposal);
    invariant(bodies !== undefined, 'node/bodies-of-verified', `block ${proposal.height}`);
    return bodies;
  }

  #run(digest: Uint8Array, proposal: Proposal, bodies: readonly SignedTransaction[]): ExecutedBlock | undefined {
    const known = this.#chain.executed(digest);
    if (known !== undefined) return known;
    const startedAtMs = this.#clock.monotonicMs();
    const block = this.#chain.execute(digest, proposal, bodies);
    if (block !== undefined) this.#onExecuted(bodies.length, this.#clock.monotonicMs() - startedAtMs);
    return block;
  }
}

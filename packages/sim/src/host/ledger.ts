/** The durable chain of one replica: a block is there, with all it changes, or it is not. */
import { invariant } from '@menglian/base/invariant';
import type { ChainHead, ChainReader } from '@menglian/consensus-core/ports';
import { type ChainRules, type ChainState, genesisState, type SimulatedBlock } from '../chain.js';
import { keyOf } from '../fakeCrypto.js';

export class SimulatedLedger {
  /** In order, from height 1 on. */
  readonly blocks: SimulatedBlock[] = [];
  readonly #states: ChainState[];
  readonly #included = new Set<number>();
  readonly #rules: ChainRules;
  readonly #consensusTimeoutMs: number;

  constructor(rules: ChainRules, consensusTimeoutMs: number) {
    this.#rules = rules;
    this.#consensusTimeoutMs = consensusTimeoutMs;
    this.#states = [genesisState(rules)];
  }

  get height(): number {
    return this.blocks.length;
  }

  /** What the stored chain leaves behind. */
  get state(): ChainState {
    return this.#states.at(-1)!;
  }

  isIncluded(transaction: number): boolean {
    return this.#included.has(transaction);
  }

  append(block: SimulatedBlock, state: ChainState): void {
    invariant(block.height === this.height + 1 && state.height === block.height, 'sim/ledger-gap');
    this.blocks.push(block);
    this.#states.push(state);
    for (const hash of block.proposal.transactionHashes) this.#included.add(keyOf(hash));
  }

  /** An operator brings back an older copy. */
  truncate(height: number): void {
    this.blocks.length = Math.min(this.blocks.length, height);
    this.#states.length = this.blocks.length + 1;
    this.#included.clear();
    for (const { proposal } of this.blocks) {
      for (const hash of proposal.transactionHashes) this.#included.add(keyOf(hash));
    }
  }

  head(): ChainHead {
    const { height, hash, timestampMs, digest, epoch, sealers, maxTransactions } = this.state;
    return {
      height,
      hash,
      timestampMs,
      order: { digest, epoch },
      sealers,
      observers: this.#rules.nodeIds.filter((nodeId) => !sealers.includes(nodeId)),
      settings: { maxTransactions, consensusTimeoutMs: this.#consensusTimeoutMs },
    };
  }

  reader(): ChainReader {
    return {
      hashAt: (height) => this.#states[height]?.hash,
      orderAt: (height) => {
        const state = this.#states[height];
        return state === undefined ? undefined : { digest: state.digest, epoch: state.epoch };
      },
    };
  }
}

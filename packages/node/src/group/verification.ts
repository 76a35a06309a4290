import { invariant } from '@menglian/base/invariant';
import type { ChainHead, Input } from '@menglian/consensus-core/ports';
import type { TransactionPool } from '@menglian/txpool/transactionPool';
import type { NodeId } from '@menglian/types/address';
import type { SignedTransaction } from '@menglian/types/transaction';
import type { Chain } from './chain.js';
import type { Clock } from './clock.js';
import type { Execution } from './execution.js';
import type { Gossip } from './gossip.js';
import type { InFlight, ProposalInFlight } from './inFlight.js';
import { BLOCK_TRANSACTION_BYTES_MAX } from './limits.js';
import type { Proposals, VerifyProposalEffect } from './proposals.js';

/** A proposal's timestamp may lie this far ahead of the own clock. */
const TIMESTAMP_AHEAD_MS = 30 * 60 * 1000;

/** Judges proposals as strictly as the pool would, once their bodies are here. */
export class Verification {
  readonly #nodeId: NodeId;
  readonly #chain: Pick<Chain, 'isRotating' | 'checkOpening'>;
  readonly #execution: Pick<Execution, 'executeBelow'>;
  readonly #pool: TransactionPool;
  readonly #clock: Clock;
  readonly #proposals: Proposals;
  readonly #inFlight: InFlight;
  readonly #gossip: Pick<Gossip, 'hurry' | 'fetch'>;
  readonly #head: () => ChainHead;
  readonly #answer: (input: Input) => void;

  constructor(
    options: { readonly nodeId: NodeId },
    components: {
      readonly chain: Pick<Chain, 'isRotating' | 'checkOpening'>;
      readonly execution: Pick<Execution, 'executeBelow'>;
      readonly pool: TransactionPool;
      readonly clock: Clock;
      readonly proposals: Proposals;
      readonly inFlight: InFlight;
      readonly gossip: Pick<Gossip, 'hurry' | 'fetch'>;
      readonly head: () => ChainHead;
      readonly answer: (input: Input) => void;
    },
  ) {
    this.#nodeId = options.nodeId;
    this.#chain = components.chain;
    this.#execution = components.execution;
    this.#pool = components.pool;
    this.#clock = components.clock;
    this.#proposals = components.proposals;
    this.#inFlight = components.inFlight;
    this.#gossip = components.gossip;
    this.#head = components.head;
    this.#answer = components.answer;
  }

  /** Answers when the bodies are here; asks for those that are missing. */
  verify(effect: VerifyProposalEffect): void {
    if (effect.height <= this.#head().height) return;
    this.#gossip.hurry(this.#proposals.idsOf(effect.proposal));
    const missing = this.#proposals.wait(effect);
    if (missing.length === 0) return this.onComplete(effect);
    const others = effect.proposal.sealers.filter((nodeId) => nodeId !== effect.proposer && nodeId !== this.#nodeId);
    const sources = effect.proposer === this.#nodeId ? others : [effect.proposer, ...others];
    this.#gossip.fetch(missing, sources);
  }

  /** All bodies of a proposal are here. */
  onComplete(effect: VerifyProposalEffect): void {
    const { height, view, digest, proposal } = effect;
    const ancestors = this.#inFlight.ancestors(height, proposal.parentDigest);
    // Its height is stored by now, or its branch was left behind: nobody waits for the answer.
    if (ancestors === undefined) return;
    const transactions = this.#proposals.bodies(proposal);
    invariant(transactions !== undefined, 'node/proposal-complete');
    if (this.#chain.isRotating && !this.#execution.executeBelow(proposal)) return;
    const reason = this.#faultOf(effect, ancestors, transactions);
    if (reason !== undefined) return this.#answer({ kind: 'proposalRejected', height, view, digest, reason });
    this.#inFlight.add(digest, proposal, transactions);
    this.#answer({ kind: 'proposalVerified', height, view, digest });
  }

  #faultOf(
    { height, proposal, certified }: VerifyProposalEffect,
    ancestors: readonly ProposalInFlight[],
    transactions: readonly SignedTransaction[],
  ): string | undefined {
    const parentMs = ancestors.at(-1)?.proposal.timestampMs ?? this.#head().timestampMs;
    if (proposal.timestampMs <= parentMs) return 'its timestamp is not above its parent';
    // The earliest time that the parent allows is always good: else a clock that was ahead once would stop the chain.
    const latestMs = Math.max(parentMs + 1, this.#clock.wallMs() + TIMESTAMP_AHEAD_MS);
    if (!certified && proposal.timestampMs > latestMs) return 'its timestamp is more than 30 minutes ahead';
    const bytes = transactions.reduce((sum, { raw }) => sum + raw.length, 0);
    if (bytes > BLOCK_TRANSACTION_BYTES_MAX) return `has ${bytes} bytes of transactions`;
    const nonces = ancestors.map((ancestor) => ancestor.nonces);
    const refusal = this.#pool.checkForBlock(height, transactions, nonces);
    if (refusal !== undefined) return `holds a transaction that may not be in it: ${refusal}`;
    return this.#chain.checkOpening(proposal, transactions);
  }
}

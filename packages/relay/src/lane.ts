/** Messages from one chain to another. */
import { BUNDLE_RECEIPTS_MAX } from '@menglian/interchain/limits';
import type { Hash, Hex } from '@menglian/sdk/hex';
import { SdkError, sdkError } from '@menglian/sdk/sdkError';
import { ExecutionError } from '@menglian/sdk/transaction/executionError';
import { CLIENT_MISSING, hasNumber, SEALERS_UNTRUSTED, SEQUENCE_GAP } from './codes.js';
import { BUNDLES_IN_FLIGHT_MAX } from './limits.js';
import type { RelayChain } from './ports.js';
import { refusalsOf } from './refusals.js';
import { planBundles, type PlannedBundle } from './relayPlan.js';
import { bridgeTrust, followSealers } from './trust.js';

/** How often it is looked whether the sealers of a chain have changed. */
const TRUST_CHECK_MS = 10_000;

/** What a step did. */
export type LaneStep =
  /** There was nothing to do. */
  | { readonly kind: 'idle' }
  /** Nothing waits, and nothing could be carried: the target does not know the source. */
  | { readonly kind: 'unregistered'; readonly source: Hash }
  /** Others, such as another relay, handed over the same. */
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'delivered'; readonly messages: number; readonly bundles: number; readonly last: bigint }
  /** The target learnt of the sealers of this block. */
  | { readonly kind: 'anchored'; readonly blockNumber: number }
  /** Receivers need more gas than is left for so many: the next bundles hold fewer receipts. */
  | { readonly kind: 'fewer'; readonly receiptsMax: number };

/**
 * One ordered pair of chains. Where it stands is read from the chains at each step, so a relay that is killed goes on where it was, and
 * several at once only do some work twice.
 */
export class Lane {
  readonly source: RelayChain;
  readonly target: RelayChain;
  #receiptsMax = BUNDLE_RECEIPTS_MAX;
  #bundlesMax = BUNDLES_IN_FLIGHT_MAX;
  #trustCheckedAtMs = Number.NEGATIVE_INFINITY;
  /** Height of the source up to which nothing waits: without a new block there is no new message. */
  #quietHeight = -1;

  constructor(source: RelayChain, target: RelayChain) {
    this.source = source;
    this.target = target;
  }

  get name(): string {
    return `${this.source.name} → ${this.target.name}`;
  }

  /** @throws SdkError: wait, then step again */
  async step(nowMs: number): Promise<LaneStep> {
    const { source, target } = this;
    const [from, to, height] = await Promise.all([source.identity(), target.identity(), source.blockNumber()]);
    if (from === to) throw sdkError('BadArgument', `${this.name}: this is one chain`, 'name each chain once');
    const isTrustChecked = nowMs - this.#trustCheckedAtMs < TRUST_CHECK_MS;
    if (height === this.#quietHeight && isTrustChecked) return { kind: 'idle' };
    const taken = await target.lastTaken(from);
    const sent = await source.lastSent(to);
    if (sent <= taken) {
      this.#quietHeight = height;
      return isTrustChecked ? { kind: 'idle' } : this.#keepTrust(nowMs, from);
    }
    if ((await target.knows(from)) === undefined) throw this.#unknown(sent - taken);
    const bundles = await this.#plan(to, taken, sent);
    return bundles.length === 0 ? { kind: 'idle' } : this.#deliver(from, taken, bundles);
  }

  async #plan(to: Hash, taken: bigint, sent: bigint): Promise<readonly PlannedBundle[]> {
    const bundles: PlannedBundle[] = [];
    let last = taken;
    while (last < sent && bundles.length < this.#bundlesMax) {
      const blockNumber = await this.source.sentAt(to, last + 1n);
      if (blockNumber === undefined) break;
      const planned = planBundles(blockNumber, await this.source.messagesIn(blockNumber, to), last, this.#receiptsMax);
      if (planned.length === 0 && bundles.length === 0) throw this.#withheld(blockNumber, last + 1n);
      if (planned.length === 0) break;
      bundles.push(...planned);
      last = planned.at(-1)!.last;
    }
    return bundles.slice(0, this.#bundlesMax);
  }

  async #deliver(from: Hash, taken: bigint, bundles: readonly PlannedBundle[]): Promise<LaneStep> {
    const bytes: Hex[] = [];
    // One by one: each is some dozens of requests already.
    for (const { blockNumber, transactions } of bundles) {
      bytes.push(await this.source.bundle(blockNumber, transactions));
    }
    // Sent in order, they mostly arrive in order. Where they do not, those behind a gap are handed over again.
    const results = await Promise.allSettled(bytes.map((bundle) => this.target.deliver(from, bundle)));
    const refusals = refusalsOf(results);
    const gap = results.findIndex(({ status }) => status === 'rejected');
    const accepted = gap < 0 ? results.length : gap;
    if (accepted === 0) return this.#refused(refusals[0]!, bundles[0]!);
    const counts = results.map((result) => (result.status === 'fulfilled' ? result.value : 0));
    const messages = counts.reduce((sum, count) => sum + count, 0);
    this.#adapt(taken, bundles, { accepted, lastCount: counts[accepted - 1]! });
    if (messages === 0) return { kind: 'overtaken' };
    return { kind: 'delivered', messages, bundles: accepted, last: bundles[accepted - 1]!.last };
  }

  /** Where gas was short in one bundle and so the next was refused, so many are tried next as were taken; else more again. */
  #adapt(
    taken: bigint,
    bundles: readonly PlannedBundle[],
    { accepted, lastCount }: { readonly accepted: number; readonly lastCount: number },
  ): void {
    if (accepted === bundles.length) {
      this.#receiptsMax = Math.min(2 * this.#receiptsMax, BUNDLE_RECEIPTS_MAX);
      this.#bundlesMax = Math.min(2 * this.#bundlesMax, BUNDLES_IN_FLIGHT_MAX);
      return;
    }
    const { last, transactions } = bundles[accepted - 1]!;
    const expected = Number(last - (accepted === 1 ? taken : bundles[accepted - 2]!.last));
    if (lastCount < expected) this.#receiptsMax = Math.max(1, Math.ceil((transactions.length * lastCount) / expected));
    this.#bundlesMax = 1;
  }

  async #refused(error: SdkError, { blockNumber, transactions }: PlannedBundle): Promise<LaneStep> {
    if (hasNumber(error, SEALERS_UNTRUSTED)) {
      return { kind: 'anchored', blockNumber: await bridgeTrust(this.source, this.target, blockNumber) };
    }
    if (hasNumber(error, SEQUENCE_GAP)) return { kind: 'overtaken' };
    if (error instanceof ExecutionError && transactions.length > 1) {
      this.#receiptsMax = Math.ceil(transactions.length / 2);
      return { kind: 'fewer', receiptsMax: this.#receiptsMax };
    }
    throw error;
  }

  async #keepTrust(nowMs: number, from: Hash): Promise<LaneStep> {
    if ((await this.target.knows(from)) === undefined) return { kind: 'unregistered', source: from };
    const { source, target } = this;
    let blockNumber: number | undefined;
    try {
      blockNumber = await followSealers(source, target);
    } catch (error) {
      if (!hasNumber(error, SEALERS_UNTRUSTED)) throw error;
      return { kind: 'anchored', blockNumber: await bridgeTrust(source, target, await source.blockNumber()) };
    }
    this.#trustCheckedAtMs = nowMs;
    return blockNumber === undefined ? { kind: 'idle' } : { kind: 'anchored', blockNumber };
  }

  /** A node that began with a snapshot has no receipts of what was before. */
  #withheld(blockNumber: number, sequence: bigint): SdkError {
    const problem = `the node of ${this.source.name} has no receipts of message ${sequence} in block ${blockNumber}`;
    return sdkError('NotFound', problem, 'name first, in url.0, a node that keeps all blocks');
  }

  #unknown(waiting: bigint): SdkError {
    const { source, target } = this;
    const problem = `${waiting} messages wait in ${source.name}, which ${target.name} does not know`;
    const advice = `a member of the committee of ${target.name} runs: menglian relay register --config <file>`;
    return new SdkError(CLIENT_MISSING, problem, advice);
  }
}

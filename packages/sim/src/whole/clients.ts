import { toHex } from '@menglian/base/bytes';
import type { SeededRandom } from '@menglian/base/seededRandom';
import type { SignedTransaction } from '@menglian/types/transaction';
import type { Bank } from './bank.js';
import type { VirtualTime } from './virtualTime.js';
import type { WholeNode } from './wholeNode.js';

/** Blocks that a transfer may wait for: short ones expire under faults, and must then never appear. */
const BLOCK_LIMITS = [3, 10, 50, 200] as const;
const OPENING_BLOCK_LIMIT = 900;
const POLL_MS = 200;
/** Without a receipt after this time, a client sends the same transaction to another node. */
const RETRY_MS = 2500;
/** Transfers that wait for their receipts at once; more would only measure how long a queue may become. */
const PENDING_MAX = 60;

interface Pending {
  readonly transaction: SignedTransaction;
  sentAtMs: number;
}

/** People with money: they send transfers to any node, ask any node for receipts, and try again elsewhere. */
export class Clients {
  readonly #bank: Bank;
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #nodes: () => readonly WholeNode[];
  readonly #meanPauseMs: number;
  readonly #submitted = new Map<string, SignedTransaction>();
  readonly #pending = new Map<string, Pending>();
  /** Those a receipt was seen of, and the block it named. */
  readonly acknowledged = new Map<string, number>();
  /** Those a node was seen to be beyond without having them. */
  readonly expired = new Set<string>();
  #openings: readonly string[] = [];
  #isActive = false;
  /** Nothing new is sent while true; what was sent is still followed up. */
  isResting = false;

  constructor(
    components: { readonly bank: Bank; readonly time: VirtualTime; readonly random: SeededRandom },
    /** nodes that answer clients */
    nodes: () => readonly WholeNode[],
    meanPauseMs: number,
  ) {
    this.#bank = components.bank;
    this.#time = components.time;
    this.#random = components.random;
    this.#nodes = nodes;
    this.#meanPauseMs = meanPauseMs;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  transactionOf(id: string): SignedTransaction | undefined {
    return this.#submitted.get(id);
  }

  begin(): void {
    this.#isActive = true;
    this.#openings = this.#bank.openings(OPENING_BLOCK_LIMIT).map((transaction) => this.send(transaction));
    this.#work();
    this.#poll();
  }

  end(): void {
    this.#isActive = false;
  }

  /** Sends a transaction and follows it up. @returns its id */
  send(transaction: SignedTransaction): string {
    const id = toHex(transaction.hash);
    this.#submitted.set(id, transaction);
    const pending = { transaction, sentAtMs: this.#time.nowMs };
    this.#pending.set(id, pending);
    this.#submit(pending);
    return id;
  }

  /** Whether its fate is known: in a block, or never. */
  isSettled(id: string): boolean {
    return !this.#pending.has(id);
  }

  /** A block limit as this moment's clients would choose it. */
  blockLimit(): number {
    const heights = this.#nodes().map((node) => node.height);
    return Math.max(0, ...heights) + this.#random.pick(BLOCK_LIMITS);
  }

  #work(): void {
    if (!this.#isActive) return;
    const areOpen = this.#openings.every((id) => this.acknowledged.has(id));
    if (areOpen && !this.isResting && this.#pending.size < PENDING_MAX) {
      this.send(this.#bank.transfer(this.blockLimit()));
    }
    this.#time.after(1 + this.#random.below(2 * this.#meanPauseMs), () => this.#work());
  }

  #poll(): void {
    if (!this.#isActive) return;
    const nodes = this.#nodes();
    for (const [id, pending] of this.#pending) {
      if (nodes.length === 0) break;
      this.#follow(id, pending, this.#random.pick(nodes));
    }
    this.#time.after(POLL_MS, () => this.#poll());
  }

  #follow(id: string, pending: Pending, node: WholeNode): void {
    const { transaction } = pending;
    const location = node.group?.ledger.locate(transaction.hash);
    if (location !== undefined) {
      this.acknowledged.set(id, location.number);
      this.#pending.delete(id);
    } else if (BigInt(node.height) >= transaction.blockLimit && node.group?.ledger.lowestBody === 1) {
      // A node that began with a snapshot cannot tell.
      this.expired.add(id);
      this.#pending.delete(id);
    } else if (this.#time.nowMs - pending.sentAtMs >= RETRY_MS) {
      this.#submit(pending);
    }
  }

  #submit(pending: Pending): void {
    pending.sentAtMs = this.#time.nowMs;
    const nodes = this.#nodes();
    if (nodes.length === 0) return;
    const copies = this.#random.chance(20) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      this.#random.pick(nodes).group?.view.submit(pending.transaction.raw);
    }
  }
}

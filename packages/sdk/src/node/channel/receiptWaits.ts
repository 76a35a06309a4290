import { TransactionStatus } from '@menglian/types/status';
import type { Hash } from '../../hex.js';
import { sdkError } from '../../sdkError.js';

/** Transactions whose receipts are awaited, and receipts that nobody has asked for yet. */
const WAITS_MAX = 100_000;

/** Blocks after which a transaction that was sent over a lost link is in no block any more: its block limit is over. */
const ORPHAN_BLOCKS_MAX = 1100;

/** Receipts asked for at once when a link was lost. */
const ASKS_AT_ONCE = 100;

/** Refusals that only say that the transaction came twice. */
const ALREADY_THERE: ReadonlySet<number> = new Set<number>([
  TransactionStatus.NonceCheckFail,
  TransactionStatus.AlreadyKnown,
  TransactionStatus.AlreadyInChain,
]);

export interface Wait {
  readonly groupId: number;
  readonly raw: string;
  readonly hash: Hash;
  readonly receipt: Promise<unknown>;
  /** Nodes may have got it over several links: that one has it already is no refusal. */
  isResent: boolean;
  /** The link that carried it was lost: if no block has it, no node may have it. */
  isUnsure: boolean;
  blocksLeft: number;
  isSettled: boolean;
  resolve(receipt: unknown): void;
  reject(error: unknown): void;
}

export interface ReceiptSource {
  /** The receipt of a transaction of this group, null while no block has it. */
  getReceipt(wait: Wait): Promise<unknown>;
  /** Sends it over the link that is. */
  resend(wait: Wait): Promise<unknown>;
}

/** Receipts that nodes push, and those that are asked for because the link was lost that would have brought them. */
export class ReceiptWaits {
  readonly #source: ReceiptSource;
  readonly #waits = new Map<Hash, Wait>();
  /** By the sequence of the frame that sent them over the link that is. */
  readonly #bound = new Map<string, Wait>();
  /** Those that no link will bring. */
  readonly #orphans = new Set<Wait>();
  #isRecovering = false;
  /** Something happened since the last round began. */
  #isStale = false;

  constructor(source: ReceiptSource) {
    this.#source = source;
  }

  get(hash: Hash): Promise<unknown> | undefined {
    return this.#waits.get(hash)?.receipt;
  }

  /** @throws SdkError `TooMany` */
  add(groupId: number, raw: string, hash: Hash): Wait {
    if (this.#waits.size >= WAITS_MAX) this.#forgetSettled();
    if (this.#waits.size >= WAITS_MAX) {
      throw sdkError('TooMany', 'too many receipts are awaited', 'wait for some of them first');
    }
    let settle: Pick<Wait, 'resolve' | 'reject'> | undefined;
    const receipt = new Promise<unknown>((resolve, reject) => (settle = { resolve, reject }));
    // Whoever waits hears of it; if nobody does, nothing is wrong.
    receipt.catch(() => {});
    const wait: Wait = {
      ...settle!,
      groupId,
      raw,
      hash,
      receipt,
      isResent: this.#waits.has(hash),
      isUnsure: false,
      blocksLeft: ORPHAN_BLOCKS_MAX,
      isSettled: false,
    };
    this.#waits.set(hash, wait);
    return wait;
  }

  /** The frame with this sequence sends it. */
  bind(seq: string, wait: Wait): void {
    this.#bound.set(seq, wait);
    this.#orphans.delete(wait);
    wait.isUnsure = false;
  }

  /** The node refused the frame: no receipt will come of it. */
  unbind(seq: string): void {
    this.#bound.delete(seq);
  }

  /** Whoever sent it was told that it failed. */
  forget(wait: Wait): void {
    this.#orphans.delete(wait);
    if (this.#waits.get(wait.hash) === wait) this.#waits.delete(wait.hash);
  }

  onReceipt(seq: string, receipt: unknown): void {
    const wait = this.#bound.get(seq);
    if (wait === undefined) return;
    this.#bound.delete(seq);
    if (!wait.isResent || !ALREADY_THERE.has(statusOf(receipt))) {
      this.#settle(wait, receipt);
      return;
    }
    this.#orphans.add(wait);
    // It may be in a block already, and no other block may come.
    void this.recover();
  }

  /** What the lost link would have brought must be asked for; so must what the node only said it had. */
  onLinkLost(): void {
    for (const wait of this.#bound.values()) this.#orphans.add(wait);
    this.#bound.clear();
    for (const wait of this.#orphans) {
      wait.isResent = true;
      wait.isUnsure = true;
    }
  }

  /** A block may have what is missing. */
  onBlock(groupId: number): void {
    for (const wait of this.#orphans) {
      if (wait.groupId !== groupId || --wait.blocksLeft > 0) continue;
      this.#orphans.delete(wait);
      this.#waits.delete(wait.hash);
      const advice = 'its block limit is over: sign anew';
      wait.reject(sdkError('Timeout', `transaction ${wait.hash} is in no block`, advice));
    }
    void this.recover();
  }

  /** Asks for what is missing; what no block has is sent again when the lost node may have been the only one with it. */
  async recover(): Promise<void> {
    this.#isStale = true;
    if (this.#isRecovering) return;
    this.#isRecovering = true;
    while (this.#isStale && this.#orphans.size > 0) {
      this.#isStale = false;
      // When the link is lost once more, the next one brings the next round.
      await this.#askAll([...this.#orphans]).catch(() => {});
    }
    this.#isRecovering = false;
  }

  close(error: unknown): void {
    for (const wait of this.#waits.values()) wait.reject(error);
    this.#waits.clear();
    this.#bound.clear();
    this.#orphans.clear();
  }

  async #askAll(orphans: readonly Wait[]): Promise<void> {
    for (let start = 0; start < orphans.length; start += ASKS_AT_ONCE) {
      await Promise.all(orphans.slice(start, start + ASKS_AT_ONCE).map((wait) => this.#ask(wait)));
    }
  }

  async #ask(wait: Wait): Promise<void> {
    const receipt = await this.#source.getReceipt(wait);
    if (receipt !== null) {
      this.#settle(wait, receipt);
    } else if (wait.isUnsure && this.#orphans.has(wait)) {
      await this.#resend(wait);
    }
  }

  async #resend(wait: Wait): Promise<void> {
    try {
      await this.#source.resend(wait);
    } catch (error) {
      if (!wait.isSettled) this.#orphans.add(wait);
      wait.isUnsure = true;
      throw error;
    }
  }

  #settle(wait: Wait, receipt: unknown): void {
    this.#orphans.delete(wait);
    wait.isSettled = true;
    wait.resolve(receipt);
  }

  #forgetSettled(): void {
    for (const [hash, wait] of this.#waits) if (wait.isSettled) this.#waits.delete(hash);
  }
}

function statusOf(receipt: unknown): number {
  const { status } = (receipt ?? {}) as { readonly status?: unknown };
  return typeof status === 'string' ? Number(status) : -1;
}

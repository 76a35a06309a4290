import { toHex } from '@menglian/base/bytes';
import { pushedReceiptText, refusedReceiptText } from '@menglian/rpc/format/pushedReceipt';
import type { GroupView, ReceiptWatches } from '@menglian/rpc/ports';
import { TransactionStatus } from '@menglian/types/status';
import type { Timers } from './clock.js';

/** Receipts that clients of a group wait for; with more the oldest wish is forgotten. More than a pool holds by default. */
const RECEIPT_WATCHES_MAX = 250_000;

/** So often, in blocks, the list is searched for transactions that no block can take any more. */
const EXPIRY_BLOCKS = 16;

interface Watch {
  readonly watchNumber: number;
  readonly withProof: boolean;
}

/** A receipt for whoever has the watch of this number. */
export interface PushedReceipt {
  readonly watchNumber: number;
  readonly text: string;
}

/** Who wants which receipt as soon as it is there. */
export class ReceiptWatchList implements ReceiptWatches {
  readonly #view: () => GroupView;
  readonly #push: (receipts: readonly PushedReceipt[]) => void;
  readonly #abandon: (watchNumbers: readonly number[], text: string) => void;
  readonly #timers: Timers;
  /** By hash of the transaction: two sessions may have sent the same one, but only the first was taken. */
  readonly #watches = new Map<string, Watch>();
  #refused: PushedReceipt[] = [];
  /** The last block that was looked at. */
  #number: number;

  /**
   * @param components.view of the group as it is now
   * @param components.push never called from within `await` and `refuse`, so after the answers of the requests they belong to
   */
  constructor(components: {
    readonly view: () => GroupView;
    readonly push: (receipts: readonly PushedReceipt[]) => void;
    /** the same text for all of these */
    readonly abandon: (watchNumbers: readonly number[], text: string) => void;
    readonly timers: Timers;
  }) {
    this.#view = components.view;
    this.#push = components.push;
    this.#abandon = components.abandon;
    this.#timers = components.timers;
    this.#number = components.view().blockNumber();
  }

  get size(): number {
    return this.#watches.size;
  }

  await(transactionHash: Uint8Array, watchNumber: number, withProof: boolean): void {
    this.#watches.set(toHex(transactionHash), { watchNumber, withProof });
    if (this.#watches.size <= RECEIPT_WATCHES_MAX) return;
    const [oldest] = this.#watches.keys();
    this.#watches.delete(oldest!);
  }

  refuse(watchNumber: number, status: number): void {
    if (this.#refused.length === 0) this.#timers.soon(() => this.#pushRefused());
    this.#refused.push({ watchNumber, text: refusedReceiptText(status) });
  }

  /** Blocks were stored. */
  onHead(): void {
    const view = this.#view();
    const head = view.blockNumber();
    if (this.#watches.size > 0) {
      for (let number = this.#number + 1; number <= head; number++) this.#onBlock(view, number);
      if (Math.floor(head / EXPIRY_BLOCKS) > Math.floor(this.#number / EXPIRY_BLOCKS)) this.#expire(view);
    }
    this.#number = head;
  }

  /**
   * The group runs here no more: who waits is told that this node cannot say what became of the transaction. Another
   * member may have stored it, so it is no refusal.
   */
  stop(): void {
    this.#pushRefused();
    const watchNumbers = [...this.#watches.values()].map(({ watchNumber }) => watchNumber);
    this.#watches.clear();
    if (watchNumbers.length === 0) return;
    this.#abandon(watchNumbers, refusedReceiptText(TransactionStatus.RequestNotBelongToTheGroup));
  }

  #onBlock(view: GroupView, number: number): void {
    const block = view.block(number);
    // Below a snapshot that the chain began with anew.
    if (block === undefined) return;
    const receipts: PushedReceipt[] = [];
    for (let index = 0; index < block.transactionCount && this.#watches.size > 0; index++) {
      const hash = toHex(block.transactionHash(index));
      const watch = this.#watches.get(hash);
      if (watch === undefined) continue;
      this.#watches.delete(hash);
      const text = pushedReceiptText(view.suite, block, number, index, watch.withProof);
      receipts.push({ watchNumber: watch.watchNumber, text });
    }
    if (receipts.length > 0) this.#push(receipts);
  }

  /** Of what has left the pool and is in no block, a receipt says so. */
  #expire(view: GroupView): void {
    const receipts: PushedReceipt[] = [];
    for (const [hash, { watchNumber }] of this.#watches) {
      if (view.isPending(hash)) continue;
      this.#watches.delete(hash);
      receipts.push({ watchNumber, text: refusedReceiptText(TransactionStatus.TransactionRefused) });
    }
    if (receipts.length > 0) this.#push(receipts);
  }

  #pushRefused(): void {
    const receipts = this.#refused;
    this.#refused = [];
    if (receipts.length > 0) this.#push(receipts);
  }
}

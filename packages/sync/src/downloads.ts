import { invariant } from '@menglian/base/invariant';
import type { NodeId } from '@menglian/types/address';

/** A fetched block that waits for its turn. */
export interface Download {
  readonly block: Uint8Array;
  readonly from: NodeId;
  /** Certified blocks are right whoever sent them; what could not be told is right only if its sender is. */
  state: 'unchecked' | 'unknown' | 'certified';
}

/** Fetched blocks by number, and their bytes. */
export class Downloads {
  readonly #blocks = new Map<number, Download>();
  #bytes = 0;

  get size(): number {
    return this.#blocks.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(number: number): Download | undefined {
    return this.#blocks.get(number);
  }

  has(number: number): boolean {
    return this.#blocks.has(number);
  }

  add(number: number, block: Uint8Array, from: NodeId): void {
    invariant(!this.#blocks.has(number), 'sync/downloaded-once');
    // A copy: a view would keep the whole answer in memory, as long as one block of it is of use.
    this.#blocks.set(number, { block: block.slice(), from, state: 'unchecked' });
    this.#bytes += block.length;
  }

  lowestUnchecked(): { readonly number: number; readonly block: Uint8Array; readonly from: NodeId } | undefined {
    let lowest: number | undefined;
    for (const [number, { state }] of this.#blocks) {
      if (state === 'unchecked' && (lowest === undefined || number < lowest)) lowest = number;
    }
    const download = lowest === undefined ? undefined : this.#blocks.get(lowest);
    return download && { number: lowest!, block: download.block, from: download.from };
  }

  forget(number: number): void {
    const download = this.#blocks.get(number);
    if (download === undefined) return;
    this.#blocks.delete(number);
    this.#bytes -= download.block.length;
  }

  /** Forgets what the chain has by now. */
  forgetUpTo(head: number): void {
    for (const number of this.#blocks.keys()) if (number <= head) this.forget(number);
  }

  /** Forgets what only this peer stands for. */
  forgetUnprovenOf(from: NodeId): void {
    for (const [number, download] of this.#blocks) {
      if (download.from === from && download.state !== 'certified') this.forget(number);
    }
  }
}

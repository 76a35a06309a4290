import { CACHED_BLOCK_BYTES, CACHED_BLOCKS } from './limits.js';
import type { StoredBlock } from './storedBlock.js';

/** Blocks read or written lately, by number. Forgets the one not used for longest when it holds too many or too much. */
export class BlockCache {
  readonly #blocks = new Map<number, StoredBlock>();
  #bytes = 0;

  constructor(
    readonly maxBlocks: number = CACHED_BLOCKS,
    readonly maxBytes: number = CACHED_BLOCK_BYTES,
  ) {}

  /** Sum of `storedBytes` of the blocks it holds. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#blocks.size;
  }

  get(number: number): StoredBlock | undefined {
    const block = this.#blocks.get(number);
    if (block === undefined) return undefined;
    this.#blocks.delete(number);
    this.#blocks.set(number, block);
    return block;
  }

  set(block: StoredBlock): void {
    const { number } = block.header;
    this.#forget(number);
    this.#blocks.set(number, block);
    this.#bytes += block.storedBytes;
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size <= this.maxBlocks && this.#bytes <= this.maxBytes) break;
      this.#forget(oldest);
    }
  }

  #forget(number: number): void {
    const block = this.#blocks.get(number);
    if (block === undefined) return;
    this.#blocks.delete(number);
    this.#bytes -= block.storedBytes;
  }
}

import type { BlockView } from '@menglian/rpc/ports';
import { BlockLog, BlockLogs } from './blockLogs.js';
import { HELD_BLOCKS_MAX, HELD_BYTES_MAX } from './limits.js';

/** What event filters read of a group's chain. */
export interface EventChain {
  /** number of the highest block that is stored */
  head(): number;
  /** undefined above the head, and for blocks up to a snapshot that the chain began with */
  block(number: number): BlockView | undefined;
}

/** Bytes of a log beside its data: objects, topics, entries of indexes. */
const LOG_OVERHEAD_BYTES = 1024;

/** Data is held as it is and, once pushed, as two digits a byte. */
const BYTES_PER_DATA_BYTE = 3;

/** Reads the logs of blocks, and holds those of the last ones: filters that watch the same blocks come close together. */
export class HeldBlocks {
  readonly #chain: EventChain;
  readonly #blocks = new Map<number, BlockLogs>();
  #bytes = 0;

  constructor(chain: EventChain) {
    this.#chain = chain;
  }

  /**
   * @param number at most the head's
   * @param onWork told how much had to be read, if anything: the block, its receipts and its logs
   * @returns undefined for a block that a snapshot replaced
   */
  logsOf(number: number, onWork: (amount: number) => void): BlockLogs | undefined {
    const held = this.#blocks.get(number);
    if (held !== undefined) return held;
    const block = this.#chain.block(number);
    onWork(1 + (block?.transactionCount ?? 0));
    if (block === undefined) return undefined;
    const { logs, bytes } = readLogs(block);
    onWork(logs.length);
    if (this.#blocks.size >= HELD_BLOCKS_MAX || this.#bytes + bytes > HELD_BYTES_MAX) this.clear();
    const blockLogs = new BlockLogs(logs);
    this.#blocks.set(number, blockLogs);
    this.#bytes += bytes;
    return blockLogs;
  }

  clear(): void {
    this.#blocks.clear();
    this.#bytes = 0;
  }
}

function readLogs(block: BlockView): { readonly logs: readonly BlockLog[]; readonly bytes: number } {
  const logs: BlockLog[] = [];
  let bytes = 0;
  for (let transactionIndex = 0; transactionIndex < block.transactionCount; transactionIndex++) {
    for (const [logIndex, log] of block.receipt(transactionIndex).logs.entries()) {
      logs.push(new BlockLog(logs.length, log, { block, transactionIndex, logIndex }));
      bytes += LOG_OVERHEAD_BYTES + BYTES_PER_DATA_BYTE * log.data.length;
    }
  }
  return { logs, bytes };
}

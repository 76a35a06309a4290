import { toHex } from '@menglian/base/bytes';
import type { OrderPoint, Proposal } from '@menglian/consensus-core/ports';
import type { BlockResult } from '@menglian/executor/ports';
import type { Ledger } from '@menglian/ledger/ledger';
import { stackedView, type StateLayer, type StateView } from '@menglian/ledger/stateView';
import type { BlockHeader } from '@menglian/types/header';
import type { SignedTransaction } from '@menglian/types/transaction';

/**
 * Results kept at once: the heights that may be in flight, and room for other candidates of some of them. What was
 * forgotten is executed again if it is asked for.
 */
const EXECUTED_BLOCKS_MAX = 16;

/** A block that was executed and is not stored yet. */
export interface ExecutedBlock {
  readonly header: BlockHeader;
  readonly hash: Uint8Array;
  readonly transactions: readonly SignedTransaction[];
  readonly result: BlockResult;
  readonly order: OrderPoint;
  /** of the proposal of the height below */
  readonly parentDigest: Uint8Array;
  /** the changes of `result`, to be looked up */
  readonly layer: StateLayer;
}

/** The chain up to some block, as the next one sees it when it is executed. */
export interface ExecutionBase {
  readonly hash: Uint8Array;
  readonly stateDigest: Uint8Array;
  readonly view: StateView;
  /** of the next height */
  readonly epoch: number;
  blockHash(number: number): Uint8Array | undefined;
}

/** Blocks executed above the stored head, by the digest of their order. Several may have the same height. */
export class ExecutedBlocks {
  readonly #ledger: Ledger;
  readonly #blocks = new Map<string, ExecutedBlock>();

  constructor(components: { readonly ledger: Ledger }) {
    this.#ledger = components.ledger;
  }

  get size(): number {
    return this.#blocks.size;
  }

  get(digest: Uint8Array): ExecutedBlock | undefined {
    return this.#blocks.get(toHex(digest));
  }

  add(block: ExecutedBlock): void {
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size >= EXECUTED_BLOCKS_MAX && oldest !== undefined) this.#blocks.delete(oldest);
    this.#blocks.set(toHex(block.order.digest), block);
  }

  /**
   * What a proposal is executed on: the stored head, or a chain of executed blocks that ends at it.
   * @returns undefined when its parent is neither, or the head has risen past it
   */
  baseOf({ height, parentDigest }: Pick<Proposal, 'height' | 'parentDigest'>): ExecutionBase | undefined {
    const head = this.#ledger.head();
    const ancestors = this.#ancestors(height, parentDigest);
    if (ancestors === undefined) return undefined;
    const view = stackedView(
      ancestors.map(({ layer }) => layer),
      this.#ledger.view(),
    );
    const blockHash = (number: number) =>
      number <= head.number ? this.#ledger.hashByNumber(number) : ancestors[number - head.number - 1]?.hash;
    const parent = ancestors.at(-1);
    if (parent === undefined) {
      const { epoch } = this.#ledger.orderByNumber(head.number)!;
      return { hash: head.hash, stateDigest: head.stateDigest, view, epoch, blockHash };
    }
    const { hash, result, order } = parent;
    return { hash, stateDigest: result.stateDigest, view, epoch: order.epoch, blockHash };
  }

  /** A block was stored: forgets those of its height and below, and those above that do not follow from it. */
  onStored(): void {
    const head = this.#ledger.head();
    for (const [digest, { header, parentDigest }] of this.#blocks) {
      const follows = header.number > head.number && this.#ancestors(header.number, parentDigest) !== undefined;
      if (!follows) this.#blocks.delete(digest);
    }
  }

  /** Executed blocks between the stored head and a block of `height` on that parent, the lowest first. */
  #ancestors(height: number, parentDigest: Uint8Array): ExecutedBlock[] | undefined {
    const { number } = this.#ledger.head();
    const headDigest = toHex(this.#ledger.orderByNumber(number)!.digest);
    const ancestors: ExecutedBlock[] = [];
    let digest = toHex(parentDigest);
    for (let below = height - 1; below > number; below--) {
      const block = this.#blocks.get(digest);
      if (block === undefined || block.header.number !== below) return undefined;
      ancestors.unshift(block);
      digest = toHex(block.parentDigest);
    }
    return height > number && digest === headDigest ? ancestors : undefined;
  }
}

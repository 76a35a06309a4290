import type { NodeId } from '@menglian/types/address';

/** A range of blocks that a peer was asked for. */
export interface BlockRequest {
  readonly to: NodeId;
  readonly first: number;
  readonly count: number;
  readonly askedAtMs: number;
}

/** Requests for blocks under way. */
export class BlockRequests {
  #requests: BlockRequest[] = [];

  get size(): number {
    return this.#requests.length;
  }

  add(request: BlockRequest): void {
    this.#requests.push(request);
  }

  countOf(peer: NodeId): number {
    return this.#requests.filter(({ to }) => to === peer).length;
  }

  /** Those that will bring this block, if answered. */
  covering(number: number): readonly BlockRequest[] {
    return this.#requests.filter(({ first, count }) => number >= first && number < first + count);
  }

  covers(number: number): boolean {
    for (const { first, count } of this.#requests) if (number >= first && number < first + count) return true;
    return false;
  }

  /** Takes out the request that an answer belongs to. */
  take(to: NodeId, first: number): BlockRequest | undefined {
    const index = this.#requests.findIndex((request) => request.to === to && request.first === first);
    return index < 0 ? undefined : this.#requests.splice(index, 1)[0];
  }

  /** Takes out all that match. */
  drop(isDropped: (request: BlockRequest) => boolean): readonly BlockRequest[] {
    const dropped = this.#requests.filter(isDropped);
    if (dropped.length > 0) this.#requests = this.#requests.filter((request) => !isDropped(request));
    return dropped;
  }
}

import {
  UNDER_WAY_BYTES_MAX,
  UNDER_WAY_BYTES_PER_OWNER_MAX,
  UNDER_WAY_MAX,
  UNDER_WAY_PER_OWNER_MAX,
} from './limits.js';

interface Share {
  count: number;
  bytes: number;
}

/** Counts what is kept until it is answered, for each owner and together. */
export class UnderWay<Owner> {
  readonly #all: Share = { count: 0, bytes: 0 };
  readonly #shares = new Map<Owner, Share>();

  /** Takes room for one message. @returns false when there is none: then it must not be kept */
  take(owner: Owner, bytes: number): boolean {
    const share = this.#shares.get(owner) ?? { count: 0, bytes: 0 };
    if (share.count >= UNDER_WAY_PER_OWNER_MAX || share.bytes + bytes > UNDER_WAY_BYTES_PER_OWNER_MAX) return false;
    if (this.#all.count >= UNDER_WAY_MAX || this.#all.bytes + bytes > UNDER_WAY_BYTES_MAX) return false;
    this.#shares.set(owner, share);
    add(share, 1, bytes);
    add(this.#all, 1, bytes);
    return true;
  }

  /** Gives back what `take` took. */
  release(owner: Owner, bytes: number): void {
    const share = this.#shares.get(owner);
    if (share === undefined) return;
    add(share, -1, -bytes);
    add(this.#all, -1, -bytes);
    if (share.count === 0) this.#shares.delete(owner);
  }
}

function add(share: Share, count: number, bytes: number): void {
  share.count += count;
  share.bytes += bytes;
}

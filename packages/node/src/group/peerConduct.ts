import type { NodeId } from '@menglian/types/address';

/** Bodies with a wrong signature that a peer may send in a minute before it is not listened to for the next. */
const FORGERIES_MAX = 16;
const PERIOD_MS = 60_000;

/**
 * Peers that send transactions nobody signed. An honest node checks before it sends on, so a forgery is its sender's;
 * checking is the dearest part of a transaction, and in bulk one forgery costs as much as many good ones.
 */
export class PeerConduct {
  readonly #forgeries = new Map<NodeId, { count: number; sinceMs: number }>();
  readonly #ignoredUntilMs = new Map<NodeId, number>();
  readonly #onIgnored: (peer: NodeId) => void;

  /** @param onIgnored told when a peer is not listened to any more */
  constructor(onIgnored: (peer: NodeId) => void) {
    this.#onIgnored = onIgnored;
  }

  /** Whether what this peer sends unasked is thrown away. */
  isIgnored(peer: NodeId, nowMs: number): boolean {
    return nowMs < (this.#ignoredUntilMs.get(peer) ?? 0);
  }

  /** A body of this peer had a wrong signature. */
  onForgery(peer: NodeId, nowMs: number): void {
    const last = this.#forgeries.get(peer);
    const isNewPeriod = last === undefined || nowMs - last.sinceMs >= PERIOD_MS;
    const entry = isNewPeriod ? { count: 1, sinceMs: nowMs } : { count: last.count + 1, sinceMs: last.sinceMs };
    this.#forgeries.set(peer, entry);
    if (entry.count < FORGERIES_MAX || this.isIgnored(peer, nowMs)) return;
    this.#ignoredUntilMs.set(peer, nowMs + PERIOD_MS);
    this.#forgeries.delete(peer);
    this.#onIgnored(peer);
  }

  /** It is gone: nothing is kept of those who are not members any more. */
  forget(peer: NodeId, nowMs: number): void {
    if (this.isIgnored(peer, nowMs)) return;
    this.#forgeries.delete(peer);
    this.#ignoredUntilMs.delete(peer);
  }
}

import type { NodeId } from '@menglian/types/address';
import { BLAME_MS, BLAME_MS_MAX, LATE_MS, LATE_MS_MAX, PEERS_MAX } from './limits.js';

/** What a peer says of its chain. */
export interface PeerClaim {
  /** number of its last block */
  readonly number: number;
  /** number of the first block above genesis that it holds the body of */
  readonly lowest: number;
}

interface Peer {
  isUp: boolean;
  claim: PeerClaim;
  /** The height it told itself; `claim` may be above, from hearsay that overtook its word. */
  toldNumber: number;
  /** Faults since it last sent something good. */
  faults: number;
  blamedUntilMs: number;
  lateUntilMs: number;
  blameMs: number;
  lateMs: number;
  askedAtMs: number;
}

/**
 * Peers, what they claim and how they behaved. Nothing is believed: whoever lies or is late is left alone for a time
 * that doubles, and asked after all others then. What was held against a peer outlives its link.
 */
export class PeerBook {
  readonly #peers = new Map<NodeId, Peer>();

  get size(): number {
    return this.#peers.size;
  }

  /** Claims of connected peers. */
  *claims(): IterableIterator<readonly [NodeId, PeerClaim]> {
    for (const [nodeId, peer] of this.#peers) if (peer.isUp) yield [nodeId, peer.claim];
  }

  claimOf(nodeId: NodeId): PeerClaim | undefined {
    const peer = this.#peers.get(nodeId);
    return peer?.isUp === true ? peer.claim : undefined;
  }

  /** Peers of the fewest faults speak for the group; the others only if there is nobody else. */
  highestClaim(): number {
    const up = [...this.#peers.values()].filter(({ isUp }) => isUp);
    const good = up.filter(({ faults }) => faults === 0);
    return (good.length > 0 ? good : up).reduce((highest, { claim }) => Math.max(highest, claim.number), 0);
  }

  /** A peer says how far it is. @returns whether it takes back what it said before */
  claim(nodeId: NodeId, claim: PeerClaim): boolean {
    const peer = this.#peers.get(nodeId);
    if (peer === undefined) {
      if (this.#peers.size < PEERS_MAX) this.#peers.set(nodeId, newPeer(claim));
      return false;
    }
    const takesBack = peer.isUp && claim.number < peer.toldNumber;
    peer.isUp = true;
    peer.claim = claim;
    peer.toldNumber = claim.number;
    return takesBack;
  }

  /** Others heard that the peer has this block. */
  hint(nodeId: NodeId, number: number): void {
    const peer = this.#peers.get(nodeId);
    if (peer === undefined || !peer.isUp) {
      this.claim(nodeId, { number, lowest: 1 });
      const known = this.#peers.get(nodeId);
      if (known !== undefined) known.toldNumber = 0;
    } else if (peer.claim.number < number) {
      peer.claim = { ...peer.claim, number };
    }
  }

  down(nodeId: NodeId): void {
    const peer = this.#peers.get(nodeId);
    if (peer === undefined) return;
    peer.isUp = false;
    if (peer.faults === 0) this.#peers.delete(nodeId);
  }

  isLeftAlone(nodeId: NodeId, nowMs: number): boolean {
    const peer = this.#peers.get(nodeId);
    return peer !== undefined && Math.max(peer.blamedUntilMs, peer.lateUntilMs) > nowMs;
  }

  faultsOf(nodeId: NodeId): number {
    return this.#peers.get(nodeId)?.faults ?? 0;
  }

  askedAtMs(nodeId: NodeId): number {
    return this.#peers.get(nodeId)?.askedAtMs ?? Number.NEGATIVE_INFINITY;
  }

  onAsked(nodeId: NodeId, nowMs: number): void {
    const peer = this.#peers.get(nodeId);
    if (peer !== undefined) peer.askedAtMs = nowMs;
  }

  /** It sent what no honest node sends. */
  blame(nodeId: NodeId, nowMs: number): void {
    const peer = this.#peers.get(nodeId);
    if (peer === undefined) return;
    peer.faults++;
    peer.blamedUntilMs = nowMs + peer.blameMs;
    peer.blameMs = Math.min(peer.blameMs * 2, BLAME_MS_MAX);
  }

  /** It did not answer in time. */
  onLate(nodeId: NodeId, nowMs: number): void {
    const peer = this.#peers.get(nodeId);
    if (peer === undefined) return;
    peer.faults++;
    peer.lateUntilMs = nowMs + peer.lateMs;
    peer.lateMs = Math.min(peer.lateMs * 2, LATE_MS_MAX);
  }

  /** It sent something that proved good. Lateness is forgiven; who lied serves its time, whatever it sent beside the lie. */
  onGood(nodeId: NodeId, nowMs: number): void {
    const peer = this.#peers.get(nodeId);
    if (peer === undefined || peer.blamedUntilMs > nowMs) return;
    peer.faults = 0;
    peer.lateUntilMs = 0;
    peer.lateMs = LATE_MS;
    peer.blameMs = Math.max(BLAME_MS, peer.blameMs / 2);
  }
}

function newPeer(claim: PeerClaim): Peer {
  return {
    isUp: true,
    claim,
    toldNumber: claim.number,
    faults: 0,
    blamedUntilMs: 0,
    lateUntilMs: 0,
    blameMs: BLAME_MS,
    lateMs: LATE_MS,
    askedAtMs: Number.NEGATIVE_INFINITY,
  };
}

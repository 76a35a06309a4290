import type { NodeId } from '@menglian/types/address';
import { CHUNK_REQUESTS_MAX, CHUNK_REQUESTS_PER_PEER_MAX, OFFER_SETTLE_MS, OFFER_WAIT_MS } from './limits.js';

/** Times that peers are asked anew who has the snapshot, while no chunk comes. */
const QUESTIONS_MAX = 4;

/** What a question costs of these when there is nobody to ask: links need some time after a start. */
const NOBODY_THERE = 0.02;

/** What is needed of a manifest. Hashes in hexadecimal. */
export interface ManifestFacts {
  readonly manifestHash: string;
  readonly height: number;
  readonly headerHash: string;
  readonly chunkHashes: readonly string[];
}

interface Request {
  readonly to: NodeId;
  readonly index: number;
  readonly askedAtMs: number;
}

/** The chunks of one snapshot: which are on disk, which are under way, who has them. */
export class ChunkFetch {
  readonly #missing = new Set<number>();
  readonly #storing = new Set<number>();
  readonly #sources = new Set<NodeId>();
  #requests: Request[] = [];
  #questions = 0;
  #questionUntilMs = Number.NEGATIVE_INFINITY;

  constructor(
    readonly facts: ManifestFacts,
    stored: ReadonlySet<number>,
  ) {
    for (const index of facts.chunkHashes.keys()) if (!stored.has(index)) this.#missing.add(index);
  }

  get isComplete(): boolean {
    return this.#missing.size === 0 && this.#storing.size === 0;
  }

  /** Something is under way that will be answered, or end. */
  get isBusy(): boolean {
    return this.#requests.length > 0 || this.#storing.size > 0 || this.isComplete;
  }

  get progress(): { readonly stored: number; readonly total: number } {
    const total = this.facts.chunkHashes.length;
    return { stored: total - this.#missing.size - this.#storing.size, total };
  }

  isAsked(peer: NodeId): boolean {
    return this.#requests.some(({ to }) => to === peer);
  }

  onOffer(from: NodeId, isOffered: boolean): void {
    if (isOffered) this.#sources.add(from);
    else this.dropSource(from);
  }

  dropSource(peer: NodeId): void {
    this.#sources.delete(peer);
    this.#requests = this.#requests.filter(({ to }) => to !== peer);
  }

  /** Who sent a wrong one, or has it no longer, is not asked again for this snapshot. */
  onChunk(from: NodeId, index: number, hash: string | undefined): 'right' | 'wrong' | 'ignored' {
    const request = this.#requests.find((one) => one.to === from && one.index === index);
    if (request === undefined) return 'ignored';
    this.#requests = this.#requests.filter((one) => one !== request);
    if (!this.#missing.has(index)) return 'ignored';
    if (hash === this.facts.chunkHashes[index]) {
      this.#missing.delete(index);
      this.#storing.add(index);
      this.#questions = 0;
      return 'right';
    }
    this.dropSource(from);
    return hash === undefined ? 'ignored' : 'wrong';
  }

  onStored(index: number): void {
    this.#storing.delete(index);
  }

  /** Drops requests that were not answered in time. @returns who did not answer */
  expire(askedBeforeMs: number): NodeId[] {
    const late = this.#requests.filter(({ askedAtMs }) => askedAtMs <= askedBeforeMs).map(({ to }) => to);
    for (const peer of new Set(late)) this.dropSource(peer);
    return [...new Set(late)];
  }

  /** The lowest missing chunks, from the sources with the least to do. */
  request(nowMs: number, isLeftAlone: (peer: NodeId) => boolean): { to: NodeId; index: number }[] {
    const requests: { to: NodeId; index: number }[] = [];
    for (const index of this.#missing) {
      if (this.#requests.length + this.#storing.size >= CHUNK_REQUESTS_MAX) break;
      if (this.#requests.some((request) => request.index === index)) continue;
      const to = this.#idlest(isLeftAlone);
      if (to === undefined) break;
      this.#requests.push({ to, index, askedAtMs: nowMs });
      requests.push({ to, index });
    }
    return requests;
  }

  /** @returns whom to ask for offers, now or not yet; undefined when it was asked often enough in vain */
  askAgain(nowMs: number, peers: readonly NodeId[]): readonly NodeId[] | undefined {
    if (nowMs < this.#questionUntilMs) return [];
    if (this.#questions >= QUESTIONS_MAX) return undefined;
    this.#questions += peers.length > 0 ? 1 : NOBODY_THERE;
    this.#questionUntilMs = nowMs + (peers.length > 0 ? OFFER_WAIT_MS : OFFER_SETTLE_MS);
    return peers;
  }

  #idlest(isLeftAlone: (peer: NodeId) => boolean): NodeId | undefined {
    let best: { peer: NodeId; load: number } | undefined;
    for (const peer of this.#sources) {
      const load = this.#requests.filter(({ to }) => to === peer).length;
      if (load >= CHUNK_REQUESTS_PER_PEER_MAX || isLeftAlone(peer)) continue;
      if (best === undefined || load < best.load || (load === best.load && peer < best.peer)) best = { peer, load };
    }
    return best?.peer;
  }
}

import { invariant } from '@menglian/base/invariant';
import type { NodeId } from '@menglian/types/address';
import { ChunkFetch, type ManifestFacts } from './chunkFetch.js';
import {
  OFFERS_MAX,
  OFFER_PEERS_MAX,
  OFFER_SETTLE_MS,
  OFFER_WAIT_MS,
  REQUEST_TIMEOUT_MS,
  SNAPSHOT_ATTEMPTS_MAX,
  SNAPSHOT_REST_MS,
  SNAPSHOT_REST_MS_MAX,
  TRUST_MS_MAX,
} from './limits.js';
import { PeerBook } from './peerBook.js';
import { type SealerRules, type SignedHeader, TrustPath } from './trustPath.js';

/** A snapshot that a peer can serve, with the sealers whose attestations the host has verified. Hashes in hexadecimal. */
export interface VerifiedOffer {
  readonly height: number;
  readonly manifestHash: string;
  readonly signers: readonly NodeId[];
}

/** What happens to snapshot sync. */
export type SnapshotSyncInput =
  | { readonly kind: 'tick'; readonly nowMs: number }
  /** `snapshot` is the height of the latest one that the peer serves; 0 for none. */
  | {
      readonly kind: 'status';
      readonly from: NodeId;
      readonly number: number;
      readonly lowest: number;
      readonly snapshot: number;
    }
  | { readonly kind: 'peerDown'; readonly peer: NodeId }
  | { readonly kind: 'offers'; readonly from: NodeId; readonly offers: readonly VerifiedOffer[] }
  /** No header when the peer has none in the range. */
  | {
      readonly kind: 'header';
      readonly from: NodeId;
      readonly above: number;
      readonly number: number;
      readonly header: SignedHeader | undefined;
    }
  /** No facts when the bytes are none, or no manifest. */
  | {
      readonly kind: 'manifest';
      readonly from: NodeId;
      readonly height: number;
      readonly facts: ManifestFacts | undefined;
    }
  /** `hash` is of the bytes that came; undefined when the peer does not have the chunk. */
  | {
      readonly kind: 'chunk';
      readonly from: NodeId;
      readonly height: number;
      readonly index: number;
      readonly hash: string | undefined;
    }
  /** Answer to `storeChunk`: it is on disk. */
  | { readonly kind: 'chunkStored'; readonly index: number }
  /** The chain has a block above genesis: it grows by blocks now. */
  | { readonly kind: 'started' };

/** What snapshot sync asks of its host. */
export type SnapshotSyncEffect =
  | { readonly kind: 'requestOffers'; readonly to: NodeId }
  | { readonly kind: 'requestHeader'; readonly to: NodeId; readonly above: number; readonly number: number }
  | { readonly kind: 'requestManifest'; readonly to: NodeId; readonly height: number }
  | { readonly kind: 'requestChunk'; readonly to: NodeId; readonly height: number; readonly index: number }
  /** The header that came with the last input is trusted: keep it, so that this node can lead others the same way. */
  | { readonly kind: 'keepHeader'; readonly number: number }
  /** The manifest that came with the last input is the group's: keep it, and what is stored of its chunks. */
  | { readonly kind: 'storeManifest' }
  /** The chunk that came with the last input is right: keep it. Answered by `chunkStored`. */
  | { readonly kind: 'storeChunk'; readonly index: number }
  /** Forget manifest, chunks and headers that were kept: this snapshot is not to be had any more. */
  | { readonly kind: 'discard' }
  /** All is on disk: install it. Nothing comes after this. */
  | { readonly kind: 'install'; readonly height: number };

export interface SnapshotSyncOptions {
  readonly rules: SealerRules;
  readonly genesisSealers: readonly NodeId[];
  /** Blocks are fetched instead when the snapshot is not at least so high; Infinity: always, if there are any. */
  readonly minimumHeight: number;
  /** The chain is at genesis; otherwise nothing is ever done. */
  readonly isEmpty: boolean;
  readonly nowMs: number;
  /** A snapshot of which a part is on disk from before a restart. */
  readonly kept?: { readonly facts: ManifestFacts; readonly chunks: ReadonlySet<number> };
}

/** One question under way, to one peer. */
interface Pending {
  readonly to: NodeId;
  readonly askedAtMs: number;
}

interface Candidate {
  readonly height: number;
  readonly manifestHash: string;
  readonly signers: Set<NodeId>;
  readonly sources: Set<NodeId>;
}

type Phase =
  /** Nothing to do, or not yet. */
  | { readonly kind: 'watching' }
  /** Peers were asked what they offer. */
  | { readonly kind: 'asking'; readonly asked: Set<NodeId>; readonly waiting: Set<NodeId>; readonly sinceMs: number }
  /** The best of what is offered is looked for. */
  | { readonly kind: 'choosing' }
  /** Headers are fetched until the sealers of the candidate's height are known. */
  | {
      readonly kind: 'trusting';
      readonly candidate: Candidate;
      readonly path: TrustPath;
      readonly sinceMs: number;
      pending: Pending | undefined;
    }
  | {
      readonly kind: 'manifest';
      readonly candidate: Candidate;
      readonly headerHash: string;
      pending: Pending | undefined;
    }
  | { readonly kind: 'chunks'; readonly fetch: ChunkFetch }
  /** Blocks go on from here. */
  | { readonly kind: 'ended' }
  /** The host has it; nothing may come in between. */
  | { readonly kind: 'installing' };

/**
 * Gets the state at a height that sealers attested, instead of all blocks up to it: offers, then headers from genesis to
 * that height, then the manifest, then its chunks (docs/sync.md). A pure state machine like BlockSync. Nothing that a
 * peer says is believed: signatures and hashes decide, and whatever it withholds is asked of another.
 */
export class SnapshotSync {
  readonly #options: SnapshotSyncOptions;
  readonly #peers = new PeerBook();
  readonly #snapshots = new Map<NodeId, number>();
  readonly #candidates = new Map<string, Candidate>();
  #phase: Phase;
  #nowMs: number;
  #attempts = 0;
  #restMs = SNAPSHOT_REST_MS;
  #restUntilMs = 0;

  constructor(options: SnapshotSyncOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs;
    const { isEmpty, kept } = options;
    this.#phase = { kind: isEmpty ? 'watching' : 'ended' };
    if (isEmpty && kept !== undefined) this.#phase = { kind: 'chunks', fetch: new ChunkFetch(kept.facts, kept.chunks) };
  }

  /** A snapshot is being fetched: blocks shall not be. */
  get isActive(): boolean {
    return this.#phase.kind !== 'watching' && this.#phase.kind !== 'ended';
  }

  /** Whether this peer was asked something that it has not answered; what it sends otherwise need not be looked at. */
  expects(from: NodeId): boolean {
    const phase = this.#phase;
    switch (phase.kind) {
      case 'asking':
        return phase.waiting.has(from);
      case 'trusting':
      case 'manifest':
        return phase.pending?.to === from;
      case 'chunks':
        return phase.fetch.isAsked(from);
      default:
        return false;
    }
  }

  /** Chunks on disk and in all, while they are being fetched. */
  get progress(): { readonly stored: number; readonly total: number } | undefined {
    return this.#phase.kind === 'chunks' ? this.#phase.fetch.progress : undefined;
  }

  step(input: SnapshotSyncInput): SnapshotSyncEffect[] {
    if (this.#isOver()) return [];
    const effects = this.#take(input);
    if (this.#isOver()) return effects;
    this.#expire();
    return [...effects, ...this.#proceed()];
  }

  #take(input: SnapshotSyncInput): SnapshotSyncEffect[] {
    switch (input.kind) {
      case 'tick':
        this.#nowMs = input.nowMs;
        return [];
      case 'status':
        this.#peers.claim(input.from, { number: input.number, lowest: input.lowest });
        if (this.#peers.claimOf(input.from) !== undefined) this.#snapshots.set(input.from, input.snapshot);
        return [];
      case 'peerDown':
        this.#onPeerDown(input.peer);
        return [];
      case 'offers':
        this.#onOffers(input.from, input.offers);
        return [];
      case 'header':
        return this.#onHeader(input);
      case 'manifest':
        return this.#onManifest(input.from, input.height, input.facts);
      case 'chunk':
        return this.#onChunk(input.from, input.height, input.index, input.hash);
      case 'chunkStored':
        return this.#onChunkStored(input.index);
      case 'started':
        this.#phase = { kind: 'ended' };
        return [{ kind: 'discard' }];
    }
  }

  #isOver(): boolean {
    return this.#phase.kind === 'ended' || this.#phase.kind === 'installing';
  }

  #onPeerDown(peer: NodeId): void {
    this.#peers.down(peer);
    this.#snapshots.delete(peer);
    const phase = this.#phase;
    if (phase.kind === 'asking') phase.waiting.delete(peer);
    else if (phase.kind === 'chunks') phase.fetch.dropSource(peer);
    else if ('pending' in phase) {
      phase.candidate.sources.delete(peer);
      if (phase.pending?.to === peer) phase.pending = undefined;
    }
  }

  #onOffers(from: NodeId, offers: readonly VerifiedOffer[]): void {
    const phase = this.#phase;
    if (phase.kind === 'chunks') {
      const isOffered = offers.some(({ manifestHash }) => manifestHash === phase.fetch.facts.manifestHash);
      phase.fetch.onOffer(from, isOffered);
      return;
    }
    if (phase.kind !== 'asking' || !phase.waiting.delete(from)) return;
    for (const { height, manifestHash, signers } of offers.slice(0, OFFERS_MAX)) {
      const candidate = this.#candidates.get(manifestHash) ?? {
        height,
        manifestHash,
        signers: new Set(),
        sources: new Set(),
      };
      if (candidate.height !== height) continue;
      for (const signer of signers) candidate.signers.add(signer);
      candidate.sources.add(from);
      this.#candidates.set(manifestHash, candidate);
    }
  }

  #onHeader(input: Extract<SnapshotSyncInput, { kind: 'header' }>): SnapshotSyncEffect[] {
    const phase = this.#phase;
    if (phase.kind !== 'trusting' || phase.pending?.to !== input.from) return [];
    const { above, number } = phase.path.wanted;
    if (input.above !== above || input.number !== number) return [];
    phase.pending = undefined;
    if (input.header === undefined) {
      phase.candidate.sources.delete(input.from);
      return [];
    }
    const step = phase.path.onHeader(input.header);
    if (step === 'forged') {
      this.#blame(input.from, phase.candidate);
      return [];
    }
    if (step === 'broken') {
      this.#giveUp(phase.candidate);
      return [];
    }
    this.#peers.onGood(input.from, this.#nowMs);
    const isTrusted = phase.path.wanted.above === input.header.number;
    const effects: SnapshotSyncEffect[] = isTrusted ? [{ kind: 'keepHeader', number: input.header.number }] : [];
    if (step === 'arrived') this.#onTrusted(phase.candidate, phase.path);
    return effects;
  }

  /** The sealers at the candidate's height are known now: does one honest one stand for the manifest? */
  #onTrusted(candidate: Candidate, { sealers, hash }: TrustPath): void {
    invariant(hash !== undefined, 'sync/trusted-header');
    const attesting = sealers.filter((nodeId) => candidate.signers.has(nodeId)).length;
    if (attesting < this.#options.rules.witnesses(sealers.length)) this.#giveUp(candidate);
    else this.#phase = { kind: 'manifest', candidate, headerHash: hash, pending: undefined };
  }

  #onManifest(from: NodeId, height: number, facts: ManifestFacts | undefined): SnapshotSyncEffect[] {
    const phase = this.#phase;
    if (phase.kind !== 'manifest' || phase.pending?.to !== from || phase.candidate.height !== height) return [];
    phase.pending = undefined;
    const { candidate } = phase;
    if (facts?.manifestHash !== candidate.manifestHash) {
      this.#blame(from, candidate);
      return [];
    }
    if (facts.height !== height || facts.headerHash !== phase.headerHash) {
      this.#giveUp(candidate);
      return [];
    }
    const fetch = new ChunkFetch(facts, new Set());
    for (const source of candidate.sources) fetch.onOffer(source, true);
    this.#phase = { kind: 'chunks', fetch };
    return [{ kind: 'storeManifest' }];
  }

  #onChunk(from: NodeId, height: number, index: number, hash: string | undefined): SnapshotSyncEffect[] {
    const phase = this.#phase;
    if (phase.kind !== 'chunks' || phase.fetch.facts.height !== height) return [];
    const outcome = phase.fetch.onChunk(from, index, hash);
    if (outcome === 'wrong') this.#peers.blame(from, this.#nowMs);
    if (outcome !== 'right') return [];
    this.#peers.onGood(from, this.#nowMs);
    this.#attempts = 0;
    return [{ kind: 'storeChunk', index }];
  }

  #onChunkStored(index: number): SnapshotSyncEffect[] {
    if (this.#phase.kind !== 'chunks') return [];
    this.#phase.fetch.onStored(index);
    return this.#install();
  }

  #install(): SnapshotSyncEffect[] {
    if (this.#phase.kind !== 'chunks' || !this.#phase.fetch.isComplete) return [];
    const { height } = this.#phase.fetch.facts;
    this.#phase = { kind: 'installing' };
    return [{ kind: 'install', height }];
  }

  /** Questions that were not answered in time. */
  #expire(): void {
    const phase = this.#phase;
    const lateBeforeMs = this.#nowMs - REQUEST_TIMEOUT_MS;
    if (phase.kind === 'trusting' && this.#nowMs - phase.sinceMs >= TRUST_MS_MAX) {
      // Headers that come just in time, one after the other, must not keep blocks away for ever.
      if (phase.pending !== undefined) this.#peers.onLate(phase.pending.to, this.#nowMs);
      this.#giveUp(phase.candidate);
    } else if (phase.kind === 'chunks') {
      for (const late of phase.fetch.expire(lateBeforeMs)) this.#peers.onLate(late, this.#nowMs);
    } else if ('pending' in phase && phase.pending !== undefined && phase.pending.askedAtMs <= lateBeforeMs) {
      this.#peers.onLate(phase.pending.to, this.#nowMs);
      phase.candidate.sources.delete(phase.pending.to);
      phase.pending = undefined;
    }
  }

  /** Does what the phase has to do next, into the next phases as far as that goes without an answer. */
  #proceed(): SnapshotSyncEffect[] {
    const phase = this.#phase;
    switch (phase.kind) {
      case 'watching':
        if (!this.#isWanted()) return [];
        this.#candidates.clear();
        this.#phase = { kind: 'asking', asked: new Set(), waiting: new Set(), sinceMs: this.#nowMs };
        return this.#proceed();
      case 'asking':
        return this.#gather(phase);
      case 'choosing':
        return this.#tryNextCandidate();
      case 'trusting':
      case 'manifest':
        return this.#ask(phase);
      case 'chunks':
        return this.#fetchChunks(phase.fetch);
      case 'ended':
      case 'installing':
        return [];
    }
  }

  /** Whether somebody serves a snapshot high enough, or nobody has the first blocks any more. */
  #isWanted(): boolean {
    if (this.#nowMs < this.#restUntilMs) return false;
    const highest = Math.max(0, ...this.#goodOfferers().map((nodeId) => this.#snapshots.get(nodeId)!));
    if (highest === 0) return false;
    if (highest >= this.#options.minimumHeight) return true;
    const ahead = [...this.#peers.claims()].filter(([, { number }]) => number > 0);
    return ahead.every(([, { lowest }]) => lowest > 1);
  }

  /** Peers that say that they serve a snapshot, and are not left alone. */
  #goodOfferers(): NodeId[] {
    return [...this.#snapshots]
      .filter(([nodeId, height]) => height > 0 && !this.#peers.isLeftAlone(nodeId, this.#nowMs))
      .map(([nodeId]) => nodeId)
      .toSorted((a, b) => this.#peers.faultsOf(a) - this.#peers.faultsOf(b) || (a < b ? -1 : 1));
  }

  /** Asks whoever has a snapshot, also those that are heard of meanwhile, and waits for what they offer. */
  #gather(phase: Extract<Phase, { kind: 'asking' }>): SnapshotSyncEffect[] {
    const effects: SnapshotSyncEffect[] = [];
    for (const to of this.#goodOfferers()) {
      if (phase.asked.has(to) || phase.asked.size >= OFFER_PEERS_MAX) continue;
      phase.asked.add(to);
      phase.waiting.add(to);
      effects.push({ kind: 'requestOffers', to });
    }
    const tookMs = this.#nowMs - phase.sinceMs;
    if (tookMs < (phase.waiting.size > 0 ? OFFER_WAIT_MS : OFFER_SETTLE_MS)) return effects;
    for (const silent of phase.waiting) this.#peers.onLate(silent, this.#nowMs);
    this.#phase = { kind: 'choosing' };
    return [...effects, ...this.#proceed()];
  }

  /** The highest snapshot first, of equal ones the one with the most attestations. */
  #tryNextCandidate(): SnapshotSyncEffect[] {
    const best = [...this.#candidates.values()].toSorted(
      (a, b) => b.height - a.height || b.signers.size - a.signers.size || (a.manifestHash < b.manifestHash ? -1 : 1),
    )[0];
    if (best === undefined) {
      this.#fail();
      return [];
    }
    const path = new TrustPath(this.#options.rules, this.#options.genesisSealers, best.height);
    this.#phase = { kind: 'trusting', candidate: best, path, sinceMs: this.#nowMs, pending: undefined };
    return this.#proceed();
  }

  /** Asks a source of the candidate the one thing that is missing now. */
  #ask(phase: Extract<Phase, { kind: 'trusting' | 'manifest' }>): SnapshotSyncEffect[] {
    if (phase.pending !== undefined) return [];
    const sources = [...phase.candidate.sources].filter((nodeId) => !this.#peers.isLeftAlone(nodeId, this.#nowMs));
    const to = sources.toSorted((a, b) => this.#peers.faultsOf(a) - this.#peers.faultsOf(b) || (a < b ? -1 : 1))[0];
    if (to === undefined) {
      this.#giveUp(phase.candidate);
      return this.#proceed();
    }
    phase.pending = { to, askedAtMs: this.#nowMs };
    if (phase.kind === 'trusting') return [{ kind: 'requestHeader', to, ...phase.path.wanted }];
    return [{ kind: 'requestManifest', to, height: phase.candidate.height }];
  }

  #fetchChunks(fetch: ChunkFetch): SnapshotSyncEffect[] {
    const done = this.#install();
    if (done.length > 0) return done;
    const { height } = fetch.facts;
    const requests = fetch.request(this.#nowMs, (peer) => this.#peers.isLeftAlone(peer, this.#nowMs));
    const effects: SnapshotSyncEffect[] = requests.map((request) => ({ kind: 'requestChunk', height, ...request }));
    if (fetch.isBusy) return effects;
    // Nobody is left who has it: perhaps others do, or one that was late is back.
    const asked = fetch.askAgain(this.#nowMs, this.#goodOfferers().slice(0, OFFER_PEERS_MAX));
    if (asked === undefined) {
      this.#fail();
      return [...effects, { kind: 'discard' }];
    }
    return [...effects, ...asked.map((to): SnapshotSyncEffect => ({ kind: 'requestOffers', to }))];
  }

  #blame(from: NodeId, candidate: Candidate): void {
    this.#peers.blame(from, this.#nowMs);
    candidate.sources.delete(from);
  }

  /** This snapshot cannot be had or trusted; the next one is tried. */
  #giveUp(candidate: Candidate): void {
    this.#candidates.delete(candidate.manifestHash);
    this.#phase = { kind: 'choosing' };
  }

  /** An attempt came to nothing. After some of them blocks get their chance for a while. */
  #fail(): void {
    this.#phase = { kind: 'watching' };
    this.#restUntilMs = this.#nowMs + OFFER_WAIT_MS;
    if (++this.#attempts < SNAPSHOT_ATTEMPTS_MAX) return;
    this.#attempts = 0;
    this.#restUntilMs = this.#nowMs + this.#restMs;
    this.#restMs = Math.min(this.#restMs * 2, SNAPSHOT_REST_MS_MAX);
  }
}

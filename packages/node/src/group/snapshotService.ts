import { EMPTY_BYTES, equalBytes, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import type { Ledger } from '@menglian/ledger/ledger';
import type { SnapshotStaging, StagedSnapshot } from '@menglian/ledger/snapshotImport';
import { decodeManifest, type SnapshotManifest } from '@menglian/ledger/snapshotManifest';
import type { ManifestFacts } from '@menglian/sync/chunkFetch';
import { encodeSyncMessage } from '@menglian/sync/messages';
import type { Attestation, HeaderCertificate, SnapshotMessage, SnapshotOffer } from '@menglian/sync/snapshotMessages';
import {
  SnapshotSync,
  type SnapshotSyncEffect,
  type SnapshotSyncInput,
  type VerifiedOffer,
} from '@menglian/sync/snapshotSync';
import type { SealerRules, SignedHeader } from '@menglian/sync/trustPath';
import type { NodeId } from '@menglian/types/address';
import { decodeHeader } from '@menglian/types/header';
import type { Clock } from './clock.js';
import { validSigners } from './foreignBlock.js';
import { type SnapshotIdentity, SnapshotMaker, type SnapshotTuning } from './snapshotMaker.js';

/** Requests that are answered as the budget for serving allows. */
export type SnapshotRequest = Extract<
  SnapshotMessage,
  { kind: 'headerRequest' | 'offerRequest' | 'manifestRequest' | 'chunkRequest' }
>;

export interface SnapshotServiceOptions {
  readonly identity: SnapshotIdentity;
  readonly tuning: SnapshotTuning;
  readonly rules: SealerRules;
  /** of block 1 */
  readonly genesisSealers: readonly NodeId[];
  /** whether this node, which has no block yet, may begin with a snapshot */
  readonly isJoining: boolean;
}

/** What the group's host lends. */
export interface SnapshotPorts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly send: (to: readonly NodeId[], payload: Uint8Array) => void;
  /** connected nodes of the group */
  readonly peers: () => readonly NodeId[];
  readonly log: (text: string) => void;
  readonly fail: (error: unknown) => void;
}

export interface SnapshotServiceComponents extends SnapshotPorts {
  readonly staging: SnapshotStaging;
  /** what is on disk of a snapshot from before a restart */
  readonly kept: StagedSnapshot | undefined;
  /** a snapshot is complete on disk: close this group, install it, open the group again */
  readonly install: (height: number) => void;
}

/** What came with a message, for the effects that say to keep it. */
interface Delivered {
  readonly certificate?: HeaderCertificate | undefined;
  readonly manifest?: Uint8Array;
  readonly chunk?: Uint8Array;
}

/** Lets snapshots be made and served, and lets snapshot sync talk to peers and the disk. */
export class SnapshotService {
  readonly #options: SnapshotServiceOptions;
  readonly #components: SnapshotServiceComponents;
  readonly #maker: SnapshotMaker;
  readonly #sync: SnapshotSync;

  constructor(options: SnapshotServiceOptions, components: SnapshotServiceComponents) {
    this.#options = options;
    this.#components = components;
    const { ledger, kept, clock, log, fail } = components;
    this.#maker = new SnapshotMaker(options.identity, options.tuning, {
      ledger,
      announce: (height, manifestHash, attestation) => this.#announce(height, manifestHash, attestation),
      log,
      fail,
    });
    this.#sync = new SnapshotSync({
      rules: options.rules,
      genesisSealers: options.genesisSealers,
      minimumHeight: options.tuning.minimumHeight,
      isEmpty: options.isJoining,
      nowMs: clock.monotonicMs(),
      ...(kept === undefined ? {} : { kept: { facts: factsOf(kept), chunks: kept.chunks } }),
    });
  }

  /** A snapshot is being fetched: blocks shall not be. */
  get isActive(): boolean {
    return this.#sync.isActive;
  }

  /** Height of the latest snapshot that is served here; 0 for none. */
  get latest(): number {
    return this.#maker.latest;
  }

  start(): void {
    this.#maker.onHead();
  }

  async stop(): Promise<void> {
    await this.#maker.stop();
  }

  tick(): void {
    this.#step({ kind: 'tick', nowMs: this.#components.clock.monotonicMs() });
  }

  onStatus(
    from: NodeId,
    status: { readonly number: number; readonly lowest: number; readonly snapshot: number },
  ): void {
    this.#step({ kind: 'status', from, ...status });
  }

  onPeerDown(peer: NodeId): void {
    this.#step({ kind: 'peerDown', peer });
  }

  /** A block was stored just now. */
  onStored(): void {
    this.#maker.onHead();
    this.#step({ kind: 'started' });
  }

  onMessage(from: NodeId, message: Exclude<SnapshotMessage, SnapshotRequest>): void {
    if (message.kind === 'attestation') {
      // Sealers speak for themselves: nobody can make others check signatures of strangers.
      if (message.attestation.signer !== from) return;
      return this.#maker.onAttestation(message.height, message.manifestHash, message.attestation);
    }
    const isExpected = this.#sync.expects(from);
    if (message.kind === 'offers') {
      const offers = message.offers.map((offer) => this.#verified(offer, isExpected));
      return this.#step({ kind: 'offers', from, offers });
    }
    if (!isExpected) return;
    switch (message.kind) {
      case 'headerResponse': {
        const { above, number, certificate } = message;
        const header = certificate && this.#signedHeader(certificate);
        return this.#step({ kind: 'header', from, above, number, header }, { certificate });
      }
      case 'manifest': {
        const { height, manifest } = message;
        return this.#step({ kind: 'manifest', from, height, facts: this.#manifestFacts(manifest) }, { manifest });
      }
      case 'chunk': {
        const { height, index, chunk } = message;
        const hash = chunk.length === 0 ? undefined : toHex(this.#options.identity.suite.hash(chunk));
        return this.#step({ kind: 'chunk', from, height, index, hash }, { chunk });
      }
    }
  }

  /** The answer to a request. */
  async answer(request: SnapshotRequest): Promise<SnapshotMessage> {
    const { ledger } = this.#components;
    switch (request.kind) {
      case 'offerRequest':
        return { kind: 'offers', offers: this.#maker.offers() };
      case 'headerRequest': {
        const { above, number } = request;
        const found = await ledger.numberOfHeader(above, number);
        const certificate = found === undefined ? undefined : ledger.certifiedHeader(found);
        return { kind: 'headerResponse', above, number, certificate };
      }
      case 'manifestRequest': {
        const { height } = request;
        return { kind: 'manifest', height, manifest: this.#maker.manifest(height) ?? EMPTY_BYTES };
      }
      case 'chunkRequest': {
        const { height, index } = request;
        return { kind: 'chunk', height, index, chunk: (await this.#maker.chunk(height, index)) ?? EMPTY_BYTES };
      }
    }
  }

  #step(input: SnapshotSyncInput, delivered: Delivered = {}): void {
    for (const effect of this.#sync.step(input)) this.#perform(effect, delivered);
  }

  #perform(effect: SnapshotSyncEffect, { certificate, manifest, chunk }: Delivered): void {
    const { staging, log } = this.#components;
    switch (effect.kind) {
      case 'requestOffers':
        return this.#ask(effect.to, { kind: 'offerRequest' });
      case 'requestHeader':
        return this.#ask(effect.to, { ...effect, kind: 'headerRequest' });
      case 'requestManifest':
        return this.#ask(effect.to, { ...effect, kind: 'manifestRequest' });
      case 'requestChunk':
        return this.#ask(effect.to, { ...effect, kind: 'chunkRequest' });
      case 'keepHeader':
        invariant(certificate !== undefined, 'node/trusted-header');
        return this.#write(staging.putHeader(effect.number, certificate));
      case 'storeManifest':
        invariant(manifest !== undefined, 'node/trusted-manifest');
        log('[SNAPSHOT] [Fetching]');
        return this.#write(staging.putManifest(manifest));
      case 'storeChunk': {
        invariant(chunk !== undefined, 'node/right-chunk');
        const { index } = effect;
        return this.#write(staging.putChunk(index, chunk).then(() => this.#step({ kind: 'chunkStored', index })));
      }
      case 'discard':
        return this.#write(staging.discard());
      case 'install':
        return this.#components.install(effect.height);
    }
  }

  #write(writing: Promise<void>): void {
    writing.catch((error: unknown) => this.#components.fail(error));
  }

  #ask(to: NodeId, request: SnapshotRequest): void {
    this.#components.send([to], encodeSyncMessage(request));
  }

  #announce(height: number, manifestHash: Uint8Array, attestation: Attestation): void {
    const { send, peers } = this.#components;
    send(peers(), encodeSyncMessage({ kind: 'attestation', height, manifestHash, attestation }));
  }

  /** @param isChecked false when only matters what is offered, not who stands for it */
  #verified({ height, manifestHash, attestations }: SnapshotOffer, isChecked: boolean): VerifiedOffer {
    const checked = isChecked ? attestations : [];
    const valid = checked.filter((attestation) => this.#maker.isAttested(height, manifestHash, attestation));
    return { height, manifestHash: toHex(manifestHash), signers: valid.map(({ signer }) => signer) };
  }

  /** A header that is none, or wrongly signed, comes out as one that nobody signed: the machine blames its sender. */
  #signedHeader({ header: bytes, signatures }: HeaderCertificate): SignedHeader {
    const { suite } = this.#options.identity;
    const header = decodeHeader(bytes);
    if (!header.ok) return { number: 0, hash: '', sealers: [], signers: [] };
    const hash = suite.hash(bytes);
    const { number, sealerList } = header.value;
    const signers = validSigners(suite, header.value, hash, signatures) ?? [];
    return { number, hash: toHex(hash), sealers: sealerList, signers };
  }

  #manifestFacts(bytes: Uint8Array): ManifestFacts | undefined {
    const manifest = decodeManifest(bytes);
    if (!manifest.ok || !equalBytes(manifest.value.genesisHash, this.#components.ledger.genesisHash)) return undefined;
    return factsOf({ manifest: manifest.value, manifestHash: this.#options.identity.suite.hash(bytes) });
  }
}

function factsOf(one: { readonly manifest: SnapshotManifest; readonly manifestHash: Uint8Array }): ManifestFacts {
  const { height, headerHash, chunkHashes } = one.manifest;
  return {
    manifestHash: toHex(one.manifestHash),
    height,
    headerHash: toHex(headerHash),
    chunkHashes: chunkHashes.map(toHex),
  };
}

import { toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { honestWitnessSize, quorumSize } from '@menglian/consensus-core/quorum';
import { BlockSync, type BlockSyncEffect, type BlockSyncInput, type Verdict } from '@menglian/sync/blockSync';
import { SERVED_PER_TICK } from '@menglian/sync/limits';
import { decodeSyncMessage, type SyncMessage } from '@menglian/sync/messages';
import { ServeQueue } from '@menglian/sync/serveQueue';
import type { Attestation } from '@menglian/sync/snapshotMessages';
import { SnapshotSync, type SnapshotSyncEffect, type SnapshotSyncInput } from '@menglian/sync/snapshotSync';
import type { SignedHeader } from '@menglian/sync/trustPath';
import type { NodeId } from '@menglian/types/address';
import { attestedText, fakeHash, type FakeSnapshot, fakeSnapshot, readFakeManifest } from './fakeSnapshot.js';
import {
  decodeFakeBlock,
  decodeFakeHeader,
  encodeFakeHeader,
  type FakeHeader,
  fakeSignature,
  isFakeSignature,
  signedText,
  type SyncChain,
} from './syncChain.js';

const GENESIS_HASH = new Uint8Array(32).fill(7);
const RULES = { quorum: quorumSize, witnesses: honestWitnessSize };

/** What a node has of the chain: survives a crash. */
export interface SyncDisk {
  /** Bodies from base + 1 on. */
  base: number;
  head: number;
  /** Headers that led to the base. */
  readonly path: Set<number>;
  staged: { manifest: Uint8Array; readonly chunks: Map<number, Uint8Array> } | undefined;
}

export interface SyncNodeOptions {
  readonly nodeId: NodeId;
  readonly chain: SyncChain;
  readonly disk: SyncDisk;
  readonly snapshotEvery: number;
  readonly snapshotGap: number;
}

/** What a node asks of the world, and tells it. */
export interface SyncNodePorts {
  readonly send: (to: NodeId, message: SyncMessage) => void;
  readonly peers: () => readonly NodeId[];
  readonly later: (delayMs: number, run: () => void) => void;
  readonly nowMs: () => number;
  /** Its disk has a new head. */
  readonly stored: (number: number, block: Uint8Array) => void;
  readonly installed: (height: number, chunks: readonly Uint8Array[]) => void;
  readonly trace: (text: string) => void;
}

type ServedRequest = Extract<
  SyncMessage,
  { kind: 'blockRequest' | 'headerRequest' | 'manifestRequest' | 'chunkRequest' }
>;

/** An honest node as far as sync goes: the real state machines and messages, and a host with fake blocks and hashes. */
export class SyncNode {
  readonly sync: BlockSync;
  readonly snapshotSync: SnapshotSync;
  readonly queue = new ServeQueue<ServedRequest>();
  readonly #options: SyncNodeOptions;
  readonly #ports: SyncNodePorts;
  readonly #snapshots = new Map<number, FakeSnapshot>();
  readonly #attestations = new Map<string, Map<NodeId, Attestation>>();
  #lastHeader: Uint8Array = new Uint8Array();
  #lastManifest: Uint8Array = new Uint8Array();
  #lastChunk: Uint8Array = new Uint8Array();
  requests = 0;

  constructor(options: SyncNodeOptions, ports: SyncNodePorts) {
    this.#options = options;
    this.#ports = ports;
    const { disk, chain, snapshotGap } = options;
    this.sync = new BlockSync(disk.head, ports.nowMs());
    const staged = disk.staged && readFakeManifest(disk.staged.manifest);
    this.snapshotSync = new SnapshotSync({
      rules: RULES,
      genesisSealers: chain.genesisSealers,
      minimumHeight: snapshotGap,
      isEmpty: disk.head === 0,
      nowMs: ports.nowMs(),
      ...(staged === undefined ? {} : { kept: { facts: staged, chunks: new Set(disk.staged!.chunks.keys()) } }),
    });
    this.#makeSnapshot();
    this.#step({ kind: 'hold', isHeld: this.snapshotSync.isActive });
  }

  get nodeId(): NodeId {
    return this.#options.nodeId;
  }

  get disk(): SyncDisk {
    return this.#options.disk;
  }

  tick(): void {
    const nowMs = this.#ports.nowMs();
    this.#stepSnapshot({ kind: 'tick', nowMs });
    this.#step({ kind: 'tick', nowMs });
    for (let served = 0; served < SERVED_PER_TICK; served++) if (!this.#serveNext()) break;
  }

  onPeerUp(peer: NodeId): void {
    this.#ports.send(peer, this.status());
  }

  onPeerDown(peer: NodeId): void {
    this.queue.drop(peer);
    this.#stepSnapshot({ kind: 'peerDown', peer });
    this.#step({ kind: 'peerDown', peer });
  }

  /** Consensus brought the next block. */
  onConsensus(): void {
    this.#store(this.disk.head + 1, this.#options.chain.block(this.disk.head + 1));
  }

  receive(from: NodeId, payload: Uint8Array): void {
    const decoded = decodeSyncMessage(payload);
    if (!decoded.ok) return;
    const message = decoded.value;
    switch (message.kind) {
      case 'status': {
        if (toHex(message.genesisHash) !== toHex(GENESIS_HASH)) return;
        const { number, lowest, snapshot } = message;
        this.#stepSnapshot({ kind: 'status', from, number, lowest, snapshot });
        return this.#step({ kind: 'status', from, number, lowest });
      }
      case 'blockResponse':
        return this.#step({ kind: 'blocks', from, first: message.first, blocks: message.blocks });
      case 'offerRequest':
        return this.#ports.send(from, { kind: 'offers', offers: this.#offers() });
      case 'attestation':
        return this.#onAttestation(message.height, message.manifestHash, message.attestation);
      case 'offers': {
        const offers = message.offers.map(({ height, manifestHash, attestations }) => ({
          height,
          manifestHash: toHex(manifestHash),
          signers: attestations
            .filter(({ signer, signature }) => isFakeSignature(signer, attestedText(height, manifestHash), signature))
            .map(({ signer }) => signer),
        }));
        return this.#stepSnapshot({ kind: 'offers', from, offers });
      }
      case 'headerResponse': {
        this.#lastHeader = message.certificate?.header ?? new Uint8Array();
        const header = message.certificate && this.#signedHeader(message.certificate);
        const forged = message.certificate !== undefined && header === undefined;
        const { above, number } = message;
        const answer = forged ? { number: 0, hash: '', sealers: [], signers: [] } : header;
        return this.#stepSnapshot({ kind: 'header', from, above, number, header: answer });
      }
      case 'manifest':
        this.#lastManifest = message.manifest;
        return this.#stepSnapshot({
          kind: 'manifest',
          from,
          height: message.height,
          facts: readFakeManifest(message.manifest),
        });
      case 'chunk': {
        this.#lastChunk = message.chunk;
        const hash = message.chunk.length === 0 ? undefined : toHex(fakeHash(message.chunk));
        return this.#stepSnapshot({ kind: 'chunk', from, height: message.height, index: message.index, hash });
      }
      default:
        if (this.queue.offer(from, message, this.#ports.nowMs())) this.#serveNext();
    }
  }

  status(): SyncMessage {
    const { head, base } = this.disk;
    return {
      kind: 'status',
      number: head,
      hash: new Uint8Array(32),
      genesisHash: GENESIS_HASH,
      lowest: base + 1,
      snapshot: Math.max(0, ...this.#snapshots.keys()),
    };
  }

  /** What it answers to a request; undefined for nothing. */
  answer(request: ServedRequest): SyncMessage {
    const { chain, disk } = this.#options;
    switch (request.kind) {
      case 'blockRequest': {
        const blocks: Uint8Array[] = [];
        for (let number = request.first; number < request.first + request.count; number++) {
          if (number <= disk.base || number > disk.head) break;
          blocks.push(chain.block(number));
        }
        return { kind: 'blockResponse', first: request.first, blocks };
      }
      case 'headerRequest': {
        const { above, number } = request;
        const known = [...disk.path].filter((one) => one > above && one <= number);
        const highest = Math.min(number, disk.head) > disk.base ? Math.min(number, disk.head) : Math.max(0, ...known);
        const block = highest > above ? decodeFakeBlock(chain.block(highest)) : undefined;
        const certificate = block && { header: encodeFakeHeader(block), signatures: block.signatures };
        return { kind: 'headerResponse', above, number, certificate };
      }
      case 'manifestRequest': {
        const manifest = this.#snapshots.get(request.height)?.manifest ?? new Uint8Array();
        return { kind: 'manifest', height: request.height, manifest };
      }
      case 'chunkRequest': {
        const { height, index } = request;
        const chunk = this.#snapshots.get(height)?.chunks[index] ?? new Uint8Array();
        return { kind: 'chunk', height, index, chunk };
      }
    }
  }

  #offers(): Extract<SyncMessage, { kind: 'offers' }>['offers'] {
    return [...this.#snapshots.values()].map(({ height, manifestHash }) => ({
      height,
      manifestHash,
      attestations: [...(this.#attestations.get(attestedText(height, manifestHash))?.values() ?? [])],
    }));
  }

  #onAttestation(height: number, manifestHash: Uint8Array, attestation: Attestation): void {
    const text = attestedText(height, manifestHash);
    if (!isFakeSignature(attestation.signer, text, attestation.signature)) return;
    const known = this.#attestations.get(text) ?? new Map<NodeId, Attestation>();
    known.set(attestation.signer, attestation);
    this.#attestations.set(text, known);
    if (this.#attestations.size > 8) this.#attestations.delete([...this.#attestations.keys()][0]!);
  }

  #serveNext(): boolean {
    const next = this.queue.next(this.#ports.nowMs());
    if (next === undefined) return false;
    const answer = this.answer(next.request);
    const bytes = answer.kind === 'blockResponse' ? answer.blocks.reduce((sum, { length }) => sum + length, 0) : 100;
    this.queue.charge(next.from, bytes);
    this.#ports.send(next.from, answer);
    return true;
  }

  #step(input: BlockSyncInput): void {
    for (const effect of this.sync.step(input)) this.#perform(effect);
  }

  #perform(effect: BlockSyncEffect): void {
    switch (effect.kind) {
      case 'request':
        this.requests++;
        this.#ports.send(effect.to, { kind: 'blockRequest', first: effect.first, count: effect.count });
        break;
      case 'check': {
        const { number, from } = effect;
        const verdict = this.#inspect(number, effect.block);
        if (verdict === 'forged') this.#ports.trace(`refuses block ${number} of ${this.#name(from)}`);
        this.#step({ kind: 'checked', number, from, verdict });
        break;
      }
      case 'apply':
        this.#ports.later(2, () => this.#apply(effect.number, effect.block, effect.from));
        break;
      case 'announce':
        for (const peer of this.#ports.peers()) this.#ports.send(peer, this.status());
        break;
    }
  }

  /** What the host of the node does with a block that came: see its `inspectBlock`. */
  #inspect(number: number, bytes: Uint8Array): Verdict {
    const block = decodeFakeBlock(bytes);
    if (block === undefined || block.number !== number || block.body !== block.content) return 'forged';
    const signed = this.#signedHeader({ header: encodeFakeHeader(block), signatures: block.signatures });
    if (signed === undefined || signed.signers.length < quorumSize(signed.sealers.length)) return 'forged';
    const own = this.#sealersFor(this.disk.head + 1);
    const witnesses = own.filter((nodeId) => signed.signers.includes(nodeId)).length;
    return witnesses >= honestWitnessSize(own.length) ? 'certified' : 'unknown';
  }

  #apply(number: number, bytes: Uint8Array, from: NodeId): void {
    if (number !== this.disk.head + 1) return this.#step({ kind: 'stored', number: this.disk.head });
    const block = decodeFakeBlock(bytes);
    const signed = block && this.#signedHeader({ header: encodeFakeHeader(block), signatures: block.signatures });
    const isListed = block?.list === this.#options.chain.listAt(number);
    const isGood = signed !== undefined && isListed && signed.signers.length >= quorumSize(signed.sealers.length);
    if (isGood && block?.number === number && block.body === block.content) return this.#store(number, bytes);
    this.#ports.trace(`rejects block ${number} of ${this.#name(from)} in its turn`);
    this.#step({ kind: 'rejected', number, from });
  }

  #store(number: number, bytes: Uint8Array): void {
    this.disk.head = number;
    this.#ports.stored(number, bytes);
    this.#makeSnapshot();
    this.#stepSnapshot({ kind: 'started' });
    this.#step({ kind: 'stored', number });
  }

  #sealersFor(number: number): readonly NodeId[] {
    return this.#options.chain.sealersOf(this.#options.chain.listAt(number));
  }

  /** @returns undefined when a signature is wrong, of nobody, or there twice */
  #signedHeader(certificate: {
    readonly header: Uint8Array;
    readonly signatures: readonly { readonly index: number; readonly signature: Uint8Array }[];
  }): SignedHeader | undefined {
    const header: FakeHeader | undefined = decodeFakeHeader(certificate.header);
    if (header === undefined) return undefined;
    const sealers = this.#options.chain.sealersOf(header.list);
    const signers = new Set<NodeId>();
    for (const { index, signature } of certificate.signatures) {
      const signer = sealers[index];
      if (signer === undefined || signers.has(signer)) return undefined;
      if (!isFakeSignature(signer, signedText(header), signature)) return undefined;
      signers.add(signer);
    }
    return { number: header.number, hash: String(header.content), sealers, signers: [...signers] };
  }

  #makeSnapshot(): void {
    const { chain, snapshotEvery, nodeId } = this.#options;
    const { head } = this.disk;
    if (snapshotEvery === 0 || head === 0 || head % snapshotEvery !== 0 || head <= this.disk.base) return;
    const snapshot = fakeSnapshot(chain, head);
    this.#snapshots.set(head, snapshot);
    const oldest = Math.min(...this.#snapshots.keys());
    if (this.#snapshots.size > 2) this.#snapshots.delete(oldest);
    if (!this.#sealersFor(head).includes(nodeId)) return;
    const { manifestHash } = snapshot;
    const attestation = { signer: nodeId, signature: fakeSignature(nodeId, attestedText(head, manifestHash)) };
    this.#onAttestation(head, manifestHash, attestation);
    for (const peer of this.#ports.peers()) {
      this.#ports.send(peer, { kind: 'attestation', height: head, manifestHash, attestation });
    }
  }

  #stepSnapshot(input: SnapshotSyncInput): void {
    const wasActive = this.snapshotSync.isActive;
    for (const effect of this.snapshotSync.step(input)) this.#performSnapshot(effect);
    const { isActive } = this.snapshotSync;
    if (isActive === wasActive) return;
    this.#ports.trace(isActive ? 'wants a snapshot' : 'leaves it to blocks');
    this.#step({ kind: 'hold', isHeld: isActive });
  }

  #performSnapshot(effect: SnapshotSyncEffect): void {
    const { disk, chain } = this.#options;
    switch (effect.kind) {
      case 'requestOffers':
        this.requests++;
        return this.#ports.send(effect.to, { kind: 'offerRequest' });
      case 'requestHeader':
        this.requests++;
        return this.#ports.send(effect.to, { ...effect, kind: 'headerRequest' });
      case 'requestManifest':
        this.requests++;
        return this.#ports.send(effect.to, { ...effect, kind: 'manifestRequest' });
      case 'requestChunk':
        this.requests++;
        return this.#ports.send(effect.to, { ...effect, kind: 'chunkRequest' });
      case 'keepHeader': {
        const header = decodeFakeHeader(this.#lastHeader);
        invariant(header?.content === chain.contentAt(effect.number), 'sim/trusted-forged-header');
        disk.path.add(effect.number);
        return;
      }
      case 'storeManifest':
        disk.staged = { manifest: this.#lastManifest, chunks: new Map() };
        return;
      case 'storeChunk': {
        const chunk = this.#lastChunk;
        disk.staged!.chunks.set(effect.index, chunk);
        return this.#ports.later(1, () => this.#stepSnapshot({ kind: 'chunkStored', index: effect.index }));
      }
      case 'discard':
        disk.staged = undefined;
        if (disk.base === 0) disk.path.clear();
        return;
      case 'install': {
        const chunks = [...disk.staged!.chunks].toSorted(([a], [b]) => a - b).map(([, chunk]) => chunk);
        disk.staged = undefined;
        disk.base = effect.height;
        disk.head = effect.height;
        return this.#ports.installed(effect.height, chunks);
      }
    }
  }

  #name(nodeId: NodeId): string {
    return String.fromCharCode(0x61 + Number.parseInt(nodeId.slice(0, 4), 16));
  }
}

import { equalBytes, fromHex } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Ledger } from '@menglian/ledger/ledger';
import { StateSnapshot } from '@menglian/ledger/snapshotExport';
import { attestationDigest } from '@menglian/ledger/snapshotManifest';
import { OFFERS_MAX } from '@menglian/sync/limits';
import type { Attestation, SnapshotOffer } from '@menglian/sync/snapshotMessages';
import type { NodeId } from '@menglian/types/address';

/** Heights whose attestations are kept. */
const ATTESTED_HEIGHTS_MAX = 4;

/** Local settings of a group's snapshots. */
export interface SnapshotTuning {
  /** A snapshot every so many blocks; 0 for none. The same on all nodes of a group, or their attestations do not meet. */
  readonly interval: number;
  /** None of a state larger than this. */
  readonly maxBytes: number;
  /** A new node fetches blocks instead when the snapshot is not at least so high. */
  readonly minimumHeight: number;
}

export interface SnapshotIdentity {
  readonly suite: CryptoSuite;
  readonly chainId: bigint;
  readonly groupId: number;
  readonly nodeId: NodeId;
  readonly sign: (digest: Uint8Array) => Uint8Array;
}

/** An attestation as it is kept. */
interface Attested extends Attestation {
  readonly manifestHash: Uint8Array;
}

/**
 * Makes a snapshot at every height of the interval, serves the last two, and gathers what sealers attest of them. What it
 * has is gone after a restart, until the next height of the interval.
 */
export class SnapshotMaker {
  readonly #identity: SnapshotIdentity;
  readonly #tuning: SnapshotTuning;
  readonly #ledger: Ledger;
  readonly #announce: (height: number, manifestHash: Uint8Array, attestation: Attestation) => void;
  readonly #log: (text: string) => void;
  readonly #fail: (error: unknown) => void;
  readonly #snapshots = new Map<number, StateSnapshot>();
  readonly #attested = new Map<number, Map<NodeId, Attested>>();
  #building: Promise<void> | undefined;
  #isStopped = false;

  constructor(
    identity: SnapshotIdentity,
    tuning: SnapshotTuning,
    components: {
      readonly ledger: Ledger;
      readonly announce: (height: number, manifestHash: Uint8Array, attestation: Attestation) => void;
      readonly log: (text: string) => void;
      readonly fail: (error: unknown) => void;
    },
  ) {
    this.#identity = identity;
    this.#tuning = tuning;
    this.#ledger = components.ledger;
    this.#announce = components.announce;
    this.#log = components.log;
    this.#fail = components.fail;
  }

  /** Height of the latest snapshot that can be served; 0 for none. */
  get latest(): number {
    return Math.max(0, ...this.#snapshots.keys());
  }

  /** Call at once when a block is stored, and at the start: only the state of this moment can be had. */
  onHead(): void {
    const { interval } = this.#tuning;
    const { number } = this.#ledger.head();
    if (interval === 0 || number === 0 || number % interval !== 0) return;
    if (this.#building !== undefined || this.#isStopped) return;
    this.#building = this.#build(number)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => (this.#building = undefined));
  }

  /** Takes what a sealer attests. Each has one voice for a height. */
  onAttestation(height: number, manifestHash: Uint8Array, attestation: Attestation): void {
    const { interval } = this.#tuning;
    const head = this.#ledger.head().number;
    if (interval === 0 || height % interval !== 0 || height > head + interval) return;
    const voices = this.#attested.get(height) ?? new Map<NodeId, Attested>();
    const { signer, signature } = attestation;
    if (voices.has(signer) || !this.#ledger.membership().sealers.includes(signer)) return;
    if (!this.isAttested(height, manifestHash, attestation)) return;
    voices.set(signer, { signer, signature, manifestHash });
    this.#attested.set(height, voices);
    const lowest = Math.min(...this.#attested.keys());
    if (this.#attested.size > ATTESTED_HEIGHTS_MAX) this.#attested.delete(lowest);
  }

  /** Whether the signature is the signer's. */
  isAttested(height: number, manifestHash: Uint8Array, { signer, signature }: Attestation): boolean {
    const { suite } = this.#identity;
    return suite.verify(attestationDigest(suite, this.#identity, height, manifestHash), signature, fromHex(signer));
  }

  offers(): SnapshotOffer[] {
    return [...this.#snapshots.values()].map(({ manifest: { height }, manifestHash }) => {
      const voices = [...(this.#attested.get(height)?.values() ?? [])];
      const agreeing = voices.filter((voice) => equalBytes(voice.manifestHash, manifestHash));
      return { height, manifestHash, attestations: agreeing.map(({ signer, signature }) => ({ signer, signature })) };
    });
  }

  manifest(height: number): Uint8Array | undefined {
    return this.#snapshots.get(height)?.manifestBytes;
  }

  /** @returns undefined also when the snapshot goes away while it is read */
  async chunk(height: number, index: number): Promise<Uint8Array | undefined> {
    const snapshot = this.#snapshots.get(height);
    try {
      return await snapshot?.chunk(index);
    } catch (error) {
      if (this.#snapshots.get(height) === snapshot) throw error;
      return undefined;
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#building;
    const snapshots = [...this.#snapshots.values()];
    this.#snapshots.clear();
    for (const snapshot of snapshots) await snapshot.close();
  }

  async #build(height: number): Promise<void> {
    const { view, facts } = this.#ledger.snapshot();
    const { suite, nodeId, sign } = this.#identity;
    const snapshot = await StateSnapshot.build(view, suite, facts, {
      maxBytes: this.#tuning.maxBytes,
      isWanted: () => !this.#isStopped,
    });
    if (snapshot === undefined) {
      if (this.#isStopped) return;
      this.#log(`[SNAPSHOT] [NotMade] number=${height},reason=the state is larger than [sync] snapshot_max_mb`);
      return;
    }
    if (this.#isStopped) return snapshot.close();
    this.#snapshots.set(height, snapshot);
    const { bytes, chunkHashes } = snapshot.manifest;
    this.#log(`[SNAPSHOT] [Made] number=${height},bytes=${bytes},chunks=${chunkHashes.length}`);
    if (this.#ledger.sealersOf(height)?.includes(nodeId) === true) {
      const digest = attestationDigest(suite, this.#identity, height, snapshot.manifestHash);
      const attestation = { signer: nodeId, signature: sign(digest) };
      this.onAttestation(height, snapshot.manifestHash, attestation);
      this.#announce(height, snapshot.manifestHash, attestation);
    }
    const oldest = Math.min(...this.#snapshots.keys());
    if (this.#snapshots.size <= OFFERS_MAX) return;
    const outdated = this.#snapshots.get(oldest)!;
    this.#snapshots.delete(oldest);
    await outdated.close();
  }
}

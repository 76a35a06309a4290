import { failure, success, type Result } from '@menglian/base/result';
import type { SnapshotStaging } from '@menglian/ledger/snapshotImport';
import type { NodeId } from '@menglian/types/address';
import { createGroup, type Group, type GroupComponents, type GroupOptions } from './createGroup.js';
import type { Plane } from './threadProtocol.js';

/**
 * A group over its life: when a snapshot has come, everything that stands on the ledger is taken down, the snapshot put in
 * its place, and everything built up anew. Who uses the group asks for its parts each time.
 */
export class RunningGroup {
  readonly #options: GroupOptions;
  readonly #components: GroupComponents;
  readonly #connected = new Set<NodeId>();
  #group: Group;
  #isStarted = false;
  #isStopped = false;
  /** Set while the group is between two lives. */
  #reopening: Promise<void> | undefined;

  private constructor(options: GroupOptions, components: GroupComponents, group: Group) {
    this.#options = options;
    this.#components = components;
    this.#group = group;
  }

  /** @returns a sentence for the operator when the data cannot be used */
  static async open(options: GroupOptions, components: GroupComponents): Promise<Result<RunningGroup>> {
    let running: RunningGroup | undefined = undefined;
    const installSnapshot = (staging: SnapshotStaging, height: number) => running?.reopen(staging, height);
    const group = await createGroup(options, { ...components, installSnapshot });
    if (!group.ok) return group;
    running = new RunningGroup(options, components, group.value);
    return success(running);
  }

  /** False between two lives: what the parts say then is of neither. */
  get isOpen(): boolean {
    return this.#reopening === undefined;
  }

  get host(): Group['host'] {
    return this.#group.host;
  }

  get view(): Group['view'] {
    return this.#group.view;
  }

  get ledger(): Group['ledger'] {
    return this.#group.ledger;
  }

  start(): void {
    this.#isStarted = true;
    this.host.start();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#reopening;
    await this.host.stop();
  }

  /** Messages that come between two lives are lost, as on a bad network. */
  onMessage(from: NodeId, plane: Plane, payload: Uint8Array): void {
    if (this.#reopening === undefined) this.host.onMessage(from, plane, payload);
  }

  onPeer(kind: 'peerUp' | 'peerDown', nodeId: NodeId): void {
    if (kind === 'peerUp') this.#connected.add(nodeId);
    else this.#connected.delete(nodeId);
    if (this.#reopening === undefined) this.host.onPeer(kind, nodeId);
  }

  /** Puts a snapshot that is complete on disk in the place of the ledger. */
  reopen(staging: SnapshotStaging, height: number): void {
    if (this.#reopening !== undefined || this.#isStopped) return;
    this.#reopening = this.#reopen(staging, height)
      .then((result) => {
        if (!result.ok) this.#components.fail(new Error(result.reason));
      })
      .catch((error: unknown) => this.#components.fail(error))
      .finally(() => {
        this.#reopening = undefined;
        if (this.#isStarted && !this.#isStopped) this.#resume();
      });
  }

  async #reopen(staging: SnapshotStaging, height: number): Promise<Result<void>> {
    const { log } = this.#components;
    const prefix = `[g:${this.#options.genesis.groupId}] [SNAPSHOT]`;
    await this.host.stop();
    const installed = await staging.install();
    if (installed.ok) {
      log('info', `${prefix} [Installed] number=${height}`);
    } else {
      // Sealers of this group attested what is no snapshot: more of them are faulty than may be. Blocks can still be checked.
      log('error', `${prefix} [NotInstalled] number=${height},reason=${installed.reason}; blocks are fetched instead`);
      await staging.discard();
    }
    const group = await createGroup(this.#options, this.#components);
    if (!group.ok) return failure(group.reason);
    this.#group = group.value;
    return success(undefined);
  }

  #resume(): void {
    this.host.start();
    for (const nodeId of this.#connected) this.host.onPeer('peerUp', nodeId);
  }
}

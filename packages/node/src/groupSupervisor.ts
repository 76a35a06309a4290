import type { MessagePort } from 'node:worker_threads';
import { failure, success, type Result } from '@menglian/base/result';
import type { DataKey } from '@menglian/storage/encryption/dataKey';
import type { NodeId } from '@menglian/types/address';
import type { LogLevel } from './config/nodeConfig.js';
import { Backlog } from './group/backlog.js';
import type { FromGroup, GroupThreadData, Plane, ToGroup } from './group/threadProtocol.js';
import { SupervisedThread } from './supervisedThread.js';

/** A group that does not stop in time is ended: every write it acknowledged is on disk already. */
const STOP_TIMEOUT_MS = 10_000;

/** Stack of a group's thread: calls between contracts may nest 1024 deep, each some frames of JavaScript. */
const STACK_MB = 64;

/** One group seen from the main thread: its worker, and the messages to and fro. */
export class GroupSupervisor {
  readonly groupId: number;
  readonly #thread: SupervisedThread<ToGroup, FromGroup>;
  readonly #components: GroupSupervisorComponents;
  readonly #backlog = new Backlog();
  readonly #started: Promise<Result<void>>;
  #resolveStarted: (result: Result<void>) => void = () => {};
  #hasFailed = false;

  constructor(data: GroupThreadData, components: GroupSupervisorComponents) {
    this.groupId = data.genesis.groupId;
    this.#components = components;
    this.#started = new Promise((resolve) => {
      this.#resolveStarted = resolve;
    });
    this.#thread = new SupervisedThread({
      file: './group/groupThread.js',
      name: `group${this.groupId}`,
      data,
      stackMb: STACK_MB,
      onMessage: (message) => this.#onMessage(message),
      onFailed: (message) => this.#onFailed(message),
    });
  }

  /** Resolves when the ledger is open and the group works, or with the reason why not. */
  async started(): Promise<Result<void>> {
    return this.#started;
  }

  /** @param port where clients ask the group; its other end belongs to the clients' thread */
  connectClients(port: MessagePort): void {
    this.#thread.post({ kind: 'clients', port }, [port]);
  }

  onPeer(kind: 'peerUp' | 'peerDown', nodeId: NodeId): void {
    this.#thread.post({ kind, nodeId });
  }

  onNetworkMessage(from: NodeId, plane: Plane, payload: Uint8Array): void {
    if (!this.#backlog.admit(plane, payload.length)) return;
    // The payload may be a view into a large buffer of the network: a copy of its own size moves without another copy.
    // (`slice` of a Buffer would be another view, and moving that would take the network's memory away.)
    const copy = new Uint8Array(payload);
    this.#thread.post({ kind: 'message', from, plane, payload: copy }, [copy.buffer]);
  }

  /** @param keys of an encrypted store; the last encrypts from now on */
  useStorageKeys(keys: readonly DataKey[]): void {
    this.#thread.post({ kind: 'storageKeys', keys });
  }

  async stop(): Promise<void> {
    await this.#thread.stop({ kind: 'stop' }, STOP_TIMEOUT_MS);
  }

  #onMessage(message: FromGroup): void {
    // What a failed group had still under way.
    if (this.#hasFailed) return;
    switch (message.kind) {
      case 'ready':
        this.#resolveStarted(success(undefined));
        break;
      case 'failed':
        this.#onFailed(message.message);
        break;
      case 'stopped':
        break;
      case 'send':
        this.#components.send(message.to, this.groupId, message.plane, message.payload);
        break;
      case 'consumed':
        this.#onConsumed(message.bytes);
        break;
      case 'head':
        this.#components.onMember(this.groupId, message.isMember);
        break;
      case 'overQuota':
        this.#components.onOverQuota(this.groupId);
        break;
      case 'log':
        this.#components.log(message.level, message.text);
        break;
    }
  }

  #onConsumed(bytes: number): void {
    this.#backlog.consumed(bytes);
    const dropped = this.#backlog.takeDropped();
    if (dropped === 0) return;
    this.#components.log('warning', `[g:${this.groupId}] [NETWORK] the group was busy,messagesDropped=${dropped}`);
  }

  #onFailed(message: string): void {
    this.#hasFailed = true;
    this.#resolveStarted(failure(message));
    if (!this.#thread.isStopping) this.#components.onFailed(this.groupId, message);
  }
}

export interface GroupSupervisorComponents {
  /** to each node named that is connected */
  readonly send: (to: readonly NodeId[], groupId: number, plane: Plane, payload: Uint8Array) => void;
  readonly log: (level: LogLevel, text: string) => void;
  /** whether the node is a sealer or observer of the group: told at the start and with each block */
  readonly onMember: (groupId: number, isMember: boolean) => void;
  /** the group has far more on the disk than its quota: it is to be stopped; told again until it is */
  readonly onOverQuota: (groupId: number) => void;
  /** the group cannot start, or cannot go on */
  readonly onFailed: (groupId: number, message: string) => void;
}

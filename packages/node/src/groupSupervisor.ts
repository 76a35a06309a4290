import { Worker, type MessagePort } from 'node:worker_threads';
import { failure, success, type Result } from '@menglian/base/result';
import type { NodeId } from '@menglian/types/address';
import type { LogLevel } from './config/nodeConfig.js';
import { Backlog } from './group/backlog.js';
import type { FromGroup, GroupThreadData, Plane, ToGroup } from './group/threadProtocol.js';

/** A group that does not stop in time is ended: every write it acknowledged is on disk already. */
const STOP_TIMEOUT_MS = 10_000;

/** Stack of a group's thread: calls between contracts may nest 1024 deep, each some frames of JavaScript. */
const STACK_MB = 64;

/** One group seen from the main thread: its worker, and the messages to and fro. */
export class GroupSupervisor {
  readonly groupId: number;
  readonly #worker: Worker;
  readonly #components: GroupSupervisorComponents;
  readonly #backlog = new Backlog();
  readonly #started: Promise<Result<void>>;
  /** resolves when the thread has ended, which it may do by itself */
  readonly #ended: Promise<void>;
  #resolveStarted: (result: Result<void>) => void = () => {};
  #hasFailed = false;
  #isStopping = false;

  constructor(data: GroupThreadData, components: GroupSupervisorComponents) {
    this.groupId = data.genesis.groupId;
    this.#components = components;
    this.#started = new Promise((resolve) => {
      this.#resolveStarted = resolve;
    });
    this.#worker = new Worker(new URL('group/groupThread.js', import.meta.url), {
      workerData: data,
      name: `group${this.groupId}`,
      resourceLimits: { stackSizeMb: STACK_MB },
    });
    this.#worker.on('message', (message: FromGroup) => this.#onMessage(message));
    this.#worker.on('error', (error) => this.#onFailed(error.stack ?? error.message));
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        if (!this.#isStopping) this.#onFailed(`the thread of group ${this.groupId} ended with code ${code}`);
        resolve();
      });
    });
  }

  /** Resolves when the ledger is open and the group works, or with the reason why not. */
  async started(): Promise<Result<void>> {
    return this.#started;
  }

  /** @param port where clients ask the group; its other end belongs to the clients' thread */
  connectClients(port: MessagePort): void {
    const message: ToGroup = { kind: 'clients', port };
    this.#worker.postMessage(message, [port]);
  }

  onPeer(kind: 'peerUp' | 'peerDown', nodeId: NodeId): void {
    this.#post({ kind, nodeId });
  }

  onNetworkMessage(from: NodeId, plane: Plane, payload: Uint8Array): void {
    if (!this.#backlog.admit(plane, payload.length)) return;
    // The payload may be a view into a large buffer of the network: a copy of its own size moves without another copy.
    // (`slice` of a Buffer would be another view, and moving that would take the network's memory away.)
    const copy = new Uint8Array(payload);
    const message: ToGroup = { kind: 'message', from, plane, payload: copy };
    this.#worker.postMessage(message, [copy.buffer]);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#post({ kind: 'stop' });
    const timer = setTimeout(() => void this.#worker.terminate(), STOP_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  #post(message: ToGroup): void {
    this.#worker.postMessage(message);
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
    if (!this.#isStopping) this.#components.onFailed(this.groupId, message);
  }
}

export interface GroupSupervisorComponents {
  /** to each node named that is connected */
  readonly send: (to: readonly NodeId[], groupId: number, plane: Plane, payload: Uint8Array) => void;
  readonly log: (level: LogLevel, text: string) => void;
  /** whether the node is a sealer or observer of the group: told at the start and with each block */
  readonly onMember: (groupId: number, isMember: boolean) => void;
  /** the group cannot start, or cannot go on */
  readonly onFailed: (groupId: number, message: string) => void;
}

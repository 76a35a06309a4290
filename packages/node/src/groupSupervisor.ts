import { Worker } from 'node:worker_threads';
import { invariant } from '@menglian/base/invariant';
import { failure, success, type Result } from '@menglian/base/result';
import { NOT_READY, type Outcome } from '@menglian/rpc/errors';
import type { GroupRequest } from '@menglian/rpc/ports';
import type { NodeId } from '@menglian/types/address';
import type { LogLevel } from './config/nodeConfig.js';
import { Backlog } from './group/backlog.js';
import type { FromGroup, GroupThreadData, Plane, ToGroup } from './group/threadProtocol.js';

/** Requests a group may owe an answer; further ones are answered with -40010 at once. */
const REQUESTS_MAX = 10_000;

/** A group that does not stop in time is ended: every write it acknowledged is on disk already. */
const STOP_TIMEOUT_MS = 10_000;

/** Stack of a group's thread: calls between contracts may nest 1024 deep, each some frames of JavaScript. */
const STACK_MB = 64;

/** One group seen from the main thread: its worker, and the messages to and fro. */
export class GroupSupervisor {
  readonly groupId: number;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (outcomes: Outcome[]) => void; count: number }>();
  readonly #components: GroupSupervisorComponents;
  readonly #backlog = new Backlog();
  readonly #started: Promise<Result<void>>;
  #resolveStarted: (result: Result<void>) => void = () => {};
  #resolveStopped: () => void = () => {};
  #nextNumber = 0;
  #isReady = false;
  #hasFailed = false;
  #isStopping = false;
  #isMember = false;

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
    this.#worker.on('exit', (code) => {
      if (!this.#isStopping) this.#onFailed(`the thread of group ${this.groupId} ended with code ${code}`);
      this.#resolveStopped();
    });
  }

  /** Whether the node is a sealer or observer of the group. */
  get isMember(): boolean {
    return this.#isMember;
  }

  /** Resolves when the ledger is open and the group works, or with the reason why not. */
  async started(): Promise<Result<void>> {
    return this.#started;
  }

  async request(requests: readonly GroupRequest[]): Promise<Outcome[]> {
    if (!this.#isReady || this.#waiting.size >= REQUESTS_MAX) return requests.map(() => notReady());
    const number = this.#nextNumber++;
    return new Promise((resolve) => {
      this.#waiting.set(number, { resolve, count: requests.length });
      this.#post({ kind: 'requests', number, requests });
    });
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
    const stopped = new Promise<void>((resolve) => {
      this.#resolveStopped = resolve;
    });
    this.#post({ kind: 'stop' });
    const timer = setTimeout(() => void this.#worker.terminate(), STOP_TIMEOUT_MS);
    await stopped;
    clearTimeout(timer);
  }

  #post(message: ToGroup): void {
    this.#worker.postMessage(message);
  }

  #onMessage(message: FromGroup): void {
    // What a failed group had still under way: everybody who waited was answered when it failed.
    if (this.#hasFailed) return;
    switch (message.kind) {
      case 'ready':
        this.#isReady = true;
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
      case 'answers': {
        const waiting = this.#waiting.get(message.number);
        invariant(waiting !== undefined, 'node/answer-expected');
        this.#waiting.delete(message.number);
        waiting.resolve([...message.outcomes]);
        break;
      }
      case 'consumed':
        this.#onConsumed(message.bytes);
        break;
      case 'head':
        this.#isMember = message.isMember;
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
    this.#isReady = false;
    this.#resolveStarted(failure(message));
    for (const { resolve, count } of this.#waiting.values()) resolve(Array.from({ length: count }, notReady));
    this.#waiting.clear();
    if (!this.#isStopping) this.#components.onFailed(this.groupId, message);
  }
}

export interface GroupSupervisorComponents {
  /** to each node named that is connected */
  readonly send: (to: readonly NodeId[], groupId: number, plane: Plane, payload: Uint8Array) => void;
  readonly log: (level: LogLevel, text: string) => void;
  /** the group cannot start, or cannot go on */
  readonly onFailed: (groupId: number, message: string) => void;
}

function notReady(): Outcome {
  return { ok: false, error: NOT_READY };
}

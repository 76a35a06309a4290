import { Worker, type MessagePort } from 'node:worker_threads';
import { failure, success, type Result } from '@menglian/base/result';
import type { PeersChange, PeerView } from '@menglian/rpc/ports';
import type { NodeId } from '@menglian/types/address';
import type { ClientsThreadData, FromClients, ToClients } from './clients/clientsProtocol.js';
import type { LogLevel } from './config/nodeConfig.js';

/** A thread that does not stop in time is ended: it holds nothing but connections. */
const STOP_TIMEOUT_MS = 5000;

export interface ClientsSupervisorComponents {
  /** to a node that is connected */
  readonly sendAmop: (to: NodeId, payload: Uint8Array) => void;
  /** whom the node dials, now and after its next start */
  readonly changePeers: (change: 'add' | 'erase', peers: readonly string[]) => PeersChange;
  readonly log: (level: LogLevel, text: string) => void;
  /** told why the thread cannot go on, once it listens */
  readonly onFailed: (message: string) => void;
}

/** The thread that serves clients, seen from the main thread. */
export class ClientsSupervisor {
  readonly #worker: Worker;
  readonly #components: ClientsSupervisorComponents;
  readonly #listening: Promise<Result<void>>;
  /** resolves when the thread has ended, which it may do by itself */
  readonly #ended: Promise<void>;
  #resolveListening: (result: Result<void>) => void = () => {};
  #isListening = false;
  #isStopping = false;

  constructor(data: ClientsThreadData, components: ClientsSupervisorComponents) {
    this.#components = components;
    this.#listening = new Promise((resolve) => {
      this.#resolveListening = resolve;
    });
    this.#worker = new Worker(new URL('clients/clientsThread.js', import.meta.url), {
      workerData: data,
      name: 'clients',
    });
    this.#worker.on('message', (message: FromClients) => this.#onMessage(message));
    this.#worker.on('error', (error) => this.#fail(error.stack ?? error.message));
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        if (!this.#isStopping) this.#fail(`the thread that serves clients ended with code ${code}`);
        resolve();
      });
    });
  }

  /** Opens the ports. @returns a sentence for the operator when one cannot be opened */
  async listen(): Promise<Result<void>> {
    this.#post({ kind: 'listen' });
    return this.#listening;
  }

  /** @param port its other end belongs to the group's thread */
  addGroup(groupId: number, port: MessagePort): void {
    const message: ToClients = { kind: 'group', groupId, port };
    this.#worker.postMessage(message, [port]);
  }

  onGroupFailed(groupId: number): void {
    this.#post({ kind: 'groupFailed', groupId });
  }

  onMember(groupId: number, isMember: boolean): void {
    this.#post({ kind: 'member', groupId, isMember });
  }

  onPeers(peers: readonly PeerView[]): void {
    this.#post({ kind: 'peers', peers });
  }

  onConfiguredPeers(peers: readonly string[]): void {
    this.#post({ kind: 'configuredPeers', peers });
  }

  onAllowLists(allowLists: ReadonlyMap<number, readonly string[]>): void {
    this.#post({ kind: 'allowLists', allowLists });
  }

  onAmopMessage(from: NodeId, payload: Uint8Array): void {
    // A copy: the payload may be a view into a large buffer of the network.
    const copy = new Uint8Array(payload);
    const message: ToClients = { kind: 'amop', from, payload: copy };
    this.#worker.postMessage(message, [copy.buffer]);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#post({ kind: 'stop' });
    const timer = setTimeout(() => void this.#worker.terminate(), STOP_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  #post(message: ToClients): void {
    this.#worker.postMessage(message);
  }

  #onMessage(message: FromClients): void {
    switch (message.kind) {
      case 'listening':
        this.#isListening = true;
        this.#resolveListening(success(undefined));
        break;
      case 'failed':
        this.#fail(message.message);
        break;
      case 'amop':
        this.#components.sendAmop(message.to, message.payload);
        break;
      case 'changePeers': {
        const change = this.#components.changePeers(message.change, message.peers);
        this.#post({ kind: 'peersChange', number: message.number, change });
        break;
      }
      case 'log':
        this.#components.log(message.level, message.text);
        break;
      case 'stopped':
        break;
    }
  }

  #fail(message: string): void {
    this.#resolveListening(failure(message));
    if (this.#isListening && !this.#isStopping) this.#components.onFailed(message);
  }
}

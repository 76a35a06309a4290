import type { MessagePort } from 'node:worker_threads';
import { failure, success, type Result } from '@menglian/base/result';
import type { GroupOperation, GroupOperationResult, GroupStatus, PeersChange, PeerView } from '@menglian/rpc/ports';
import type { NodeId } from '@menglian/types/address';
import type { ClientsThreadData, FromClients, NodeAnswer, ToClients } from './clients/clientsProtocol.js';
import type { GroupTuning } from './config/groupConfig.js';
import type { LogLevel } from './config/nodeConfig.js';
import { SupervisedThread } from './supervisedThread.js';

/** A thread that does not stop in time is ended: it holds nothing but connections. */
const STOP_TIMEOUT_MS = 5000;

export interface ClientsSupervisorComponents {
  /** to a node that is connected */
  readonly sendAmop: (to: NodeId, payload: Uint8Array) => void;
  /** whom the node dials, now and after its next start */
  readonly changePeers: (change: 'add' | 'erase', peers: readonly string[]) => PeersChange;
  readonly groupStatus: (groupId: number) => GroupStatus;
  readonly changeGroup: (groupId: number, operation: GroupOperation) => Promise<GroupOperationResult>;
  readonly log: (level: LogLevel, text: string) => void;
  /** told why the thread cannot go on, once it listens */
  readonly onFailed: (message: string) => void;
}

/** The thread that serves clients, seen from the main thread. */
export class ClientsSupervisor {
  readonly #thread: SupervisedThread<ToClients, FromClients>;
  readonly #components: ClientsSupervisorComponents;
  readonly #listening: Promise<Result<void>>;
  #resolveListening: (result: Result<void>) => void = () => {};
  #isListening = false;

  constructor(data: ClientsThreadData, components: ClientsSupervisorComponents) {
    this.#components = components;
    this.#listening = new Promise((resolve) => {
      this.#resolveListening = resolve;
    });
    this.#thread = new SupervisedThread({
      file: './clients/clientsThread.js',
      name: 'clients',
      data,
      onMessage: (message) => this.#onMessage(message),
      onFailed: (message) => this.#fail(message),
    });
  }

  /** Opens the ports. @returns a sentence for the operator when one cannot be opened */
  async listen(): Promise<Result<void>> {
    this.#thread.post({ kind: 'listen' });
    return this.#listening;
  }

  /** @param port its other end belongs to the group's thread */
  addGroup(groupId: number, port: MessagePort, { requestsPerSecond, sdkAllowList }: GroupTuning): void {
    this.#thread.post({ kind: 'group', groupId, port, requestsPerSecond, allowList: sdkAllowList }, [port]);
  }

  /** Who waits for an answer of the group gets a refusal. Idempotent. */
  removeGroup(groupId: number): void {
    this.#thread.post({ kind: 'groupClosed', groupId });
  }

  onMember(groupId: number, isMember: boolean): void {
    this.#thread.post({ kind: 'member', groupId, isMember });
  }

  onPeers(peers: readonly PeerView[]): void {
    this.#thread.post({ kind: 'peers', peers });
  }

  onConfiguredPeers(peers: readonly string[]): void {
    this.#thread.post({ kind: 'configuredPeers', peers });
  }

  onAllowLists(allowLists: ReadonlyMap<number, readonly string[]>): void {
    this.#thread.post({ kind: 'allowLists', allowLists });
  }

  onAmopMessage(from: NodeId, payload: Uint8Array): void {
    // A copy: the payload may be a view into a large buffer of the network.
    const copy = new Uint8Array(payload);
    this.#thread.post({ kind: 'amop', from, payload: copy }, [copy.buffer]);
  }

  async stop(): Promise<void> {
    await this.#thread.stop({ kind: 'stop' }, STOP_TIMEOUT_MS);
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
      case 'changePeers':
        this.#answer(message.number, this.#components.changePeers(message.change, message.peers));
        break;
      case 'groupStatus':
        this.#answer(message.number, this.#components.groupStatus(message.groupId));
        break;
      case 'changeGroup':
        void this.#components
          .changeGroup(message.groupId, message.operation)
          .then((result) => this.#answer(message.number, result));
        break;
      case 'log':
        this.#components.log(message.level, message.text);
        break;
      case 'stopped':
        break;
    }
  }

  #answer(number: number, answer: NodeAnswer): void {
    if (!this.#thread.isStopping) this.#thread.post({ kind: 'nodeAnswer', number, answer });
  }

  #fail(message: string): void {
    this.#resolveListening(failure(message));
    if (this.#isListening && !this.#thread.isStopping) this.#components.onFailed(message);
  }
}

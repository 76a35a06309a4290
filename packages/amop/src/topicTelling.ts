import type { NodeId } from '@menglian/types/address';
import { TOPICS_INTERVAL_MS } from './limits.js';
import { encodeMessage } from './messages.js';
import type { Peers } from './peers.js';
import type { AmopPorts } from './ports.js';
import type { Subscriptions } from './subscriptions.js';

/** Tells peers the topics of this node: at once if nothing was told lately, else together with what follows. */
export class TopicTelling {
  readonly #ports: AmopPorts;
  readonly #peers: Peers;
  readonly #subscriptions: Subscriptions;
  /** Peers that do not have the list as it is. */
  readonly #outdated = new Set<NodeId>();
  /** The list as it is, once somebody needs it. */
  #message: Uint8Array | undefined;
  #isPausing = false;

  constructor(ports: AmopPorts, peers: Peers, subscriptions: Subscriptions) {
    this.#ports = ports;
    this.#peers = peers;
    this.#subscriptions = subscriptions;
  }

  onTopicsChanged(): void {
    this.#message = undefined;
    for (const nodeId of this.#peers.ids()) this.#outdated.add(nodeId);
    if (!this.#isPausing) this.#tellAll();
  }

  /** It knows of no topics yet. */
  onPeerUp(nodeId: NodeId): void {
    if (this.#subscriptions.isEmpty || this.#tell(nodeId)) return;
    this.#outdated.add(nodeId);
    if (!this.#isPausing) this.#pause();
  }

  onPeerDown(nodeId: NodeId): void {
    this.#outdated.delete(nodeId);
  }

  #tellAll(): void {
    if (this.#outdated.size === 0) return;
    for (const nodeId of this.#outdated) if (this.#tell(nodeId)) this.#outdated.delete(nodeId);
    this.#pause();
  }

  /** What could not be sent is tried again after it, too. */
  #pause(): void {
    this.#isPausing = true;
    this.#ports.after(TOPICS_INTERVAL_MS, () => {
      this.#isPausing = false;
      this.#tellAll();
    });
  }

  #tell(nodeId: NodeId): boolean {
    this.#message ??= encodeMessage({ kind: 'topics', topics: this.#subscriptions.all() });
    return this.#ports.sendToPeer(nodeId, this.#message);
  }
}

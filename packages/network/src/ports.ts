import type { AccessLists } from './accessList.js';
import type { NodeId } from '@menglian/types/address';

/**
 * What the rest of a node needs from its links to other nodes. The libp2p implementation is `libp2pNetwork.ts`; a test
 * or the simulator may give its own.
 */

/**
 * What a message is for. The order is the order of service: a waiting consensus message leaves before a waiting sync
 * message, that before gossip of transactions, that before messages of clients.
 */
export type NetworkModule = 'consensus' | 'sync' | 'transactions' | 'amop';

export interface Channel {
  /** Number of the group, 1 to 32767. Messages of clients belong to none, and have any. */
  readonly group: number;
  readonly module: NetworkModule;
}

/** A node of the consortium whose certificate was checked and whose link carries all modules. */
export interface PeerInfo {
  readonly nodeId: NodeId;
  /** Common name of the authority that signed the node's certificate: the agency, or the chain where there is none. */
  readonly agency: string;
  /** Common name of the node's own certificate, for example `node0`. */
  readonly name: string;
  /** `ip:port` (`[ip]:port` for IPv6) of the other end of the connection; the port is ephemeral if the peer dialled. */
  readonly remoteAddress: string;
}

/** `down` follows each `up` exactly once, also when the network stops. */
export interface PeerEvent {
  readonly kind: 'up' | 'down';
  readonly peer: PeerInfo;
}

/**
 * Called once for each whole message, in the order in which the peer sent those of its group in one module, as long as the
 * peer stays up; between modules and between groups there is no order. A message may be lost when a link breaks, and is never delivered twice.
 * `payload` is not overwritten later, but may be a view into a larger buffer: copy before transferring it to a thread.
 * A handler that throws stops the process: it is our own code.
 */
export type MessageHandler = (from: NodeId, channel: Channel, payload: Uint8Array) => void;
export type PeerHandler = (event: PeerEvent) => void;

export interface NodeNetwork {
  /** Listens, then begins to dial. Resolves when it listens. @throws NetworkError, with a code and a sentence for the operator */
  start(): Promise<void>;

  /** Closes all links and timers and frees the port. Idempotent. After it, nothing is delivered any more. */
  stop(): Promise<void>;

  /** Peers that are up, sorted by node id. */
  peers(): PeerInfo[];

  /**
   * Queues a message for one peer. Never throws and never waits.
   * The payload is kept by reference until it has left: do not change it afterwards.
   * @returns false when the peer is not up, the payload is longer than the module allows, or the module's queue is full.
   *          (Queues: transactions drop their oldest message instead; a full consensus queue also closes the link.)
   */
  send(to: NodeId, channel: Channel, payload: Uint8Array): boolean;

  /**
   * `send` to every peer that is up, or to those of `to` that are. A group's traffic is for its members only, so callers
   * that know them name them.
   */
  broadcast(channel: Channel, payload: Uint8Array, to?: readonly NodeId[]): void;

  /**
   * Replaces whom to dial, while links that are up stay.
   * @param peers `ip:port`, `host:port` or `[ipv6]:port` each. @throws NetworkError when one is none of these, or there are too many
   */
  setPeers(peers: readonly string[]): void;

  /** Replaces deny and allow list, and ends the links that they now refuse. */
  setAccess(lists: AccessLists): void;

  /** Adds a handler; handlers are called in the order in which they were added. */
  onMessage(handler: MessageHandler): void;
  onPeer(handler: PeerHandler): void;
}

import type { MessagePort } from 'node:worker_threads';
import type { Outcome } from '@menglian/rpc/errors';
import type { GroupRequest, NodeView, PeerView } from '@menglian/rpc/ports';

/** What clients may ask of the node and that does not change while it runs. */
export type NodeFacts = Pick<NodeView, 'chainId' | 'supportedVersion' | 'isSm' | 'build'> & {
  readonly self: PeerView;
  /** `ip:port` of each */
  readonly configuredPeers: readonly string[];
};

/** Handed to the clients' thread when it starts. */
export interface ClientsThreadData {
  readonly rpc: { readonly address: string; readonly port: number };
  readonly facts: NodeFacts;
}

/** What the main thread tells the clients' thread. */
export type ToClients =
  /** Open the ports; answered by `listening` or `failed`. */
  | { readonly kind: 'listen' }
  /** A group runs; its thread has the other end of the port. */
  | { readonly kind: 'group'; readonly groupId: number; readonly port: MessagePort }
  /** The group cannot go on: who waits for an answer of it gets a refusal. */
  | { readonly kind: 'groupFailed'; readonly groupId: number }
  | { readonly kind: 'member'; readonly groupId: number; readonly isMember: boolean }
  /** All that are connected now. */
  | { readonly kind: 'peers'; readonly peers: readonly PeerView[] }
  /** Take nothing new, answer what is under way, and answer `stopped`. */
  | { readonly kind: 'stop' };

/** What the clients' thread tells the main thread. */
export type FromClients =
  | { readonly kind: 'listening' }
  /** A port cannot be opened, or the thread cannot go on: the sentence says why and what to do. */
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'stopped' };

/** What the clients' thread asks of a group. Answered by `answers` with the same number. */
export interface RequestsMessage {
  readonly number: number;
  readonly requests: readonly GroupRequest[];
}

/** What a group's thread tells the clients' thread. */
export type GroupToClients =
  /** The ledger is open: requests are answered from now on. */
  { readonly kind: 'ready' } | { readonly kind: 'answers'; readonly number: number; readonly outcomes: Outcome[] };

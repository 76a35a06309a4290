import type { MessagePort } from 'node:worker_threads';
import type { EventRequest } from '@menglian/channel/events/eventRequest';
import type { Outcome } from '@menglian/rpc/errors';
import type {
  GroupOperation,
  GroupOperationResult,
  GroupRequest,
  GroupStatus,
  NodeView,
  PeersChange,
  PeerView,
} from '@menglian/rpc/ports';
import type { NodeId } from '@menglian/types/address';
import type { ChannelFiles } from '../channelCertificates.js';
import type { LogLevel } from '../config/nodeConfig.js';
import type { PushedReceipt } from '../group/receiptWatchList.js';

/** What clients may ask of the node and that does not change while it runs. */
export type NodeFacts = Pick<NodeView, 'chainId' | 'supportedVersion' | 'isSm' | 'build'> & {
  readonly self: PeerView;
  /** `ip:port` of each */
  readonly configuredPeers: readonly string[];
  /** clients may not make, start, stop or remove groups (`disable_dynamic_group`) */
  readonly hasFixedGroups: boolean;
};

/** What the TLS port for SDKs is opened with. */
export interface ChannelOptions {
  readonly address: string;
  readonly port: number;
  readonly certificates: ChannelFiles;
  /** of the node, whatever the group; 0: no limit */
  readonly requestsPerSecond: number;
  /** of AMOP messages to other nodes; 0: no limit */
  readonly amopMegabitsPerSecond: number;
}

/** Handed to the clients' thread when it starts. */
export interface ClientsThreadData {
  readonly rpc: { readonly address: string; readonly port: number };
  readonly channel: ChannelOptions;
  readonly facts: NodeFacts;
}

/** What the main thread tells the clients' thread. */
export type ToClients =
  /** Open the ports; answered by `listening` or `failed`. */
  | { readonly kind: 'listen' }
  /** A group runs; its thread has the other end of the port. */
  | {
      readonly kind: 'group';
      readonly groupId: number;
      readonly port: MessagePort;
      /** 0: no limit */
      readonly requestsPerSecond: number;
      /** keys of clients that may use it; empty: all */
      readonly allowList: readonly string[];
    }
  /** The group was stopped or cannot go on: who waits for an answer of it gets a refusal. */
  | { readonly kind: 'groupClosed'; readonly groupId: number }
  | { readonly kind: 'member'; readonly groupId: number; readonly isMember: boolean }
  /** All that are connected now. */
  | { readonly kind: 'peers'; readonly peers: readonly PeerView[] }
  /** Whom the node dials now: all of `[p2p] node.N`. */
  | { readonly kind: 'configuredPeers'; readonly peers: readonly string[] }
  /** Answers the question of the same number. */
  | { readonly kind: 'nodeAnswer'; readonly number: number; readonly answer: NodeAnswer }
  /** An AMOP message of another node. */
  | { readonly kind: 'amop'; readonly from: NodeId; readonly payload: Uint8Array }
  /** The lists of all groups were read again. */
  | { readonly kind: 'allowLists'; readonly allowLists: ReadonlyMap<number, readonly string[]> }
  /** Take nothing new, answer what is under way, and answer `stopped`. */
  | { readonly kind: 'stop' };

/** What clients ask the main thread for. */
export type NodeQuestion =
  /** to change whom the node dials */
  | { readonly kind: 'changePeers'; readonly change: 'add' | 'erase'; readonly peers: readonly string[] }
  | { readonly kind: 'groupStatus'; readonly groupId: number }
  | { readonly kind: 'changeGroup'; readonly groupId: number; readonly operation: GroupOperation };

/** In the order of the questions. */
export type NodeAnswer = PeersChange | GroupStatus | GroupOperationResult;

/** What the clients' thread tells the main thread. */
export type FromClients =
  | { readonly kind: 'listening' }
  /** A port cannot be opened, or the thread cannot go on: the sentence says why and what to do. */
  | { readonly kind: 'failed'; readonly message: string }
  /** A client asks; answered by `nodeAnswer` with the same number. */
  | ({ readonly number: number } & NodeQuestion)
  /** An AMOP message to another node, if it is connected. */
  | { readonly kind: 'amop'; readonly to: NodeId; readonly payload: Uint8Array }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly text: string }
  | { readonly kind: 'stopped' };

/** What the clients' thread tells a group. */
export type ClientsToGroup =
  /** Answered by `pong`, before any request. */
  | { readonly kind: 'ping' }
  /** Answered by one or more `answers` with the same number: an outcome for each request, in order. Sources take turns. */
  | {
      readonly kind: 'requests';
      readonly source: number;
      readonly number: number;
      readonly requests: readonly GroupRequest[];
    }
  /** Answered by `eventCode` with the same number, like the next one. */
  | {
      readonly kind: 'registerEvents';
      readonly number: number;
      readonly session: number;
      readonly request: EventRequest;
    }
  | { readonly kind: 'unregisterEvents'; readonly number: number; readonly filterId: string }
  /** An `events` message has left the node. */
  | { readonly kind: 'eventsSent'; readonly session: number }
  | { readonly kind: 'sessionClosed'; readonly session: number };

/** What a group's thread tells the clients' thread. */
export type GroupToClients =
  /** The ledger is open: requests are answered from now on. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'pong' }
  | { readonly kind: 'answers'; readonly number: number; readonly outcomes: Outcome[] }
  | { readonly kind: 'eventCode'; readonly number: number; readonly code: number }
  /** A block was stored. */
  | { readonly kind: 'block'; readonly number: number }
  | { readonly kind: 'receipts'; readonly receipts: readonly PushedReceipt[] }
  /** The same for all of these: the group stops. */
  | { readonly kind: 'abandonedReceipts'; readonly watchNumbers: readonly number[]; readonly text: string }
  | { readonly kind: 'events'; readonly session: number; readonly text: string };

import type { Caller } from '@menglian/rpc/ports';
import type { EventRequest } from './events/eventRequest.js';

/** What the channel asks of the groups of the node, which run elsewhere. */
export interface ChannelGroups {
  has(groupId: number): boolean;
  /** @returns a code of docs/events.md: 0 when events will be pushed to the session */
  registerEvents(session: number, request: EventRequest): Promise<number>;
  unregisterEvents(groupId: number, filterId: string): Promise<number>;
  /** An event push has left, so that there is room for another one. */
  onEventsSent(groupId: number, session: number): void;
  onSessionClosed(session: number): void;
}

/** What sessions say to each other through the nodes. `AmopRouter` of `@menglian/amop` is one. */
export interface ChannelAmop {
  onTopics(session: number, topics: readonly string[]): void;
  onSessionClosed(session: number): void;
  publish(session: number, sequence: Uint8Array, body: Uint8Array): void;
  multicast(session: number, sequence: Uint8Array, body: Uint8Array): void;
  onAnswer(delivery: number, result: number, body: Uint8Array): void;
  onTopicStatus(status: { readonly nodeId: string; readonly topic: string; readonly checkResult: number }): void;
}

/** All that stands behind the channel. */
export interface ChannelBackend {
  readonly groups: ChannelGroups;
  readonly amop: ChannelAmop;
  /** the version the chain keeps to, as handshakes tell it: `2.11.0` */
  readonly nodeVersion: string;
  /**
   * Answers JSON-RPC. What one session asks does not hold up others.
   * @returns compact JSON with a final newline, in chunks: at least one
   */
  answer(session: number, body: readonly Uint8Array[], caller: Caller): Promise<readonly Buffer[]>;
  /** Whether a key is on the group's list, or the group has none. @param publicKey undefined: RSA certificates have none, and pass */
  isAllowed(groupId: number, publicKey: string | undefined): boolean;
  /** Counts a request. @returns false when there were too many in this second. @param groupId of methods of a group */
  takeRequest(method: string, groupId: number | undefined): boolean;
}

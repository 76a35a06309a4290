import type { Hash } from './hex.js';
import type { Log, LogFilter } from './logs/log.js';

export interface RpcRequest {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What one node does to itself: another one must not do it in its stead. */
const OF_ONE_NODE: ReadonlySet<string> = new Set([
  'addPeers',
  'erasePeers',
  'generateGroup',
  'startGroup',
  'stopGroup',
  'removeGroup',
  'recoverGroup',
]);

/** How often a request may be asked, each time of the next node. */
export function attemptsOf({ method }: RpcRequest, attempts: number): number {
  return OF_ONE_NODE.has(method) ? 1 : attempts;
}

/** Ends a subscription. Calling it again does nothing. */
export type Unsubscribe = () => void;

export interface LogListener {
  readonly onLogs: (logs: readonly Log[]) => void;
  /** The subscription ended by itself: refused for good. */
  readonly onError: (error: unknown) => void;
}

/** How a client reaches its nodes. What is optional needs a connection on which nodes speak first. */
export interface Transport {
  /**
   * @returns the `result` of the answer, unread
   * @throws SdkError with the node's number or word, or `NoConnection`, `Timeout`, `BadAnswer`, `Closed`
   */
  request(request: RpcRequest): Promise<unknown>;

  /**
   * Sends a transaction and keeps waiting for its receipt, which `pushedReceipt` gives.
   * @returns the hash as the node answers it
   */
  sendTransaction?(groupId: number, raw: string, hash: Hash): Promise<unknown>;

  /** The receipt of a transaction sent here, unread, once nodes push it; undefined when nobody sent it here. */
  pushedReceipt?(hash: Hash): Promise<unknown> | undefined;

  /** Tells of each new height. */
  watchBlocks?(groupId: number, onBlock: (blockNumber: number) => void): Unsubscribe;

  /** Gives each matching log exactly once, in the order of the chain, also over lost connections. */
  watchLogs?(groupId: number, filter: LogFilter, listener: LogListener): Unsubscribe;

  close(): void;
}

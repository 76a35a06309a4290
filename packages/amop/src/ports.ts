import type { NodeId } from '@menglian/types/address';

/** What AMOP needs from a node, and the words it shares with it. */

/** Number of a client's connection to this node, unique over the node's life. */
export type SessionNumber = number;

export type AmopLogLevel = 'debug' | 'info' | 'warning';

/** Asks a publisher to verify a subscriber, in the words of its JSON. */
export interface CertificationRequest {
  /** The node that the subscriber is connected to. */
  readonly nodeId: NodeId;
  /** The private topic, with its prefix. */
  readonly topic: string;
  /** Topic on which the subscriber answers the publisher's challenge. */
  readonly topicForCert: string;
}

/** What a publisher found out. Written by a client: any text and any number. */
export interface TopicStatus {
  readonly nodeId: string;
  readonly topic: string;
  /** 0: the subscriber may receive. */
  readonly checkResult: number;
}

/**
 * None of these waits or throws. Bytes are kept by reference until they have left. Answers to a `delivery` come through
 * `AmopRouter.onAnswer`.
 */
export interface AmopPorts {
  /** @returns false when the peer is not up or its queue is full */
  sendToPeer(to: NodeId, payload: Uint8Array): boolean;

  /** Answers a publisher: type 0x31 with the seq of its request. */
  reply(session: SessionNumber, seq: Uint8Array, result: number, body: Uint8Array): void;

  /**
   * Pushes a message of type 0x30. Whatever the session sends with this seq is the answer.
   * @returns false when the session is closed or too slow
   */
  pushUnicast(session: SessionNumber, delivery: number, seq: Uint8Array, body: Uint8Array): boolean;

  /** Pushes a message of type 0x35. Nobody waits for an answer. */
  pushMulticast(session: SessionNumber, seq: Uint8Array, body: Uint8Array): void;

  /** Pushes a request of type 0x37. @returns false when the session is closed or too slow */
  pushCertification(session: SessionNumber, delivery: number, request: CertificationRequest): boolean;

  /** Calls back once after so long. @returns cancels it, also after it has happened */
  after(delayMs: number, callback: () => void): () => void;

  /** Never goes back; the origin does not matter. */
  nowMs(): number;

  /** A uniform integer of 0 to `below` - 1. */
  random(below: number): number;

  log(level: AmopLogLevel, text: string): void;
}

/** Takes one item at random out of a list that nobody needs in order. @returns undefined when it is empty */
export function takeRandom<T>(items: T[], random: (below: number) => number): T | undefined {
  if (items.length === 0) return undefined;
  const index = random(items.length);
  const taken = items[index]!;
  const last = items.pop()!;
  if (index < items.length) items[index] = last;
  return taken;
}

import type { Connection, Stream } from '@libp2p/interface';
import type { CertifiedNode } from '@menglian/certificates/verifyCertificateChain';
import { FrameReader, HEARTBEAT_GROUP, type FrameFault } from './frames.js';
import {
  BATCH_BYTES,
  CLOSE_TIMEOUT_MS,
  MAX_PAYLOAD_BYTES,
  MAX_QUEUED_BYTES,
  MODULES,
  RETIREMENT_MS,
  SILENT_INTERVALS,
} from './limits.js';
import type { QueuedMessage } from './messageLane.js';
import type { NetworkModule, PeerInfo } from './ports.js';
import { SendQueue } from './sendQueue.js';
import type { LinkFault } from './sm/smMessageStream.js';

/** Why a link ended, for the log. */
export type LinkEnd =
  | FrameFault
  | LinkFault
  | 'ClosedByPeer'
  | 'Silent'
  | 'ConsensusQueueFull'
  | 'NotSetUpInTime'
  | 'MessageBeforeGreeting'
  | 'StreamOpenedTwice'
  | 'Duplicate'
  | 'AccessWithdrawn'
  | 'CertificateExpired'
  | 'Stopped';

export interface PeerLinkEvents {
  /** All modules have their stream, and the peer was heard on each of them. */
  onReady(link: PeerLink): void;
  onMessage(link: PeerLink, module: NetworkModule, group: number, payload: Uint8Array): void;
  /** Once, whatever ended it. */
  onEnd(link: PeerLink, end: LinkEnd): void;
  /** Why the connection closed, where its encryption knows more than that it did. */
  fault?(): LinkFault | undefined;
}

const HEARTBEAT: QueuedMessage = { group: HEARTBEAT_GROUP, payload: new Uint8Array(0) };

/**
 * One verified connection to a peer: a long-lived stream, a queue and a reader for each module. Serves the queues in the
 * order of MODULES, one batch at a time, and only while the muxer and the socket take more: what waits, waits here, where
 * it can be overtaken.
 */
export class PeerLink {
  readonly peer: PeerInfo;
  readonly connection: Connection;
  readonly #events: PeerLinkEvents;
  readonly #streams = new Map<NetworkModule, Stream>();
  readonly #heardOn = new Set<NetworkModule>();
  readonly #queues: Readonly<Record<NetworkModule, SendQueue>>;
  #state: 'opening' | 'ready' | 'retired' | 'ended' = 'opening';
  #pumpAtEndOfTask = false;
  #pumpAfterEvents = false;
  #silentIntervals = 0;
  #retirement: NodeJS.Timeout | undefined;

  constructor(connection: Connection, node: CertifiedNode, remoteAddress: string, events: PeerLinkEvents) {
    this.connection = connection;
    this.peer = { nodeId: node.nodeId, agency: node.agency, name: node.commonName, remoteAddress };
    this.#events = events;
    this.#queues = {
      consensus: new SendQueue(MAX_QUEUED_BYTES.consensus, 'refuse'),
      sync: new SendQueue(MAX_QUEUED_BYTES.sync, 'refuse'),
      transactions: new SendQueue(MAX_QUEUED_BYTES.transactions, 'drop-oldest'),
      amop: new SendQueue(MAX_QUEUED_BYTES.amop, 'refuse'),
    };
    connection.addEventListener('close', () => this.end('ClosedByPeer'));
  }

  get isReady(): boolean {
    return this.#state === 'ready';
  }

  /** Bytes that wait in all queues. */
  get queuedBytes(): number {
    return MODULES.reduce((sum, module) => sum + this.#queues[module].bytes, 0);
  }

  attach(module: NetworkModule, stream: Stream): void {
    if (this.#state === 'ended' || this.#streams.has(module)) {
      stream.abort(new Error('no stream is expected'));
      this.end('StreamOpenedTwice');
      return;
    }
    this.#streams.set(module, stream);
    const reader = new FrameReader(MAX_PAYLOAD_BYTES[module], (group, payload) => {
      // Frames of the same chunk behind the one that made a handler stop the link.
      if (this.#state === 'ended') return;
      if (this.#state === 'opening') this.#heard(module);
      if (group === HEARTBEAT_GROUP) return;
      if (this.#state === 'opening') {
        this.end('MessageBeforeGreeting');
        return;
      }
      this.#events.onMessage(this, module, group, payload);
    });
    stream.addEventListener('message', ({ data }) => {
      this.#silentIntervals = 0;
      const fault = reader.push(data.subarray());
      if (fault !== undefined) this.end(fault);
    });
    const pump = () => this.#pump();
    stream.addEventListener('drain', pump);
    stream.addEventListener('idle', () => {
      if (!this.#queuesAreEmpty()) this.#schedulePump('sync');
    });
    const closed = () => {
      if (this.#state !== 'retired') this.end('ClosedByPeer');
    };
    stream.addEventListener('remoteCloseWrite', closed);
    stream.addEventListener('close', closed);
    // The greeting: both sides know that the other one has the stream before anything else is sent on it.
    this.#queues[module].add(HEARTBEAT);
    this.#pump();
  }

  #heard(module: NetworkModule): void {
    this.#heardOn.add(module);
    if (this.#heardOn.size < MODULES.length) return;
    this.#state = 'ready';
    this.#events.onReady(this);
  }

  /** @returns false when the link is not ready, or the queue is full (then a consensus link ends as well). */
  send(module: NetworkModule, message: QueuedMessage): boolean {
    if (this.#state !== 'ready') return false;
    if (!this.#queues[module].add(message)) {
      // Votes that cannot leave are worse than a broken link: the engine hears of the peer going down and recovers.
      if (module === 'consensus') this.end('ConsensusQueueFull');
      return false;
    }
    this.#schedulePump(module);
    return true;
  }

  /** To be called every HEARTBEAT_INTERVAL_MS. Counts calls, not time: a process that was stopped blames nobody. */
  tick(): void {
    if (this.#state !== 'ready') return;
    if (this.#silentIntervals >= SILENT_INTERVALS) {
      this.end('Silent');
      return;
    }
    this.#silentIntervals++;
    this.probe();
  }

  /** Sends heartbeats: if the other end is gone, its machine says so. */
  probe(): void {
    for (const module of MODULES) {
      // A queue that waits is heartbeat enough once it moves, and none that does not move should grow.
      if (this.#queues[module].size === 0) this.send(module, HEARTBEAT);
    }
  }

  /**
   * Gives way to `successor`: what has not begun to leave moves there, the rest is finished here, and what still arrives
   * is delivered until both ends had time to see the successor.
   */
  retire(successor: PeerLink): void {
    if (this.#state !== 'ready') return;
    this.#state = 'retired';
    for (const module of MODULES) {
      for (const message of this.#queues[module].takeWaiting()) {
        if (message.group !== HEARTBEAT_GROUP) successor.send(module, message);
      }
    }
    this.#retirement = setTimeout(() => this.end('Duplicate'), RETIREMENT_MS);
  }

  /** Closes the connection: at once for what the peer did wrong, else after what is on its way has left. */
  end(reason: LinkEnd): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    clearTimeout(this.#retirement);
    const graceful = reason === 'Duplicate' || reason === 'Stopped' || reason === 'ClosedByPeer';
    if (graceful) {
      this.connection.close({ signal: AbortSignal.timeout(CLOSE_TIMEOUT_MS) }).catch((error: unknown) => {
        this.connection.abort(error instanceof Error ? error : new Error(String(error)));
      });
    } else {
      this.connection.abort(new Error(reason));
    }
    this.#events.onEnd(this, reason === 'ClosedByPeer' ? (this.#events.fault?.() ?? reason) : reason);
  }

  /** Consensus leaves with the work at hand; the others wait until all events of this turn have added theirs. */
  #schedulePump(module: NetworkModule): void {
    if (module === 'consensus') {
      if (this.#pumpAtEndOfTask) return;
      this.#pumpAtEndOfTask = true;
      queueMicrotask(() => {
        this.#pumpAtEndOfTask = false;
        this.#pump();
      });
    } else {
      if (this.#pumpAfterEvents) return;
      this.#pumpAfterEvents = true;
      setImmediate(() => {
        this.#pumpAfterEvents = false;
        this.#pump();
      });
    }
  }

  #queuesAreEmpty(): boolean {
    return MODULES.every((module) => this.#queues[module].size === 0);
  }

  #pump(): void {
    let next = this.#nextModule();
    while (next !== undefined) {
      const batch = this.#queues[next].takeBatch();
      if (batch === undefined) return;
      try {
        this.#streams.get(next)!.send(batch);
      } catch {
        // The stream has closed and its event is on the way here.
        this.end('ClosedByPeer');
        return;
      }
      next = this.#nextModule();
    }
  }

  /** The most urgent module that has something to send and whose stream takes more. */
  #nextModule(): NetworkModule | undefined {
    if (this.#state === 'ended') return undefined;
    return MODULES.find((module) => {
      const stream = this.#streams.get(module);
      // A window that opens by less than a batch emits `drain` although bytes are left over in the stream.
      return (
        stream !== undefined &&
        this.#queues[module].size > 0 &&
        !stream.writableNeedsDrain &&
        stream.writeBufferLength < BATCH_BYTES
      );
    });
  }
}

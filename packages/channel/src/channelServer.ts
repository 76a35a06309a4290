import type { Server } from 'node:net';
import type { Result } from '@menglian/base/result';
import { listenAt, portOf } from '@menglian/rpc/listen';
import { blockNotice, blockTopic } from './blockNotice.js';
import { createCarrier } from './carrier.js';
import type { ClientStream } from './clientStream.js';
import { Connection, IncomingBytes } from './connection.js';
import { NO_SEQUENCE, type Frame } from './frame.js';
import { ALL_INCOMING_BYTES_MAX, ALL_OUTGOING_BYTES_MAX, SESSIONS_MAX } from './limits.js';
import { MessageHandler } from './messageHandler.js';
import { MessageType } from './messageTypes.js';
import type { ChannelBackend } from './ports.js';
import { ReceiptPushes } from './receiptPushes.js';
import { ChannelSession, endSlowest, SharedBytes, type EndReason } from './session.js';
import type { SmChannelCertificates } from './tlcpCarrier.js';
import type { ChannelCertificates } from './tlsCarrier.js';

/** The port for SDKs, under TLS or TLCP: takes connections, reads frames, pushes what sessions have subscribed to. */
export class ChannelServer {
  readonly #server: Server;
  readonly #backend: ChannelBackend;
  readonly #log: (text: string) => void;
  readonly #handler: MessageHandler;
  readonly #receipts = new ReceiptPushes();
  readonly #sessions = new Map<number, ChannelSession>();
  readonly #outgoing = new SharedBytes(ALL_OUTGOING_BYTES_MAX, () => endSlowest(this.#sessions.values()));
  readonly #incoming = new IncomingBytes(ALL_INCOMING_BYTES_MAX);
  readonly #onBroken: (error: unknown) => void;
  /** Bounded by the group, which waits until a push has left after some of a session. */
  #withheld: { readonly groupId: number; readonly number: number; readonly text: string }[] = [];
  #nextNumber = 1;

  constructor(
    certificates: ChannelCertificates | SmChannelCertificates,
    components: {
      readonly backend: ChannelBackend;
      readonly log: (text: string) => void;
      /** told of a request that did what none may do: the node stops */
      readonly onBroken: (error: unknown) => void;
    },
  ) {
    this.#backend = components.backend;
    this.#log = components.log;
    this.#onBroken = components.onBroken;
    this.#handler = new MessageHandler(components.backend, this.#receipts);
    this.#server = createCarrier(certificates, {
      onClient: (stream, publicKey) => this.#onClient(stream, publicKey),
      onRefused: (address, reason) => this.#log(`[Refused] address=${address},reason=${reason}`),
    });
    this.#server.maxConnections = SESSIONS_MAX;
  }

  /** The port listened on, of interest after `listen` with port 0. */
  get port(): number {
    return portOf(this.#server);
  }

  /** @returns a sentence for the operator when the port cannot be opened */
  async listen(address: string, port: number): Promise<Result<void>> {
    return listenAt(this.#server, { name: 'the channel', setting: 'channel_listen', address, port });
  }

  /** Closes the port and every session. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      for (const session of this.#sessions.values()) session.end('stop');
    });
  }

  /** Undefined when it has ended. */
  session(number: number): ChannelSession | undefined {
    return this.#sessions.get(number);
  }

  /** A group has a new block: sessions that asked for it are told. */
  onBlock(groupId: number, number: number): void {
    const topic = blockTopic(groupId);
    for (const session of this.#sessions.values()) {
      if (!session.topics.has(topic)) continue;
      const data = blockNotice(session.protocol, groupId, number);
      session.send({ type: MessageType.BlockNotify, sequence: NO_SEQUENCE, result: 0, data });
    }
  }

  /** A receipt that a session waits for. */
  onReceipt(watchNumber: number, text: string): void {
    this.#receipts.push(watchNumber, text);
  }

  /** Events for a session's filter. Who may not use the group any more gets them when the list names it again. */
  onEvents(groupId: number, number: number, text: string): void {
    const session = this.#sessions.get(number);
    if (session === undefined) return;
    if (!this.#backend.isAllowed(groupId, session.publicKey)) {
      this.#withheld.push({ groupId, number, text });
      return;
    }
    const data = Buffer.from(text);
    const onSent = () => this.#backend.groups.onEventsSent(groupId, number);
    session.send({ type: MessageType.EventLogs, sequence: NO_SEQUENCE, result: 0, data }, onSent);
  }

  /** The lists of who may use which group have changed. */
  onAllowLists(): void {
    const withheld = this.#withheld;
    this.#withheld = [];
    for (const { groupId, number, text } of withheld) this.onEvents(groupId, number, text);
  }

  #onClient(socket: ClientStream, publicKey: string | undefined): void {
    const address = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? ''}`;
    socket.setNoDelay(true);
    const number = this.#nextNumber++;
    const connection = new Connection({
      socket,
      incoming: this.#incoming,
      end: (reason) => session.end(reason),
    });
    const session = new ChannelSession(number, publicKey, {
      socket: { write: (bytes, onSent) => void socket.write(bytes, onSent), destroy: () => close(socket) },
      outgoing: this.#outgoing,
      onEnd: (reason) => this.#onEnd(session, connection, address, reason),
    });
    this.#sessions.set(number, session);
    this.#log(`[Connected] session=${number},address=${address}`);
    socket.on('data', (chunk: Buffer) => this.#onData(session, connection, chunk));
    socket.on('error', () => session.end('closed'));
    socket.on('close', () => session.end('closed'));
    socket.on('end', () => session.end('closed'));
  }

  #onData(session: ChannelSession, connection: Connection, chunk: Buffer): void {
    session.noteRead();
    for (const frame of connection.read(chunk)) {
      if (session.hasEnded) return;
      if (frame === undefined) session.end('no frame');
      else void this.#onFrame(session, connection, frame);
    }
  }

  async #onFrame(session: ChannelSession, connection: Connection, frame: Frame): Promise<void> {
    connection.begin(frame);
    try {
      await this.#handler.handle(session, frame);
    } catch (error) {
      this.#onBroken(error);
    } finally {
      connection.finish(frame);
    }
  }

  #onEnd(session: ChannelSession, connection: Connection, address: string, reason: EndReason): void {
    connection.close();
    this.#sessions.delete(session.number);
    this.#withheld = this.#withheld.filter(({ number }) => number !== session.number);
    this.#receipts.onSessionClosed(session);
    this.#backend.amop.onSessionClosed(session.number);
    this.#backend.groups.onSessionClosed(session.number);
    this.#log(`[Closed] session=${session.number},address=${address},reason=${reason}`);
  }
}

/** How long the other side may take to close after this one has. */
const CLOSE_GRACE_MS = 30_000;

/** Says goodbye, and does not wait for ever for an answer. */
function close(socket: ClientStream): void {
  socket.resume();
  socket.end();
  const timer = setTimeout(() => socket.destroy(), CLOSE_GRACE_MS).unref();
  socket.once('close', () => clearTimeout(timer));
}

import type { Frame } from './frame.js';
import { FrameReader } from './frameReader.js';
import { FRAME_TIMEOUT_MS, REQUESTS_MAX } from './limits.js';
import type { EndReason } from './session.js';

/** What came on one socket and is not answered yet: an incomplete frame, and requests under way. */
export class Connection {
  readonly #socket: { pause(): void; resume(): void };
  readonly #incoming: IncomingBytes;
  readonly #end: (reason: EndReason) => void;
  readonly #reader = new FrameReader();
  #heldBytes = 0;
  #requests = 0;
  #isPaused = false;
  #isClosed = false;
  #frameTimer: NodeJS.Timeout | undefined;

  constructor(components: {
    readonly socket: { pause(): void; resume(): void };
    /** what is held of all connections */
    readonly incoming: IncomingBytes;
    /** must call `close` before it returns */
    readonly end: (reason: EndReason) => void;
  }) {
    this.#socket = components.socket;
    this.#incoming = components.incoming;
    this.#end = components.end;
    this.#incoming.add(this);
  }

  /** Bytes of the incomplete frame and of requests under way. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** @returns as `FrameReader.push`; nothing once it is closed */
  read(chunk: Buffer): (Frame | undefined)[] {
    if (this.#isClosed) return [];
    const before = this.#reader.heldBytes;
    const frames = this.#reader.push(chunk);
    this.#change(this.#reader.heldBytes - before);
    if (before === 0 || frames.length > 0) this.#restartTimer();
    this.pace();
    return frames;
  }

  /** A request is under way until it is finished. */
  begin({ data }: Frame): void {
    this.#requests += 1;
    this.#change(data.length);
    this.pace();
  }

  finish({ data }: Frame): void {
    this.#requests -= 1;
    this.#change(-data.length);
    this.pace();
  }

  /** Takes in nothing any more. What is under way is held until it is finished. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#incoming.remove(this);
    this.#isClosed = true;
    clearTimeout(this.#frameTimer);
    this.#change(-this.#reader.heldBytes);
    this.#reader.clear();
  }

  /** Ends it for the sake of others. */
  giveWay(): void {
    this.#end('too many bytes');
  }

  /** Reads on, or waits until something is answered. */
  pace(): void {
    const isPaused = this.#requests >= REQUESTS_MAX || this.#incoming.isFull;
    if (this.#isClosed || isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    if (isPaused) this.#socket.pause();
    else this.#socket.resume();
    this.#restartTimer();
  }

  #change(bytes: number): void {
    this.#heldBytes += bytes;
    this.#incoming.change(bytes, !this.#isClosed);
  }

  /** The time for a frame passes while the node reads. */
  #restartTimer(): void {
    clearTimeout(this.#frameTimer);
    if (this.#isClosed || this.#isPaused || this.#reader.heldBytes === 0) return;
    this.#frameTimer = setTimeout(() => this.#end('sends too slowly'), FRAME_TIMEOUT_MS);
  }
}

/**
 * What is held of all connections, up to a limit: above it the one that holds the most is ended, whoever has sent last. What
 * that one has asked is still answered; while the memory it takes leaves no room, nothing is read from anybody.
 */
export class IncomingBytes {
  readonly #max: number;
  readonly #open = new Set<Connection>();
  #openBytes = 0;
  #heldBytes = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Of open connections, and of requests of closed ones. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  get isFull(): boolean {
    return this.#heldBytes > this.#max;
  }

  add(connection: Connection): void {
    this.#open.add(connection);
  }

  /** It is closed: what it holds counts no longer when the greatest is looked for. */
  remove(connection: Connection): void {
    this.#open.delete(connection);
    this.#openBytes -= connection.heldBytes;
  }

  /** A connection holds so many more bytes, or less. */
  change(bytes: number, isOpen: boolean): void {
    const wasFull = this.isFull;
    this.#heldBytes += bytes;
    if (isOpen) this.#openBytes += bytes;
    while (this.#openBytes > this.#max) this.#greatest().giveWay();
    if (wasFull && !this.isFull) for (const connection of this.#open) connection.pace();
  }

  #greatest(): Connection {
    return [...this.#open].reduce((greatest, next) => (next.heldBytes > greatest.heldBytes ? next : greatest));
  }
}

import { randomUUID } from 'node:crypto';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { decodeFrame, encodeFrame, frameText, HEADER_BYTES, TYPE, type Frame } from './frames.js';

/**
 * A client that is stricter than any SDK: it keeps every frame until a test takes it, and notes each way in which the
 * server breaks the rules of the connection. `finish` fails on whatever nobody took and on every broken rule.
 */

const WAIT_TIMEOUT_MS = 15_000;
const CLOSE_TIMEOUT_MS = 5_000;

/** How a connection ended. */
export interface Ending {
  /** of the socket, undefined when it ended in order */
  readonly error: NodeJS.ErrnoException | undefined;
}

interface Waiter {
  readonly matches: (frame: Frame) => boolean;
  readonly resolve: (frame: Frame) => void;
  readonly fail: (why: string) => void;
}

export class ConformanceClient {
  /** Every frame in the order of arrival, taken or not. */
  readonly received: Frame[] = [];
  /** Rules the server broke, in words. */
  readonly violations: string[] = [];
  readonly ended: Promise<Ending>;
  readonly tlsVersion: string | null;
  readonly #socket: TLSSocket;
  readonly #untaken: Frame[] = [];
  readonly #waiters = new Set<Waiter>();
  #partial = Buffer.alloc(0);
  #isOpen = true;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    this.tlsVersion = socket.getProtocol();
    this.ended = new Promise((resolve) => {
      let error: Error | undefined;
      socket.on('error', (cause) => (error = cause));
      socket.once('close', () => {
        this.#isOpen = false;
        for (const waiter of this.#waiters) waiter.fail('the connection was closed');
        resolve({ error });
      });
    });
    socket.on('data', (read) => this.#onRead(read));
  }

  /** @throws the error of the socket when the handshake fails */
  static async connect(options: ConnectionOptions): Promise<ConformanceClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(options, () => {
        socket.off('error', reject);
        socket.setNoDelay(true);
        resolve(new ConformanceClient(socket));
      });
      socket.once('error', reject);
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Sends a frame. @returns its seq: 32 hexadecimal digits as SDKs choose them, unless given */
  send(type: number, data: string | Uint8Array = '', seq = newSeq()): string {
    this.write(encodeFrame(type, seq, data));
    return seq;
  }

  /** Sends bytes as they are. @returns false when more than the socket likes is under way */
  write(bytes: Uint8Array): boolean {
    return this.#socket.write(bytes);
  }

  /** Sends a frame and takes the answer of the same type and seq. */
  async ask(type: number, data: string | Uint8Array = '', seq = newSeq()): Promise<Frame> {
    this.send(type, data, seq);
    return this.take((frame) => frame.type === type && frame.seq === seq, `the answer to a 0x${type.toString(16)}`);
  }

  /** The text of the answer to one JSON-RPC request. */
  async rpcText(body: string): Promise<string> {
    return (await this.ask(TYPE.rpc, body)).data.toString('utf8');
  }

  /** The result of one method. */
  async rpc<T>(method: string, ...params: readonly unknown[]): Promise<T> {
    const text = await this.rpcText(rpcBody(method, ...params));
    const { result, error } = JSON.parse(text) as { result: T; error?: object };
    if (error !== undefined) throw new Error(text);
    return result;
  }

  /** Sends a signed transaction. @returns the answer, and the receipt that is pushed with the same seq */
  async transact(raw: string, method = 'sendRawTransaction'): Promise<{ answer: Frame; receipt: Frame }> {
    const seq = this.send(TYPE.rpc, rpcBody(method, 1, raw));
    const ofSeq = (frame: Frame) => frame.seq === seq;
    const answer = await this.take(ofSeq, 'the answer to a transaction');
    return { answer, receipt: await this.take(ofSeq, 'a receipt') };
  }

  /** Takes the first frame that matches, already here or to come. */
  async take(matches: (frame: Frame) => boolean, what: string): Promise<Frame> {
    const index = this.#untaken.findIndex(matches);
    if (index >= 0) return this.#untaken.splice(index, 1)[0]!;
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        matches,
        resolve: (frame) => {
          settle();
          resolve(frame);
        },
        fail: (why) => {
          settle();
          const rest = this.#untaken.map(frameText).join('\n');
          reject(new Error(`${why} while a test waited for ${what}; untaken frames:\n${rest}`));
        },
      };
      const timer = setTimeout(() => waiter.fail(`${WAIT_TIMEOUT_MS} ms went by`), WAIT_TIMEOUT_MS);
      this.#waiters.add(waiter);
      if (!this.#isOpen) waiter.fail('the connection was closed');
    });
  }

  async takeType(type: number): Promise<Frame> {
    return this.take((frame) => frame.type === type, `a frame 0x${type.toString(16)}`);
  }

  /**
   * Waits until the server has dealt with everything sent so far, and has had a chance to say more than it should.
   * @returns all frames that nobody has taken
   */
  async settle(): Promise<string[]> {
    for (let count = 0; count < 2; count++) await this.rpcText(rpcBody('getBlockNumber', 1));
    return this.#untaken.map(frameText);
  }

  /** Forgets frames that nobody took. */
  dropUntaken(): Frame[] {
    return this.#untaken.splice(0);
  }

  /** Ends the connection in order. @throws when frames are untaken or rules were broken */
  async finish(): Promise<void> {
    const rest = this.#isOpen ? await this.settle() : this.#untaken.map(frameText);
    await this.close();
    if (rest.length > 0) throw new Error(`frames that were not expected:\n${rest.join('\n')}`);
    if (this.violations.length > 0) throw new Error(this.violations.join('\n'));
  }

  /** Ends the connection and forgets what came. */
  async close(): Promise<void> {
    this.#socket.end();
    const timer = setTimeout(() => this.#socket.destroy(), CLOSE_TIMEOUT_MS);
    await this.ended;
    clearTimeout(timer);
  }

  /** Drops the connection without a word. */
  async destroy(): Promise<void> {
    this.#socket.destroy();
    await this.ended;
  }

  /**
   * One TLS record. SDKs take what one read returns for one frame, or the beginning of one: a read begins with a frame or
   * continues one, and never has the end of one and something behind it.
   */
  #onRead(read: Buffer): void {
    if (this.#partial.length === 0 && read.length < HEADER_BYTES) this.#violate('a read begins a frame without header');
    let rest = this.#partial.length === 0 ? read : Buffer.concat([this.#partial, read]);
    let framesCount = 0;
    while (rest.length >= HEADER_BYTES) {
      const length = rest.readUInt32BE(0);
      if (length < HEADER_BYTES) {
        this.#violate(`a frame of length ${length}`);
        rest = Buffer.alloc(0);
        break;
      }
      if (rest.length < length) break;
      this.#onFrame(decodeFrame(rest.subarray(0, length)));
      rest = rest.subarray(length);
      framesCount += 1;
    }
    if (framesCount > 1) this.#violate(`one read holds ${framesCount} frames`);
    else if (framesCount === 1 && rest.length > 0) this.#violate('one read holds a frame and the beginning of another');
    // A copy: what is kept must not hold on to the buffers of many reads.
    this.#partial = Buffer.from(rest);
  }

  #onFrame(frame: Frame): void {
    this.received.push(frame);
    const fault = frameFault(frame);
    if (fault !== undefined) this.#violate(`${fault}: ${frameText(frame)}`);
    for (const waiter of this.#waiters) {
      if (!waiter.matches(frame)) continue;
      waiter.resolve(frame);
      return;
    }
    this.#untaken.push(frame);
  }

  #violate(rule: string): void {
    this.violations.push(rule);
  }
}

/** Types that a node may send. */
const SENT_BY_NODES: ReadonlySet<number> = new Set<number>([
  TYPE.rpc,
  TYPE.heartbeat,
  TYPE.handshake,
  TYPE.registerEvent,
  TYPE.unregisterEvent,
  TYPE.amopRequest,
  TYPE.amopResponse,
  TYPE.amopMulticast,
  TYPE.requestCertification,
  TYPE.receipt,
  TYPE.blockNotify,
  TYPE.eventPush,
]);

/** What no frame of a node may be, whatever was asked. */
function frameFault({ type, result }: Frame): string | undefined {
  if (!SENT_BY_NODES.has(type)) return 'a type that nodes do not send';
  // AMOP passes on what the other side wrote.
  const isAmop = type === TYPE.amopRequest || type === TYPE.amopResponse || type === TYPE.amopMulticast;
  return result !== 0 && !isAmop ? 'a result other than 0' : undefined;
}

export function newSeq(): string {
  return randomUUID().replaceAll('-', '');
}

export function rpcBody(method: string, ...params: readonly unknown[]): string {
  return JSON.stringify({ jsonrpc: '2.0', method, params, id: 1 });
}

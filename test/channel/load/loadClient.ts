import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { newSeq, rpcBody } from '../conformanceClient.js';
import { decodeFrame, encodeFrame, frameText, HEADER_BYTES, TYPE, type Frame } from '../frames.js';

/** After so long without an answer it counts as lost. Longer than AMOP tries one node. */
const LOST_AFTER_MS = 45_000;

/** What nodes send without being asked, by themselves or for another client. */
const PUSHES: ReadonlySet<number> = new Set<number>([
  TYPE.amopRequest,
  TYPE.amopMulticast,
  TYPE.blockNotify,
  TYPE.eventPush,
]);

interface Waiter {
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** A client for many of them at once: it forgets each frame when it was dealt with, and keeps those nobody waited for. */
export class LoadClient {
  /** Answers and receipts that nobody waits for, or not any more: what comes twice is here. */
  readonly unexpected: string[] = [];
  /** Resolves when the connection is closed. */
  readonly ended: Promise<void>;
  readonly #socket: TLSSocket;
  readonly #waiters = new Map<string, Waiter>();
  readonly #onPush: (frame: Frame) => void;
  #reads: Buffer[] = [];
  #readBytes = 0;
  #isOpen = true;

  private constructor(socket: TLSSocket, onPush: (frame: Frame) => void) {
    this.#socket = socket;
    this.#onPush = onPush;
    this.ended = new Promise((resolve) => {
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.#isOpen = false;
        for (const key of this.#waiters.keys()) this.#fail(key, 'the connection was closed');
        resolve();
      });
    });
    socket.on('data', (read) => this.#onRead(read));
  }

  /** @param onPush gets what the node sends without being asked @throws the error of the socket when it cannot connect */
  static async connect(options: ConnectionOptions, onPush: (frame: Frame) => void): Promise<LoadClient> {
    const socket = await openSocket(options);
    const client = new LoadClient(socket, onPush);
    await client.ask(TYPE.handshake, '{"minimumSupport":1,"maximumSupport":3}');
    return client;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  send(type: number, data: string | Uint8Array, seq = newSeq()): string {
    this.#socket.write(encodeFrame(type, seq, data));
    return seq;
  }

  /** Sends a frame and takes the answer. @param answerType the same as of the request unless given */
  async ask(type: number, data: string | Uint8Array, answerType = type): Promise<Frame> {
    const seq = newSeq();
    const answer = this.next(answerType, seq);
    this.send(type, data, seq);
    return answer;
  }

  /** The result of one method. @throws when the node answers with an error */
  async call(method: string, ...params: readonly unknown[]): Promise<unknown> {
    return resultOf(await this.ask(TYPE.rpc, rpcBody(method, ...params)));
  }

  /** Sends a transaction, and takes the answer and the receipt. */
  async transact(raw: string): Promise<{ readonly hash: string; readonly receipt: PushedReceipt }> {
    const seq = newSeq();
    const both = Promise.all([this.next(TYPE.rpc, seq), this.next(TYPE.receipt, seq)]);
    this.send(TYPE.rpc, rpcBody('sendRawTransaction', 1, raw), seq);
    const [answer, receipt] = await both;
    return {
      hash: resultOf(answer) as string,
      receipt: JSON.parse(receipt.data.toString('utf8')) as PushedReceipt,
    };
  }

  /** The next frame of this type and seq that is not here yet. */
  async next(type: number, seq: string): Promise<Frame> {
    return new Promise((resolve, reject) => {
      if (!this.#isOpen) return reject(new Error('the connection was closed'));
      const key = `${type} ${seq}`;
      const timer = setTimeout(() => this.#fail(key, `nothing came in ${LOST_AFTER_MS} ms`), LOST_AFTER_MS);
      this.#waiters.set(key, { resolve, reject, timer });
    });
  }

  async close(): Promise<void> {
    this.#socket.destroy();
    await this.ended;
  }

  #fail(key: string, why: string): void {
    const waiter = this.#waiters.get(key)!;
    this.#waiters.delete(key);
    clearTimeout(waiter.timer);
    waiter.reject(new Error(`${why}: type and seq ${key}`));
  }

  #onRead(read: Buffer): void {
    this.#reads.push(read);
    this.#readBytes += read.length;
    // Joined once for each frame, not for each record of a long one.
    while (this.#readBytes >= HEADER_BYTES) {
      if (this.#reads[0]!.length < HEADER_BYTES) this.#reads = [Buffer.concat(this.#reads)];
      const length = this.#reads[0]!.readUInt32BE(0);
      if (this.#readBytes < length) break;
      const bytes = this.#reads.length === 1 ? this.#reads[0]! : Buffer.concat(this.#reads);
      this.#reads = [bytes.subarray(length)];
      this.#readBytes -= length;
      this.#onFrame(decodeFrame(bytes.subarray(0, length)));
    }
  }

  #onFrame(frame: Frame): void {
    if (PUSHES.has(frame.type)) return this.#onPush(frame);
    const key = `${frame.type} ${frame.seq}`;
    const waiter = this.#waiters.get(key);
    if (waiter === undefined) {
      this.unexpected.push(frameText(frame));
      return;
    }
    this.#waiters.delete(key);
    clearTimeout(waiter.timer);
    waiter.resolve(frame);
  }
}

/** What tests look at in a receipt. */
export interface PushedReceipt {
  readonly status: string;
  readonly blockNumber: string;
  readonly contractAddress: string;
  readonly transactionHash: string;
}

/** A socket on which nothing is read yet. */
export async function openSocket(options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect(options, () => {
      socket.off('error', reject);
      socket.setNoDelay(true);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

function resultOf(answer: Frame): unknown {
  const text = answer.data.toString('utf8');
  const { result, error } = JSON.parse(text) as { result?: unknown; error?: object };
  if (error !== undefined) throw new Error(text);
  return result;
}

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { toHex } from '@menglian/base/bytes';
import { encodeFrame, type Frame } from '@menglian/channel/frame';
import { FrameReader } from '@menglian/channel/frameReader';
import { MessageType } from '@menglian/channel/messageTypes';

const HOST = '127.0.0.1';

/** Files that a client needs, as the chain builder puts them into the folder `sdk`. */
export function tlsOptions(sdkFolder: string, port: number): ConnectionOptions {
  const read = (name: string) => readFileSync(join(sdkFolder, name));
  const files = { ca: read('ca.crt'), cert: read('sdk.crt'), key: read('sdk.key') };
  // The versions and curve that the SDKs of 2.x agree on with a node.
  return { ...files, host: HOST, port, maxVersion: 'TLSv1.2', checkServerIdentity: () => undefined };
}

/** @throws the error of the socket when it cannot connect */
export async function openTls(options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect(options, () => {
      socket.off('error', reject);
      socket.setNoDelay(true);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** Data of a message between clients: the topic behind its length, which counts itself, and the content. */
export function topicBody(topic: string, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(topic.length + 1), Buffer.from(topic, 'latin1'), content]);
}

/** One connection to the SDK port that measures: nothing is checked but that answers come. */
export class ChannelClient {
  readonly #socket: TLSSocket;
  readonly #reader = new FrameReader();
  readonly #waiting = new Map<
    string,
    { readonly resolve: (frame: Frame) => void; readonly reject: (e: Error) => void }
  >();
  #onPush: (frame: Frame) => void = () => undefined;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      for (const frame of this.#reader.push(chunk)) if (frame !== undefined) this.#onFrame(frame);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the node has closed the SDK connection'));
      this.#waiting.clear();
    });
  }

  static async connect(sdkFolder: string, port: number): Promise<ChannelClient> {
    const client = new ChannelClient(await openTls(tlsOptions(sdkFolder, port)));
    await client.ask(MessageType.Handshake, Buffer.from('{"minimumSupport":1,"maximumSupport":3}'));
    return client;
  }

  /** Gets all frames that answer nothing. */
  onPush(listener: (frame: Frame) => void): void {
    this.#onPush = listener;
  }

  /** @returns the frame of this answer type with the sequence of the request */
  async ask(type: number, data: Uint8Array, answerType = type): Promise<Frame> {
    const sequence = Buffer.from(toHex(randomBytes(16)), 'latin1');
    const answer = this.#next(answerType, sequence);
    this.send({ type, sequence, result: 0, data });
    return answer;
  }

  /** Sends a JSON-RPC request with a transaction. @returns when its receipt was pushed @throws when it was refused */
  async transact(request: Uint8Array): Promise<void> {
    const sequence = Buffer.from(toHex(randomBytes(16)), 'latin1');
    const receipt = this.#next(MessageType.Receipt, sequence);
    const answer = this.#next(MessageType.Rpc, sequence);
    this.send({ type: MessageType.Rpc, sequence, result: 0, data: request });
    const text = Buffer.from((await answer).data).toString('utf8');
    if (text.includes('"error"')) throw new Error(`a transaction was refused: ${text}`);
    const { status } = JSON.parse(Buffer.from((await receipt).data).toString('utf8')) as { status: string };
    if (status !== '0x0') throw new Error(`a receipt has status ${status}`);
  }

  send(frame: Frame): void {
    this.#socket.write(encodeFrame(frame));
  }

  close(): void {
    this.#socket.destroy();
  }

  async #next(type: number, sequence: Uint8Array): Promise<Frame> {
    const key = `${type}${toHex(sequence)}`;
    return new Promise((resolve, reject) => void this.#waiting.set(key, { resolve, reject }));
  }

  #onFrame(frame: Frame): void {
    const key = `${frame.type}${toHex(frame.sequence)}`;
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return this.#onPush(frame);
    this.#waiting.delete(key);
    waiting.resolve(frame);
  }
}

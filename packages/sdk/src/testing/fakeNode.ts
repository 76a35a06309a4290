import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { utf8Bytes } from '@menglian/base/bytes';
import { encodeFrame, type Frame, FrameReader, FrameType, readJson, topicBody } from '../node/channel/frame.js';
import type { Dial } from '../node/channel/tlsDial.js';

/** Without TLS, which a real node tests. */
export const plainDial: Dial = ({ host, port }, onReady) => {
  const socket = connect({ host, port });
  socket.once('connect', onReady);
  return socket;
};

export interface RpcFrame {
  readonly method: string;
  readonly params: readonly unknown[];
  /** Of the frame, to push a receipt for it. */
  readonly seq: string;
}

/** A node that speaks frames and does what a test says. */
export class FakeNode {
  /** What RPC answers: a result, or an object with `error`. `undefined` does not answer. */
  onRpc: (request: RpcFrame) => unknown = () => null;
  /** Other frames than RPC, handshake and heartbeat. */
  onFrame: (frame: Frame) => void = () => {};
  readonly asked: RpcFrame[] = [];
  readonly frames: Frame[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(): Promise<FakeNode> {
    const node = new FakeNode();
    await new Promise<void>((resolve) => node.#server.listen(0, '127.0.0.1', resolve));
    return node;
  }

  get name(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get linksCount(): number {
    return this.#sockets.size;
  }

  push(type: number, seq: string, data: Uint8Array, result = 0): void {
    this.pushBytes(encodeFrame({ type, seq, result, data }));
  }

  pushBytes(bytes: Uint8Array): void {
    for (const socket of this.#sockets) socket.write(bytes);
  }

  pushReceipt(seq: string, receipt: object): void {
    this.push(FrameType.receipt, seq, utf8Bytes(JSON.stringify(receipt)));
  }

  pushBlock(groupId: number, blockNumber: number): void {
    const notice = utf8Bytes(`{"blockNumber":${blockNumber},"groupID":${groupId}}\n`);
    this.push(FrameType.blockNotice, '0'.repeat(32), topicBody(`_block_notify_${groupId}`, notice)!);
  }

  /** As when its process dies: links break and nothing listens any more. */
  async die(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Links break, and new ones are taken. */
  breakLinks(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    const reader = new FrameReader();
    socket.on('data', (piece) => {
      for (const frame of reader.push(piece as Uint8Array) ?? []) this.#take(socket, frame);
    });
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }

  #take(socket: Socket, frame: Frame): void {
    const answer = (value: unknown) =>
      socket.write(encodeFrame({ ...frame, result: 0, data: utf8Bytes(`${JSON.stringify(value)}\n`) }));
    if (frame.type === FrameType.handshake) {
      answer({ nodeVersion: '2.11.0', protocol: 3 });
    } else if (frame.type === FrameType.heartbeat) {
      answer({ heartBeat: 1 });
    } else if (frame.type === FrameType.rpc) {
      const { method, params } = readJson(frame.data) as Omit<RpcFrame, 'seq'>;
      const request = { method, params, seq: frame.seq };
      this.asked.push(request);
      const result = this.onRpc(request);
      if (result === undefined) return;
      const isError = typeof result === 'object' && result !== null && 'error' in result;
      answer({ id: 1, jsonrpc: '2.0', ...(isError ? result : { result }) });
    } else {
      this.frames.push(frame);
      this.onFrame(frame);
    }
  }
}

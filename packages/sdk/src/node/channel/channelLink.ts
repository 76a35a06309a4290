import type { Duplex } from 'node:stream';
import { toHex, utf8Bytes } from '@menglian/base/bytes';
import type { Ports } from '../../ports.js';
import { integer, record } from '../../rpc/reader.js';
import { closedError } from '../../rpc/answer.js';
import { hasCode, type SdkError, sdkError } from '../../sdkError.js';
import { encodeFrame, type Frame, FrameReader, FrameType, readJson } from './frame.js';
import type { Dial, NodeAddress } from './tlsDial.js';

/** The newest version of the protocol: refused transactions are told by receipts, heights in JSON. */
const PROTOCOL = 3;

/** From dialling to the end of the handshake. */
const OPEN_TIMEOUT_MS = 10_000;

const HEARTBEAT_MS = 5000;

/** A link on which nothing came for so long is dead. */
const SILENCE_MAX_MS = 15_000;

/** Requests without an answer on one link. */
const REQUESTS_MAX = 100_000;

/** Bytes that wait to be written: the node reads too slowly. */
const OUTGOING_BYTES_MAX = 256 * 1024 * 1024;

/** What OpenSSL says of an answer that is no TLS, such as TLCP's or HTTP's. */
const NO_TLS = 'ERR_SSL_WRONG_VERSION_NUMBER';

export interface LinkListener {
  /** A frame that answers nothing. */
  onPush(frame: Frame): void;
  /** It was open, and is lost. Called once. */
  onLost(error: SdkError): void;
}

interface Pending {
  readonly answers: number;
  resolve(frame: Frame): void;
  reject(error: SdkError): void;
  stopTimer(): void;
}

const handshakeReply = record({ protocol: integer });

/** One connection to the channel port of one node. */
export class ChannelLink {
  /** Resolves once the node has agreed on the protocol. @throws SdkError `NoConnection`, `Timeout`, … */
  readonly opened: Promise<void>;
  readonly #ports: Ports;
  readonly #name: string;
  readonly #stream: Duplex;
  readonly #listener: LinkListener;
  readonly #pending = new Map<string, Pending>();
  readonly #frames = new FrameReader();
  #accept: () => void = () => {};
  #refuse: (error: SdkError) => void = () => {};
  #isOpen = false;
  #lost: SdkError | undefined;
  #readAtMs: number;
  #stopTimer: () => void;

  constructor(node: NodeAddress, dial: Dial, ports: Ports, listener: LinkListener) {
    this.#name = `${node.host}:${node.port}`;
    this.#ports = ports;
    this.#listener = listener;
    this.#readAtMs = ports.nowMs();
    this.opened = new Promise((resolve, reject) => {
      this.#accept = resolve;
      this.#refuse = reject;
    });
    this.#stopTimer = ports.after(OPEN_TIMEOUT_MS, () => this.#end(late(this.#name, OPEN_TIMEOUT_MS)));
    this.#stream = dial(node, () => {
      this.#agree().catch((error: unknown) => this.#end(noConnection(this.#name, error)));
    });
    this.#stream.on('data', (piece: Uint8Array) => this.#read(piece));
    this.#stream.on('error', (error) => this.#end(noConnection(this.#name, error)));
    this.#stream.on('close', () => this.#end(noConnection(this.#name)));
  }

  /** Sends a frame and waits for the frame of type `answers` with its sequence. @throws SdkError */
  request(type: number, answers: number, data: Uint8Array, timeoutMs: number, seq = this.newSeq()): Promise<Frame> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    if (this.#pending.size >= REQUESTS_MAX || this.#stream.writableLength > OUTGOING_BYTES_MAX) {
      return Promise.reject(sdkError('TooMany', 'too much waits for the node', 'await some of it first'));
    }
    return new Promise((resolve, reject) => {
      const stopTimer = this.#ports.after(timeoutMs, () => {
        this.#pending.delete(seq);
        reject(late(this.#name, timeoutMs));
      });
      this.#pending.set(seq, { answers, resolve, reject, stopTimer });
      this.send(type, seq, data);
    });
  }

  /** Sends a frame that nothing answers. */
  send(type: number, seq: string, data: Uint8Array, result = 0): void {
    if (this.#lost === undefined) this.#stream.write(encodeFrame({ type, seq, result, data }));
  }

  newSeq(): string {
    return toHex(this.#ports.random(16));
  }

  close(): void {
    this.#end(closedError());
  }

  async #agree(): Promise<void> {
    const hello = { minimumSupport: 1, maximumSupport: PROTOCOL, clientType: 'menglian-sdk' };
    const data = utf8Bytes(JSON.stringify(hello));
    const answer = await this.request(FrameType.handshake, FrameType.handshake, data, OPEN_TIMEOUT_MS);
    const { protocol } = handshakeReply(readJson(answer.data), 'handshake');
    if (protocol !== PROTOCOL) {
      const advice = 'nodes of 2.x since 2.1 speak it: update this one';
      throw sdkError('NotSupported', `the node speaks version ${protocol} of the channel, not ${PROTOCOL}`, advice);
    }
    this.#stopTimer();
    this.#isOpen = true;
    this.#accept();
    this.#beat();
  }

  #beat(): void {
    this.#stopTimer = this.#ports.after(HEARTBEAT_MS, () => {
      if (this.#lost !== undefined) return;
      if (this.#ports.nowMs() - this.#readAtMs > SILENCE_MAX_MS) {
        this.#end(late(this.#name, SILENCE_MAX_MS));
        return;
      }
      this.send(FrameType.heartbeat, this.newSeq(), utf8Bytes('{"heartBeat":0}'));
      this.#beat();
    });
  }

  #read(piece: Uint8Array): void {
    if (this.#lost !== undefined) return;
    this.#readAtMs = this.#ports.nowMs();
    const frames = this.#frames.push(piece);
    if (frames === undefined) {
      const advice = 'see that the port is channel_listen_port of a node';
      this.#end(sdkError('BadAnswer', `${this.#name} sends what are no frames`, advice));
      return;
    }
    for (const frame of frames) this.#take(frame);
  }

  #take(frame: Frame): void {
    const pending = this.#pending.get(frame.seq);
    if (pending?.answers === frame.type) {
      this.#pending.delete(frame.seq);
      pending.stopTimer();
      pending.resolve(frame);
    } else if (frame.type !== FrameType.heartbeat) {
      this.#listener.onPush(frame);
    }
  }

  #end(error: SdkError): void {
    if (this.#lost !== undefined) return;
    const isOurs = error.code === 'Closed';
    this.#lost = isOurs ? error : noConnection(this.#name, error);
    this.#stopTimer();
    this.#stream.destroy();
    for (const { reject, stopTimer } of this.#pending.values()) {
      stopTimer();
      reject(this.#lost);
    }
    this.#pending.clear();
    if (!this.#isOpen) this.#refuse(error);
    else if (!isOurs) this.#listener.onLost(this.#lost);
  }
}

/** What happens to a link is no connection to those who wait for something; why is the cause. */
function noConnection(name: string, cause?: unknown): SdkError {
  if (hasCode(cause, 'NoConnection')) return cause;
  if ((cause as NodeJS.ErrnoException | undefined)?.code === NO_TLS) return noTls(name, cause);
  const problem = cause === undefined ? `${name} closed the connection` : `no connection with ${name}`;
  const advice =
    'see that the node runs, that this is its channel_listen_port, and that the certificates are of its chain';
  return sdkError('NoConnection', problem, advice, cause);
}

function noTls(name: string, cause: unknown): SdkError {
  const advice =
    'give its channel_listen_port, of a node with sm_crypto_channel=false: this client speaks no TLCP; over HTTP it needs none';
  return sdkError('NoConnection', `${name} does not speak TLS`, advice, cause);
}

function late(name: string, timeoutMs: number): SdkError {
  const advice = 'see whether the node is busy, or allow more time with timeoutMs';
  return sdkError('Timeout', `${name} did not answer within ${timeoutMs} ms`, advice);
}

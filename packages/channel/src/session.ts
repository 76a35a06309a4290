import { toHex } from '@menglian/base/bytes';
import { encodeFrame, type Frame } from './frame.js';
import {
  IDLE_TIMEOUT_MS,
  OUTGOING_BYTES_MAX,
  QUESTIONS_MAX,
  QUESTION_TIMEOUT_MS,
  WRITE_BYTES_MAX,
  WRITE_TIMEOUT_MS,
} from './limits.js';

/** What a session needs of its socket. */
export interface SessionSocket {
  /** @param onSent called when the system has taken all of it, or the socket is closed */
  write(bytes: Uint8Array, onSent: () => void): void;
  destroy(): void;
}

/** Who answers a question of the node, or that nobody will. */
export type OnAnswer = (answer: Frame | undefined) => void;

/** Why a session was ended, for the log. */
export type EndReason =
  | 'closed'
  | 'idle'
  | 'reads too slowly'
  | 'sends too slowly'
  | 'no frame'
  | 'no common version'
  | 'too many bytes'
  | 'stop';

/** One connection of an SDK: what it has said about itself, what waits to be sent, and what it still owes. */
export class ChannelSession {
  readonly number: number;
  /** 128 hexadecimal digits of the certificate's key, where that can be told */
  readonly publicKey: string | undefined;
  readonly #socket: SessionSocket;
  readonly #onEnd: (reason: EndReason) => void;
  readonly #outgoing: { bytes: Buffer; onSent: (() => void) | undefined }[] = [];
  readonly #questions = new Map<string, { readonly askedAtMs: number; readonly onAnswer: OnAnswer }>();
  readonly #shared: SharedBytes;
  /** 1 until a handshake says more. */
  protocol = 1;
  topics: ReadonlySet<string> = new Set();
  #outgoingBytes = 0;
  #isSending = false;
  #hasEnded = false;
  #idleTimer: NodeJS.Timeout;
  #writeTimer: NodeJS.Timeout | undefined;

  constructor(
    number: number,
    publicKey: string | undefined,
    components: {
      readonly socket: SessionSocket;
      /** bytes that wait on all sessions */
      readonly outgoing: SharedBytes;
      /** told once, when nothing is sent any more */
      readonly onEnd: (reason: EndReason) => void;
    },
  ) {
    this.number = number;
    this.publicKey = publicKey;
    this.#socket = components.socket;
    this.#shared = components.outgoing;
    this.#onEnd = components.onEnd;
    this.#idleTimer = setTimeout(() => this.end('idle'), IDLE_TIMEOUT_MS);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Bytes that wait to be sent. */
  get outgoingBytes(): number {
    return this.#outgoingBytes;
  }

  /** Something came from the other side. */
  noteRead(): void {
    this.#idleTimer.refresh();
  }

  /**
   * Frames leave one by one, each with a write of its own after the one before has left: three SDKs take what one read gives
   * them for one frame (docs/channel.md, "One frame a record").
   * @param onSent called when the system has it; not when the session ends before
   */
  send(frame: Frame, onSent?: () => void): void {
    if (this.#hasEnded) return;
    const bytes = encodeFrame(frame);
    const isTooMuch = this.#outgoing.length > 0 && this.#outgoingBytes + bytes.length > OUTGOING_BYTES_MAX;
    if (isTooMuch || !this.#shared.take(bytes.length)) {
      this.end('reads too slowly');
      return;
    }
    // It was the one that gave way.
    if (this.#hasEnded) {
      this.#shared.give(bytes.length);
      return;
    }
    this.#outgoingBytes += bytes.length;
    this.#outgoing.push({ bytes, onSent });
    if (!this.#isSending) this.#sendNext();
  }

  /**
   * Sends a frame that the other side answers with any frame of the same sequence.
   * @param onAnswer called at most once: with the answer, or with undefined when the session ends. Who asks has a clock of
   *   his own; here a question is forgotten some time after QUESTION_TIMEOUT_MS
   * @returns false when nothing was sent
   */
  ask(frame: Frame, onAnswer: OnAnswer): boolean {
    const key = toHex(frame.sequence);
    const nowMs = performance.now();
    for (const [old, { askedAtMs }] of this.#questions) {
      if (nowMs - askedAtMs < QUESTION_TIMEOUT_MS) break;
      this.#questions.delete(old);
    }
    if (this.#hasEnded || this.#questions.size >= QUESTIONS_MAX || this.#questions.has(key)) return false;
    this.#questions.set(key, { askedAtMs: nowMs, onAnswer });
    this.send(frame);
    return !this.#hasEnded;
  }

  /** @returns whether the frame was the answer to a question */
  takeAnswer(frame: Frame): boolean {
    if (this.#questions.size === 0) return false;
    const key = toHex(frame.sequence);
    const question = this.#questions.get(key);
    if (question === undefined) return false;
    this.#questions.delete(key);
    question.onAnswer(frame);
    return true;
  }

  /** Nothing is sent any more, and the socket is closed. Idempotent. */
  end(reason: EndReason): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#writeTimer);
    this.#shared.give(this.#outgoingBytes);
    this.#outgoing.length = 0;
    this.#outgoingBytes = 0;
    this.#socket.destroy();
    for (const { onAnswer } of this.#questions.values()) onAnswer(undefined);
    this.#questions.clear();
    this.#onEnd(reason);
  }

  #sendNext(): void {
    const next = this.#outgoing[0];
    if (next === undefined) return;
    this.#isSending = true;
    this.#writeTimer = setTimeout(() => this.end('reads too slowly'), WRITE_TIMEOUT_MS);
    this.#write(next.bytes, 0);
  }

  /** To encrypt a long frame takes long, and all sessions wait for it: piece by piece. */
  #write(bytes: Buffer, start: number): void {
    const end = start + WRITE_BYTES_MAX;
    this.#socket.write(bytes.subarray(start, end), () => {
      if (end >= bytes.length) this.#onSent();
      else if (!this.#hasEnded) this.#write(bytes, end);
    });
  }

  #onSent(): void {
    if (this.#hasEnded) return;
    clearTimeout(this.#writeTimer);
    this.#idleTimer.refresh();
    const { bytes, onSent } = this.#outgoing.shift()!;
    this.#outgoingBytes -= bytes.length;
    this.#shared.give(bytes.length);
    this.#isSending = false;
    onSent?.();
    if (!this.#hasEnded && !this.#isSending) this.#sendNext();
  }
}

/** Ends the session for which the most waits: others must not suffer from it. @returns false when nothing waits for any */
export function endSlowest(sessions: Iterable<ChannelSession>): boolean {
  let slowest: ChannelSession | undefined;
  for (const session of sessions) {
    if (session.outgoingBytes > (slowest?.outgoingBytes ?? 0)) slowest = session;
  }
  slowest?.end('reads too slowly');
  return slowest !== undefined;
}

/** A number of bytes that many hold together, up to a limit. */
export class SharedBytes {
  readonly #max: number;
  readonly #makeRoom: () => boolean;
  #held = 0;

  /** @param makeRoom called where the limit would be exceeded; makes somebody give bytes back, or returns false */
  constructor(max: number, makeRoom: () => boolean = () => false) {
    this.#max = max;
    this.#makeRoom = makeRoom;
  }

  get held(): number {
    return this.#held;
  }

  /** @returns false, and takes nothing, where the limit would be exceeded and nobody makes room */
  take(bytes: number): boolean {
    while (this.#held + bytes > this.#max) if (!this.#makeRoom()) return false;
    this.#held += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }
}

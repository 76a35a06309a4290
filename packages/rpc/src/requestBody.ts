import { failure, type Result, success } from '@menglian/base/result';
import { ByteChunks } from './byteChunks.js';
import { INVALID_REQUEST, PARSE_ERROR, type RpcError } from './errors.js';
import {
  BODY_BYTES_MAX,
  JSON_DEPTH_MAX,
  JSON_VALUES_MAX,
  LIGHT_BYTES_MAX,
  PIECE_BYTES,
  REQUEST_VALUES_MAX,
} from './limits.js';
import type { Turns } from './turns.js';

/** What a body holds. */
export type RequestBody =
  | { readonly isBatch: false; readonly request: unknown }
  | {
      readonly isBatch: true;
      /** requests */
      readonly count: number;
      /** A long batch comes in pieces, so that nobody waits for all of it: none of them empty, each parsed when it is asked for. */
      readonly pieces: readonly (() => readonly unknown[])[];
    };

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** Bytes that are looked at in one turn: takes about as long as to parse a piece. */
const LOOK_BYTES = 1024 * 1024;

/**
 * Understands a body as `JSON.parse` does, but all clients wait while anything is parsed: so no longer than a piece takes at a time,
 * and never what would take long (docs/json-rpc.md, "Transport").
 * @param chunks of JSON in UTF-8, of any kind
 * @param pieceBytes of a batch; a longer request is a piece of its own
 * @returns or why it is refused
 */
export async function readBody(
  chunks: readonly Uint8Array[],
  turns: Turns,
  pieceBytes = PIECE_BYTES,
): Promise<Result<RequestBody, RpcError>> {
  const body = new ByteChunks(chunks);
  if (body.length > pieceBytes) await turns.nextPiece();
  else if (body.length > LIGHT_BYTES_MAX) await turns.next();
  if (body.length > BODY_BYTES_MAX) return tooMuch(`a request of ${body.length} bytes; at most ${BODY_BYTES_MAX}`);
  if (body.length <= pieceBytes) {
    const whole = body.slice(0, body.length);
    if (!mayBeDeep(whole)) return bodyOf(parse(whole));
  }
  const outline = new Outline(pieceBytes);
  let looked = 0;
  for (const chunk of body.chunks) {
    for (let at = 0; at < chunk.length; at += LOOK_BYTES) {
      const part = chunk.subarray(at, at + LOOK_BYTES);
      const problem = outline.look(part);
      if (problem !== undefined) return failure(problem);
      looked += part.length;
      if (looked < LOOK_BYTES) continue;
      looked = 0;
      await turns.nextPiece();
    }
  }
  return outline.cuts.length === 0 ? bodyOf(parse(body.slice(0, body.length))) : readPieces(body, outline, turns);
}

/** Parses each piece once to see whether all of it is JSON, and does not keep what comes out: that would be moved about as garbage. */
async function readPieces(
  body: ByteChunks,
  { batchBegin, cuts, lastEnd }: Outline,
  turns: Turns,
): Promise<Result<RequestBody, RpcError>> {
  const pieces: (() => readonly unknown[])[] = [];
  let count = 0;
  let begin = batchBegin;
  for (const cut of [...cuts, lastEnd]) {
    await turns.nextPiece();
    const from = begin + 1;
    const parsePiece = () => parse(body.slice(from, cut), '[', ']');
    const piece = parsePiece();
    // Between two commas there is something.
    if (!Array.isArray(piece) || piece.length === 0) return failure(PARSE_ERROR);
    pieces.push(parsePiece as () => readonly unknown[]);
    count += piece.length;
    begin = cut;
  }
  const end = body.slice(lastEnd, lastEnd + 1);
  return end[0] === CLOSING_BRACKET ? success({ isBatch: true, count, pieces }) : failure(PARSE_ERROR);
}

function bodyOf(parsed: unknown): Result<RequestBody, RpcError> {
  if (parsed === undefined) return failure(PARSE_ERROR);
  if (!Array.isArray(parsed)) return success({ isBatch: false, request: parsed });
  const { length } = parsed;
  return success({ isBatch: true, count: length, pieces: length === 0 ? [] : [() => parsed as readonly unknown[]] });
}

/** @returns undefined where it is no JSON */
function parse(bytes: Buffer, before = '', after = ''): unknown {
  try {
    return JSON.parse(`${before}${bytes.toString('utf8')}${after}`);
  } catch {
    return undefined;
  }
}

/** What is nested takes long to parse, whatever its length. Without that many openings nothing is nested deeply. */
function mayBeDeep(body: Buffer): boolean {
  let count = 0;
  for (const sign of [OPENING_BRACKET, OPENING_BRACE]) {
    for (let at = body.indexOf(sign); at >= 0; at = body.indexOf(sign, at + 1))
      if (++count > JSON_DEPTH_MAX) return true;
  }
  return false;
}

/**
 * Looks at each byte once: how deep it is nested, how many values there are, and where a batch can be cut in pieces. What is no JSON
 * is not noticed here.
 */
class Outline {
  /** Positions of commas between requests of a batch; none where all of it is one piece. */
  readonly cuts: number[] = [];
  readonly #pieceBytes: number;
  /** Of the bytes that were looked at. */
  #offset = 0;
  #first: number | undefined;
  #firstAt = 0;
  #lastAt = 0;
  #depth = 0;
  #isInText = false;
  #isEscaped = false;
  #values = 0;
  /** in requests before this one */
  #valuesBefore = 0;
  #pieceBegin = 0;

  constructor(pieceBytes: number) {
    this.#pieceBytes = pieceBytes;
  }

  /** Position of the first byte that is not blank: where there are cuts, of the bracket. */
  get batchBegin(): number {
    return this.#firstAt;
  }

  /** Position of the last byte that is not blank: the bracket of a batch, if it is one. */
  get lastEnd(): number {
    return this.#lastAt;
  }

  /** @param bytes the next ones @returns why it is refused, if it is */
  look(bytes: Uint8Array): RpcError | undefined {
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (this.#isInText) {
        at = this.#lookThroughText(bytes, at);
        continue;
      }
      if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) continue;
      this.#lastAt = this.#offset + at;
      if (this.#first === undefined) {
        this.#first = byte;
        this.#firstAt = this.#lastAt;
      }
      if (byte === QUOTE) {
        this.#isInText = true;
      } else if (byte === COMMA) {
        if (this.#depth === 1 && this.#first === OPENING_BRACKET) this.#onRequestEnd();
        if (!this.#mayHoldMore()) return this.#tooManyValues();
      } else if (byte === OPENING_BRACKET || byte === OPENING_BRACE) {
        if (++this.#depth > JSON_DEPTH_MAX) return PARSE_ERROR;
        if (!this.#mayHoldMore()) return this.#tooManyValues();
      } else if (byte === CLOSING_BRACKET || byte === CLOSING_BRACE) {
        this.#depth -= 1;
      }
    }
    this.#offset += bytes.length;
    return undefined;
  }

  /** @param at within a text @returns the position of its end, or of the last byte */
  #lookThroughText(bytes: Uint8Array, at: number): number {
    let isEscaped = this.#isEscaped;
    let place = at;
    for (; place < bytes.length; place++) {
      const byte = bytes[place]!;
      if (isEscaped) isEscaped = false;
      else if (byte === BACKSLASH) isEscaped = true;
      else if (byte === QUOTE) {
        this.#isInText = false;
        break;
      }
    }
    this.#isEscaped = isEscaped;
    this.#lastAt = this.#offset + Math.min(place, bytes.length - 1);
    return place;
  }

  #mayHoldMore(): boolean {
    this.#values += 1;
    return this.#values <= JSON_VALUES_MAX && this.#values - this.#valuesBefore <= REQUEST_VALUES_MAX;
  }

  #onRequestEnd(): void {
    this.#valuesBefore = this.#values;
    if (this.#lastAt - this.#pieceBegin < this.#pieceBytes) return;
    this.cuts.push(this.#lastAt);
    this.#pieceBegin = this.#lastAt;
  }

  #tooManyValues(): RpcError {
    const isAll = this.#values > JSON_VALUES_MAX;
    const what = isAll ? `${JSON_VALUES_MAX} values` : `${REQUEST_VALUES_MAX} values in one request`;
    return tooMuch(`a body with more than ${what}; fewer`).reason;
  }
}

function tooMuch(reason: string): { readonly ok: false; readonly reason: RpcError } {
  const message = `${INVALID_REQUEST.message}: ${reason} are read, send smaller ones`;
  return { ok: false, reason: { ...INVALID_REQUEST, message } };
}

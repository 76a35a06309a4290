import { failure, type Result, success } from '@menglian/base/result';
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

/** What a body holds. A long batch comes in pieces, in order, none of them empty, so that nobody waits for all of it. */
export type RequestBody =
  | { readonly isBatch: false; readonly request: unknown }
  | { readonly isBatch: true; readonly pieces: readonly (readonly unknown[])[] };

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** Bytes that are looked at in one turn: takes about as long as to parse a piece. */
const LOOK_BYTES = 1024 * 1024;

/** White space in front of a batch; behind more of it a body counts as one request. */
const BLANKS_MAX = 1024;

/**
 * Understands a body as `JSON.parse` does, but all clients wait while anything is parsed: so no longer than a piece takes at a time,
 * and never what would take long (docs/json-rpc.md, "Transport").
 * @param body JSON in UTF-8, of any kind
 * @param pieceBytes of a batch; a longer request is a piece of its own
 * @returns or why it is refused
 */
export async function readBody(
  body: Uint8Array,
  turns: Turns,
  pieceBytes = PIECE_BYTES,
): Promise<Result<RequestBody, RpcError>> {
  if (body.length > LIGHT_BYTES_MAX) await turns.next();
  if (body.length > BODY_BYTES_MAX) return tooMuch(`a request of ${body.length} bytes; at most ${BODY_BYTES_MAX}`);
  if (body.length <= pieceBytes && !mayBeDeep(body)) return bodyOf(parse(body));
  const outline = new Outline(body, pieceBytes);
  for (let end = LOOK_BYTES; ; end += LOOK_BYTES) {
    const problem = outline.lookUntil(Math.min(end, body.length));
    if (problem !== undefined) return failure(problem);
    if (end >= body.length) break;
    await turns.next();
  }
  return outline.cuts.length === 0 ? bodyOf(parse(body)) : readPieces(body, outline.cuts, turns);
}

/** @param cuts commas between requests, at least one */
async function readPieces(
  body: Uint8Array,
  cuts: readonly number[],
  turns: Turns,
): Promise<Result<RequestBody, RpcError>> {
  const end = body.lastIndexOf(CLOSING_BRACKET);
  if (!isBlank(body.subarray(end + 1))) return failure(PARSE_ERROR);
  const pieces: unknown[][] = [];
  let begin = body.indexOf(OPENING_BRACKET);
  for (const cut of [...cuts, end]) {
    await turns.next();
    const piece = parse(body.subarray(begin + 1, cut), '[', ']');
    // Between two commas there is something.
    if (!Array.isArray(piece) || piece.length === 0) return failure(PARSE_ERROR);
    pieces.push(piece);
    begin = cut;
  }
  return success({ isBatch: true, pieces });
}

function bodyOf(parsed: unknown): Result<RequestBody, RpcError> {
  if (parsed === undefined) return failure(PARSE_ERROR);
  if (!Array.isArray(parsed)) return success({ isBatch: false, request: parsed });
  return success({ isBatch: true, pieces: parsed.length === 0 ? [] : [parsed] });
}

/** @returns undefined where it is no JSON */
function parse(bytes: Uint8Array, before = '', after = ''): unknown {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  try {
    return JSON.parse(`${before}${text}${after}`);
  } catch {
    return undefined;
  }
}

/** What is nested takes long to parse, whatever its length. Without that many openings nothing is nested deeply. */
function mayBeDeep(body: Uint8Array): boolean {
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
  readonly #body: Uint8Array;
  readonly #pieceBytes: number;
  readonly #isBatch: boolean;
  #at = 0;
  #depth = 0;
  #isInText = false;
  #values = 0;
  /** in requests before this one */
  #valuesBefore = 0;
  #pieceBegin = 0;

  constructor(body: Uint8Array, pieceBytes: number) {
    this.#body = body;
    this.#pieceBytes = pieceBytes;
    const begin = body.indexOf(OPENING_BRACKET);
    this.#isBatch = begin >= 0 && begin <= BLANKS_MAX && isBlank(body.subarray(0, begin));
  }

  /** @returns why it is refused, if it is */
  lookUntil(end: number): RpcError | undefined {
    const body = this.#body;
    let at = this.#at;
    let isInText = this.#isInText;
    while (at < end) {
      const byte = body[at]!;
      at += 1;
      if (isInText) {
        if (byte === QUOTE) isInText = false;
        else if (byte === BACKSLASH) at += 1;
      } else if (byte === QUOTE) {
        isInText = true;
      } else if (byte === COMMA) {
        if (this.#depth === 1 && this.#isBatch) this.#onRequestEnd(at - 1);
        if (++this.#values - this.#valuesBefore > REQUEST_VALUES_MAX) return this.#tooManyValues();
      } else if (byte === OPENING_BRACKET || byte === OPENING_BRACE) {
        if (++this.#depth > JSON_DEPTH_MAX) return PARSE_ERROR;
        if (++this.#values - this.#valuesBefore > REQUEST_VALUES_MAX) return this.#tooManyValues();
      } else if (byte === CLOSING_BRACKET || byte === CLOSING_BRACE) {
        this.#depth -= 1;
      }
    }
    this.#at = at;
    this.#isInText = isInText;
    return this.#values > JSON_VALUES_MAX ? this.#tooManyValues() : undefined;
  }

  #onRequestEnd(comma: number): void {
    this.#valuesBefore = this.#values;
    if (comma - this.#pieceBegin < this.#pieceBytes) return;
    this.cuts.push(comma);
    this.#pieceBegin = comma;
  }

  #tooManyValues(): RpcError {
    const isOne = this.#values <= JSON_VALUES_MAX;
    const what = isOne ? `${REQUEST_VALUES_MAX} values in one request` : `${JSON_VALUES_MAX} values`;
    return tooMuch(`a body with more than ${what}; fewer`).reason;
  }
}

function isBlank(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return false;
  return true;
}

function tooMuch(reason: string): { readonly ok: false; readonly reason: RpcError } {
  const message = `${INVALID_REQUEST.message}: ${reason} are read, send smaller ones`;
  return { ok: false, reason: { ...INVALID_REQUEST, message } };
}

import type { ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { WRITE_BYTES_MAX } from './limits.js';

/** Answers on their way to clients, up to a number of bytes: above it the longest is given up, whoever asked last. */
export class UnreadAnswers {
  readonly #bytesMax: number;
  readonly #readTimeoutMs: number;
  readonly #lengths = new Map<ServerResponse, number>();
  #bytes = 0;

  /** @param limits.readTimeoutMs of a long answer, from the last of it that was taken */
  constructor(limits: { readonly bytesMax: number; readonly readTimeoutMs: number }) {
    this.#bytesMax = limits.bytesMax;
    this.#readTimeoutMs = limits.readTimeoutMs;
  }

  /** Answers with status 200. @param chunks JSON, at least one */
  send(response: ServerResponse, chunks: readonly Buffer[]): void {
    // Its client has gone.
    if (response.destroyed) return;
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const headers = { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '', 'Content-Length': length };
    response.writeHead(200, headers);
    this.#hold(response, length);
    if (length <= WRITE_BYTES_MAX) {
      response.end(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
      return;
    }
    response.setTimeout(this.#readTimeoutMs, () => response.destroy());
    // A client that goes away in between is no error of ours.
    pipeline(Readable.from(pieces(chunks)), response, () => undefined);
  }

  #hold(response: ServerResponse, length: number): void {
    this.#lengths.set(response, length);
    this.#bytes += length;
    response.once('close', () => this.#release(response));
    while (this.#bytes > this.#bytesMax && this.#lengths.size > 1) this.#giveUpLongest();
  }

  #release(response: ServerResponse): void {
    this.#bytes -= this.#lengths.get(response) ?? 0;
    this.#lengths.delete(response);
  }

  #giveUpLongest(): void {
    const [longest] = [...this.#lengths].reduce((one, other) => (other[1] > one[1] ? other : one));
    this.#release(longest);
    longest.destroy();
  }
}

/** Each is written when the client has taken most of those before. */
function* pieces(chunks: readonly Buffer[]): Generator<Buffer> {
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += WRITE_BYTES_MAX) yield chunk.subarray(at, at + WRITE_BYTES_MAX);
  }
}

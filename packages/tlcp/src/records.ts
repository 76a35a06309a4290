/** Records: the outermost form of everything that travels (GB/T 38636-2020, 6.3). */
import { RECORD_FRAGMENT_BYTES_MAX } from './limits.js';

export const ContentType = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;
export type ContentType = (typeof ContentType)[keyof typeof ContentType];

/** type, version, length of the fragment */
const HEADER_BYTES = 5;

export interface RawRecord {
  readonly type: ContentType;
  readonly version: number;
  readonly fragment: Uint8Array;
}

/** What no record begins with: an unknown type, or a version neither of TLCP nor of TLS; or a length above the limit. */
export type RecordFault = 'no record' | 'too long';

const CONTENT_TYPES: ReadonlySet<number> = new Set(Object.values(ContentType));
/** First bytes of 0x0101 and of 0x03xx. */
const MAJOR_VERSIONS: ReadonlySet<number> = new Set([1, 3]);

/** Cuts what a socket delivers into records. Holds at most one that is incomplete, and needs one copy of each byte. */
export class RecordReader {
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerBytes = 0;
  #fragment = new Uint8Array(0);
  #fragmentBytes = 0;

  /** Complete records in order. After a fault there is no way on: the reader must not be used again. */
  *read(chunk: Uint8Array): Generator<RawRecord | RecordFault, void> {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#headerBytes < HEADER_BYTES) {
        const part = rest.subarray(0, HEADER_BYTES - this.#headerBytes);
        this.#header.set(part, this.#headerBytes);
        this.#headerBytes += part.length;
        rest = rest.subarray(part.length);
        const fault = this.#fault();
        if (fault !== undefined) {
          yield fault;
          return;
        }
        if (this.#headerBytes < HEADER_BYTES) return;
        this.#fragment = new Uint8Array(this.#length);
        this.#fragmentBytes = 0;
      }
      const part = rest.subarray(0, this.#fragment.length - this.#fragmentBytes);
      this.#fragment.set(part, this.#fragmentBytes);
      this.#fragmentBytes += part.length;
      rest = rest.subarray(part.length);
      if (this.#fragmentBytes < this.#fragment.length) return;
      this.#headerBytes = 0;
      yield {
        type: this.#header[0] as ContentType,
        version: (this.#header[1]! << 8) | this.#header[2]!,
        fragment: this.#fragment,
      };
    }
  }

  get #length(): number {
    return (this.#header[3]! << 8) | this.#header[4]!;
  }

  /** As soon as it can be seen, so that a client of another protocol is not waited for. */
  #fault(): RecordFault | undefined {
    if (!CONTENT_TYPES.has(this.#header[0]!)) return 'no record';
    if (this.#headerBytes >= 2 && !MAJOR_VERSIONS.has(this.#header[1]!)) return 'no record';
    return this.#headerBytes === HEADER_BYTES && this.#length > RECORD_FRAGMENT_BYTES_MAX ? 'too long' : undefined;
  }
}

/** @param fragment at most 65,535 bytes */
export function encodeRecord(type: ContentType, version: number, fragment: Uint8Array): Uint8Array {
  const record = new Uint8Array(HEADER_BYTES + fragment.length);
  record.set([type, version >> 8, version & 0xff, fragment.length >> 8, fragment.length & 0xff]);
  record.set(fragment, HEADER_BYTES);
  return record;
}

import { concatBytes } from '@menglian/base/bytes';
import { createSm4Gcm, type Sm4Gcm } from '@menglian/crypto/sm4Gcm';
import { GrowingBuffer } from '../growingBuffer.js';
import { nextSecret, recordKey } from './keySchedule.js';
import { RECORDS_PER_KEY_MAX, SEALED_BYTES_MAX, TAG_BYTES } from './smLimits.js';

/*
 * A record is u16 length ‖ SM4-GCM of its content; the length is authenticated with it, and the number of the record
 * under its key is in the nonce. Layouts: docs/links-sm.md, section 5.
 */

export const HEADER_BYTES = 2;

/** The keys of one direction, one after another. */
class DirectionKeys {
  readonly #recordsPerKey: number;
  #secret: Uint8Array;
  #cipher: Sm4Gcm;
  #initializationVector: Uint8Array;
  #sequence = 0;

  constructor(secret: Uint8Array, recordsPerKey: number) {
    this.#recordsPerKey = recordsPerKey;
    this.#secret = secret;
    const { key, initializationVector } = recordKey(secret);
    this.#cipher = createSm4Gcm(key);
    this.#initializationVector = initializationVector;
  }

  /** @returns what the next record is sealed with; both sides count alike, so nobody announces a new key */
  next(): { cipher: Sm4Gcm; nonce: Uint8Array } {
    if (this.#sequence === this.#recordsPerKey) {
      this.#secret = nextSecret(this.#secret);
      const { key, initializationVector } = recordKey(this.#secret);
      this.#cipher = createSm4Gcm(key);
      this.#initializationVector = initializationVector;
      this.#sequence = 0;
    }
    const nonce = this.#initializationVector.slice();
    const view = new DataView(nonce.buffer);
    view.setUint32(8, view.getUint32(8) ^ this.#sequence);
    this.#sequence++;
    return { cipher: this.#cipher, nonce };
  }
}

export class RecordSealer {
  readonly #keys: DirectionKeys;

  constructor(secret: Uint8Array, recordsPerKey = RECORDS_PER_KEY_MAX) {
    this.#keys = new DirectionKeys(secret, recordsPerKey);
  }

  /** @param content at most CONTENT_BYTES_MAX. @returns the whole record */
  seal(content: Uint8Array): Uint8Array {
    const length = content.length + TAG_BYTES;
    const header = Uint8Array.of(length >>> 8, length & 0xff);
    const { cipher, nonce } = this.#keys.next();
    return concatBytes(header, cipher.seal(nonce, content, header));
  }
}

export class RecordOpener {
  readonly #keys: DirectionKeys;

  constructor(secret: Uint8Array, recordsPerKey = RECORDS_PER_KEY_MAX) {
    this.#keys = new DirectionKeys(secret, recordsPerKey);
  }

  /** @param record whole. @returns undefined when it is not the one that the other side has sealed next */
  open(record: Uint8Array): Uint8Array | undefined {
    const { cipher, nonce } = this.#keys.next();
    return cipher.open(nonce, record.subarray(HEADER_BYTES), record.subarray(0, HEADER_BYTES));
  }
}

/** Cuts bytes into records. Holds at most one that is not complete, and grows with what has come, not with what is claimed. */
export class RecordReader {
  readonly #onRecord: (record: Uint8Array) => void;
  #partial: GrowingBuffer | undefined;

  /** @param onRecord gets views that hold until the next `push` */
  constructor(onRecord: (record: Uint8Array) => void) {
    this.#onRecord = onRecord;
  }

  get bufferedBytes(): number {
    return this.#partial?.length ?? 0;
  }

  /** @returns false when a length is none of a record; nothing behind it is read */
  push(chunk: Uint8Array): boolean {
    let rest = chunk;
    while (this.#partial !== undefined && rest.length > 0) {
      const known = this.#partial.view;
      const wanted = known.length < HEADER_BYTES ? HEADER_BYTES : recordBytes(known, 0);
      if (wanted === undefined) return false;
      const part = rest.subarray(0, wanted - known.length);
      rest = rest.subarray(part.length);
      this.#partial.append(part);
      const joined = this.#partial.view;
      if (joined.length < HEADER_BYTES) continue;
      const whole = recordBytes(joined, 0);
      if (whole === undefined) return false;
      if (joined.length === whole) {
        this.#partial = undefined;
        this.#onRecord(joined);
      }
    }
    let offset = 0;
    while (rest.length - offset >= HEADER_BYTES) {
      const length = recordBytes(rest, offset);
      if (length === undefined) return false;
      if (rest.length - offset < length) break;
      this.#onRecord(rest.subarray(offset, offset + length));
      offset += length;
    }
    if (offset < rest.length) {
      this.#partial = new GrowingBuffer();
      this.#partial.append(rest.subarray(offset));
    }
    return true;
  }
}

/** Length of the record whose header is at `offset`, header included; undefined when it cannot hold a tag. */
function recordBytes(bytes: Uint8Array, offset: number): number | undefined {
  const length = bytes[offset]! * 256 + bytes[offset + 1]!;
  return length < TAG_BYTES || length > SEALED_BYTES_MAX ? undefined : HEADER_BYTES + length;
}

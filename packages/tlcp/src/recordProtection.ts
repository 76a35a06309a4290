/**
 * Encryption of records in one direction: SM4-GCM, or SM4-CBC with HMAC-SM3 over the plain content first
 * (GB/T 38636-2020, 6.3.4). Both count records; the number goes under the checksum, so that none can be left out.
 */
import { concatBytes } from '@menglian/base/bytes';
import { equalSecrets } from '@menglian/crypto/constantTime';
import { sm3 } from '@menglian/crypto/hashes';
import { hmac } from '@menglian/crypto/hmac';
import { expandSm4Key, sm4DecryptEcb, sm4EncryptCbc, type Sm4Key } from '@menglian/crypto/sm4';
import { createSm4Gcm } from '@menglian/crypto/sm4Gcm';
import type { CipherSuite } from './cipherSuites.js';
import { MAC_KEY_BYTES, type DirectionKeys } from './keySchedule.js';
import { RECORDS_MAX } from './limits.js';
import type { ContentType } from './records.js';

const BLOCK_BYTES = 16;
const MAC_BYTES = MAC_KEY_BYTES;
const EXPLICIT_NONCE_BYTES = 8;
const TAG_BYTES = 16;
const HASH_BLOCK_BYTES = 64;
/** The most that the last byte of a CBC record can claim, itself not counted. */
const PADDING_BYTES_MAX = 255;

/** Encrypts and decrypts in one mode, without state. */
interface Mode {
  seal(content: Uint8Array, header: (length: number) => Uint8Array, sequence: Uint8Array): Uint8Array;
  open(fragment: Uint8Array, header: (length: number) => Uint8Array): Uint8Array | undefined;
}

/** One direction of a connection. */
export class RecordProtection {
  readonly #mode: Mode;
  readonly #version: number;
  #count = 0;

  /** @param random bytes that nobody can guess, for the vectors of CBC */
  constructor(mode: CipherSuite['mode'], keys: DirectionKeys, version: number, random: (length: number) => Uint8Array) {
    this.#mode = mode === 'gcm' ? gcm(keys) : cbc(keys, random);
    this.#version = version;
  }

  /** No further record may be sent or taken under these keys. */
  get isUsedUp(): boolean {
    return this.#count >= RECORDS_MAX;
  }

  /** @param content at most `RECORD_CONTENT_BYTES_MAX`. @returns the fragment of the next record */
  seal(type: ContentType, content: Uint8Array): Uint8Array {
    const sequence = this.#nextSequence();
    return this.#mode.seal(content, (length) => this.#header(sequence, type, length), sequence);
  }

  /**
   * @returns the content of the next record, which may be longer than allowed; undefined for one that was changed, and
   *   nothing tells in what
   */
  open(type: ContentType, fragment: Uint8Array): Uint8Array | undefined {
    const sequence = this.#nextSequence();
    return this.#mode.open(fragment, (length) => this.#header(sequence, type, length));
  }

  #nextSequence(): Uint8Array {
    const sequence = new Uint8Array(8);
    const view = new DataView(sequence.buffer);
    view.setUint32(0, Math.floor(this.#count / 2 ** 32));
    view.setUint32(4, this.#count % 2 ** 32);
    this.#count += 1;
    return sequence;
  }

  /** What is under the checksum beside the content. */
  #header(sequence: Uint8Array, type: ContentType, length: number): Uint8Array {
    const rest = [type, this.#version >> 8, this.#version & 0xff, (length >> 8) & 0xff, length & 0xff];
    return concatBytes(sequence, Uint8Array.from(rest));
  }
}

/** The explicit half of the nonce is the record's number: never used twice under a key. */
function gcm({ key, salt }: DirectionKeys): Mode {
  const cipher = createSm4Gcm(key);
  return {
    seal: (content, header, sequence) =>
      concatBytes(sequence, cipher.seal(concatBytes(salt, sequence), content, header(content.length))),
    open: (fragment, header) => {
      const length = fragment.length - EXPLICIT_NONCE_BYTES - TAG_BYTES;
      if (length < 0) return undefined;
      const nonce = concatBytes(salt, fragment.subarray(0, EXPLICIT_NONCE_BYTES));
      return cipher.open(nonce, fragment.subarray(EXPLICIT_NONCE_BYTES), header(length));
    },
  };
}

function cbc({ key, macKey }: DirectionKeys, random: (length: number) => Uint8Array): Mode {
  const cipher = expandSm4Key(key);
  return {
    seal: (content, header) => {
      const mac = hmac(sm3, macKey, concatBytes(header(content.length), content));
      const paddingBytes = BLOCK_BYTES - ((content.length + MAC_BYTES) % BLOCK_BYTES);
      // Each byte of the padding tells how many there are, the last not counted.
      const padding = new Uint8Array(paddingBytes).fill(paddingBytes - 1);
      const vector = random(BLOCK_BYTES);
      const padded = sm4EncryptCbc(cipher, vector, concatBytes(content, mac, padding));
      // The block that sm4EncryptCbc adds for its own padding changes none before it.
      return concatBytes(vector, padded.subarray(0, padded.length - BLOCK_BYTES));
    },
    open: (fragment, header) => openCbc(cipher, macKey, fragment, header),
  };
}

/**
 * Wrong padding and a wrong checksum end alike, after as many steps: who can tell them apart can decrypt without the key
 * (RFC 5246, 6.2.3.2, and the attack "Lucky Thirteen"). As even as JavaScript allows, which does not promise times.
 */
function openCbc(
  cipher: Sm4Key,
  macKey: Uint8Array,
  fragment: Uint8Array,
  header: (length: number) => Uint8Array,
): Uint8Array | undefined {
  const encrypted = fragment.subarray(BLOCK_BYTES);
  const bytes = sm4DecryptEcb(cipher, encrypted);
  if (bytes === undefined || bytes.length < MAC_BYTES + BLOCK_BYTES) return undefined;
  for (let i = 0; i < bytes.length; i++) bytes[i]! ^= fragment[i]!;

  const longest = bytes.length - MAC_BYTES - 1;
  const claimed = bytes[bytes.length - 1]!;
  let fault = Number(claimed > longest);
  const paddingBytes = fault === 0 ? claimed : 0;
  const looked = Math.min(PADDING_BYTES_MAX, longest);
  for (let i = 0; i < looked; i++) {
    const isPadding = Number(i < paddingBytes);
    fault |= isPadding * (bytes[bytes.length - 2 - i]! ^ claimed);
  }

  const length = longest - paddingBytes;
  const content = bytes.subarray(0, length);
  const macHeader = header(length);
  const mac = hmac(sm3, macKey, concatBytes(macHeader, content));
  const hashed = (contentBytes: number) => Math.ceil((macHeader.length + contentBytes + 9) / HASH_BLOCK_BYTES);
  // As many blocks of SM3 as the shortest padding would have taken.
  sm3(new Uint8Array((hashed(longest) - hashed(length)) * HASH_BLOCK_BYTES));
  const isRight = equalSecrets(mac, bytes.subarray(length, length + MAC_BYTES));
  return isRight && fault === 0 ? content : undefined;
}

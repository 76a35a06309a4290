import { concatBytes, EMPTY_BYTES, utf8Bytes } from '@menglian/base/bytes';
import { sm3 } from '@menglian/crypto/hashes';
import { hmac } from '@menglian/crypto/hmac';
import { hkdfExpand, hkdfExtract } from '@menglian/crypto/kdf';

/*
 * Keys of a link of an SM chain: docs/links-sm.md, section 4. HKDF is RFC 5869 with SM3.
 */

/** Negotiated by libp2p, and first in the transcript: who speaks another protocol has other keys. */
export const SM_LINK_PROTOCOL = '/menglian/sm-links/1';

export type Role = 'initiator' | 'responder';

const HASH_BYTES = 32;
const KEY_BYTES = 16;
const NONCE_BYTES = 12;

/** u8 length ‖ protocol */
const PROLOGUE = concatBytes(Uint8Array.of(SM_LINK_PROTOCOL.length), utf8Bytes(SM_LINK_PROTOCOL));

/** Everything both sides have said so far, in order. */
export class Transcript {
  #bytes = PROLOGUE;

  /** @returns the hash of everything up to and with `part` */
  append(part: Uint8Array): Uint8Array {
    this.#bytes = concatBytes(this.#bytes, part);
    return this.hash();
  }

  hash(): Uint8Array {
    return sm3(this.#bytes);
  }
}

/** Secrets of one direction each, 32 bytes. */
export type Secrets = Readonly<Record<Role, Uint8Array>>;

/** @param shared x of the common point, 32 bytes. @returns the secret that all others come from */
export function extractSecret(shared: Uint8Array): Uint8Array {
  return hkdfExtract(sm3, shared, sm3(PROLOGUE));
}

export function handshakeSecrets(secret: Uint8Array, transcript: Uint8Array): Secrets {
  return {
    initiator: expand(secret, 'initiator handshake', transcript, HASH_BYTES),
    responder: expand(secret, 'responder handshake', transcript, HASH_BYTES),
  };
}

export function trafficSecrets(secret: Uint8Array, transcript: Uint8Array): Secrets {
  return {
    initiator: expand(secret, 'initiator traffic', transcript, HASH_BYTES),
    responder: expand(secret, 'responder traffic', transcript, HASH_BYTES),
  };
}

/** What follows a traffic secret whose key has sealed its last record. */
export function nextSecret(secret: Uint8Array): Uint8Array {
  return expand(secret, 'next', EMPTY_BYTES, HASH_BYTES);
}

export interface RecordKey {
  /** 16 bytes, of SM4 */
  readonly key: Uint8Array;
  /** 12 bytes */
  readonly initializationVector: Uint8Array;
}

export function recordKey(secret: Uint8Array): RecordKey {
  return {
    key: expand(secret, 'key', EMPTY_BYTES, KEY_BYTES),
    initializationVector: expand(secret, 'iv', EMPTY_BYTES, NONCE_BYTES),
  };
}

/** @param secret handshake secret of the side that sends it. @returns 32 bytes that prove the knowledge of the secret */
export function finishedMac(secret: Uint8Array, transcript: Uint8Array): Uint8Array {
  return hmac(sm3, expand(secret, 'finished', EMPTY_BYTES, HASH_BYTES), transcript);
}

/** HKDF-Expand with the info u16 length ‖ u8 length of label ‖ label ‖ u8 length of context ‖ context. */
function expand(secret: Uint8Array, label: string, context: Uint8Array, length: number): Uint8Array {
  const info = concatBytes(
    Uint8Array.of(0, length, label.length),
    utf8Bytes(label),
    Uint8Array.of(context.length),
    context,
  );
  return hkdfExpand(sm3, secret, info, length);
}

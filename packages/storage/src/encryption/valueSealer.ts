import { concatBytes, fromHex, utf8Bytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { LruMap } from '@menglian/base/lruMap';
import { failure, success, type Result } from '@menglian/base/result';
import type { DataKey } from './dataKey.js';
import {
  additionalDataOf,
  HEADER_BYTES,
  keyIdOf,
  looksSealed,
  nonceOf,
  SALT_BYTES,
  saltOf,
  SEALED_FORMAT,
  SEGMENT_VALUES_MAX,
  segmentNameOf,
  writeCounter,
} from './sealedValue.js';
import { createCipher, deriveKey, type ValueCipher } from './valueCipher.js';

/** Segments whose ciphers are kept: of SM4 each takes 64 kB and half a millisecond to make. */
const SEGMENTS_KEPT_MAX = 64;

/** Why a value cannot be read: it was never encrypted, its key is not here, or it is not what was written at its place. */
export type SealedProblem = 'plain' | 'unknown-key' | 'changed';

interface Segment {
  readonly header: Uint8Array;
  readonly cipher: ValueCipher;
  counter: number;
}

/**
 * Encrypts the values of one store and reads them back. Every sealer draws a salt of its own, and with it the key of its
 * segment: so no key sees a nonce twice, whatever happens to the disk: a process that is killed, a restored copy and a
 * copied folder all go on under another salt, and nothing has to be remembered for it.
 */
export class ValueSealer {
  readonly #purpose: Uint8Array;
  readonly #randomBytes: (count: number) => Uint8Array;
  readonly #segmentValuesMax: number;
  readonly #ciphers = new LruMap<string, ValueCipher>(SEGMENTS_KEPT_MAX);
  #keys: ReadonlyMap<string, DataKey> = new Map();
  #current: DataKey;
  #segment: Segment;

  /**
   * @param storeName values of another store are not taken for those of this one
   * @param keys at least one; the last encrypts
   * @param segmentValuesMax smaller in tests only
   */
  constructor(
    storeName: string,
    keys: readonly DataKey[],
    randomBytes: (count: number) => Uint8Array,
    segmentValuesMax: number = SEGMENT_VALUES_MAX,
  ) {
    this.#purpose = utf8Bytes(`menglian values of ${storeName}`);
    this.#randomBytes = randomBytes;
    this.#segmentValuesMax = segmentValuesMax;
    this.#current = this.#remember(keys);
    this.#segment = this.#beginSegment();
  }

  /** The key that new values are encrypted with. */
  get currentKeyId(): string {
    return this.#current.id;
  }

  /** Goes on with other keys, for what is written from now on. @param keys at least one; the last encrypts */
  useKeys(keys: readonly DataKey[]): void {
    this.#ciphers.clear();
    this.#current = this.#remember(keys);
    this.#segment = this.#beginSegment();
  }

  seal(databaseKey: Uint8Array, value: Uint8Array): Uint8Array {
    if (this.#segment.counter === this.#segmentValuesMax) this.#segment = this.#beginSegment();
    const { header, cipher } = this.#segment;
    writeCounter(header, this.#segment.counter++);
    return concatBytes(header, cipher.seal(nonceOf(header), value, additionalDataOf(header, databaseKey)));
  }

  /** @param stored any bytes */
  open(databaseKey: Uint8Array, stored: Uint8Array): Result<Uint8Array, SealedProblem> {
    if (!looksSealed(stored)) return failure('plain');
    const cipher = this.#cipherOf(stored);
    if (cipher === undefined) return failure('unknown-key');
    const value = cipher.open(nonceOf(stored), stored.subarray(HEADER_BYTES), additionalDataOf(stored, databaseKey));
    return value === undefined ? failure('changed') : success(value);
  }

  #remember(keys: readonly DataKey[]): DataKey {
    const current = keys.at(-1);
    invariant(current !== undefined, 'storage/no-data-key');
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    return current;
  }

  #beginSegment(): Segment {
    const header = new Uint8Array(HEADER_BYTES);
    header[0] = SEALED_FORMAT;
    header.set(fromHex(this.#current.id), 1);
    const salt = this.#randomBytes(SALT_BYTES);
    invariant(salt.length === SALT_BYTES, 'storage/salt-length');
    saltOf(header).set(salt);
    const cipher = this.#makeCipher(this.#current, salt);
    this.#ciphers.set(segmentNameOf(header), cipher);
    return { header, cipher, counter: 0 };
  }

  #cipherOf(sealed: Uint8Array): ValueCipher | undefined {
    const name = segmentNameOf(sealed);
    const kept = this.#ciphers.get(name);
    if (kept !== undefined) return kept;
    const key = this.#keys.get(keyIdOf(sealed));
    if (key === undefined) return undefined;
    const cipher = this.#makeCipher(key, saltOf(sealed));
    this.#ciphers.set(name, cipher);
    return cipher;
  }

  #makeCipher({ algorithm, key }: DataKey, salt: Uint8Array): ValueCipher {
    return createCipher(algorithm, deriveKey(algorithm, key, salt, this.#purpose));
  }
}

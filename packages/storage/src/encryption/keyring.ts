/** The data keys of a node under its master key, as a file keeps them. */
import { parseHex, toHex, utf8Bytes } from '@menglian/base/bytes';
import { failure, success, type Result } from '@menglian/base/result';
import { PBKDF2_ROUNDS_MAX } from '@menglian/crypto/kdf';
import { dataKeyId, KEY_ID_BYTES, type DataKey } from './dataKey.js';
import { MASTER_SALT_BYTES, type KeyManager, type MasterDescription } from './keyManager.js';
import { keyBytesOf, NONCE_BYTES, STORAGE_ALGORITHMS, TAG_BYTES, type StorageAlgorithm } from './valueCipher.js';

export interface WrappedKey {
  readonly id: string;
  readonly algorithm: StorageAlgorithm;
  /** when it was made, ISO 8601 */
  readonly created: string;
  readonly wrapped: Uint8Array;
}

export interface Keyring {
  readonly master: MasterDescription;
  /** The last encrypts, all decrypt. */
  readonly keys: readonly WrappedKey[];
}

const FORMAT = 'menglian-keyring-1';

/** Keys in one keyring. Rotating every month and never dropping one reaches it after eight years. */
export const KEYRING_KEYS_MAX = 100;

/** Characters of a keyring file that are read: far above a full one. */
const KEYRING_CHARACTERS_MAX = 100_000;

const ROUNDS_MIN = 100_000;

/** @returns a keyring that holds `key` too, as the one that encrypts; a sentence when it is full */
export async function withKey(
  keyring: Keyring,
  manager: KeyManager,
  key: DataKey,
  created: string,
): Promise<Result<Keyring>> {
  if (keyring.keys.length >= KEYRING_KEYS_MAX) {
    return failure(
      `the keyring holds ${KEYRING_KEYS_MAX} keys; drop those not needed any more: menglian storage rotate-key --drop`,
    );
  }
  return success({ ...keyring, keys: [...keyring.keys, await wrapKey(manager, key, created)] });
}

/** The same keys under another master key. @param keys of `unlock` */
export async function rewrap(keyring: Keyring, keys: readonly DataKey[], manager: KeyManager): Promise<Keyring> {
  const wrapped: WrappedKey[] = [];
  for (const [index, { created }] of keyring.keys.entries()) {
    wrapped.push(await wrapKey(manager, keys[index]!, created));
  }
  return { master: manager.master, keys: wrapped };
}

/** @returns all data keys, or a sentence when the master key is not theirs */
export async function unlock(keyring: Keyring, manager: KeyManager): Promise<Result<DataKey[]>> {
  const keys: DataKey[] = [];
  for (const wrapped of keyring.keys) {
    const { id, algorithm } = wrapped;
    const key = await manager.unwrap(wrapped.wrapped, contextOf(wrapped));
    if (key === undefined || key.length !== keyBytesOf(algorithm) || dataKeyId(algorithm, key) !== id) {
      return failure(
        `the ${keyring.master.kind === 'file' ? 'key file' : 'passphrase'} does not open data key ${id}; ` +
          'give the one that the keyring was last locked with, or restore the keyring if it was changed',
      );
    }
    keys.push({ id, algorithm, key });
  }
  return success(keys);
}

async function wrapKey(manager: KeyManager, { id, algorithm, key }: DataKey, created: string): Promise<WrappedKey> {
  return { id, algorithm, created, wrapped: await manager.wrap(key, contextOf({ id, algorithm, created })) };
}

function contextOf({ id, algorithm, created }: Omit<WrappedKey, 'wrapped'>): Uint8Array {
  return utf8Bytes(`menglian data key ${id} ${algorithm} ${created}`);
}

export function keyringText({ master, keys }: Keyring): string {
  const document = {
    format: FORMAT,
    master: { kind: master.kind, algorithm: master.algorithm, rounds: master.rounds, salt: toHex(master.salt) },
    keys: keys.map(({ id, algorithm, created, wrapped }) => ({ id, algorithm, created, wrapped: toHex(wrapped) })),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** @param text any text. @returns what is wrong, as the end of a sentence that begins with the name of the file */
export function parseKeyring(text: string): Result<Keyring> {
  if (text.length > KEYRING_CHARACTERS_MAX) return failure('is far larger than a keyring');
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return failure('is not a keyring: it is not JSON');
  }
  if (!isObject(document) || document['format'] !== FORMAT) return failure(`is not a keyring of the format ${FORMAT}`);
  const master = parseMaster(document['master']);
  if (master === undefined) return failure('is a damaged keyring: what it says of its master key cannot be');
  const entries = document['keys'];
  if (!Array.isArray(entries) || entries.length === 0 || entries.length > KEYRING_KEYS_MAX) {
    return failure(`is a damaged keyring: it must hold 1 to ${KEYRING_KEYS_MAX} keys`);
  }
  const keys: WrappedKey[] = [];
  for (const [index, entry] of entries.entries()) {
    const key = parseKey(entry);
    if (key === undefined) return failure(`is a damaged keyring: key ${index + 1} cannot be read`);
    if (keys.some(({ id }) => id === key.id)) return failure(`is a damaged keyring: key ${key.id} is there twice`);
    keys.push(key);
  }
  return success({ master, keys });
}

function parseMaster(value: unknown): MasterDescription | undefined {
  if (!isObject(value)) return undefined;
  const { kind, rounds } = value;
  const algorithm = parseAlgorithm(value['algorithm']);
  const salt = parseBytes(value['salt'], MASTER_SALT_BYTES);
  if (algorithm === undefined || salt === undefined || !Number.isSafeInteger(rounds)) return undefined;
  if (kind === 'file' && rounds === 0) return { kind, algorithm, salt, rounds };
  const isPossible = typeof rounds === 'number' && rounds >= ROUNDS_MIN && rounds <= PBKDF2_ROUNDS_MAX;
  return kind === 'passphrase' && isPossible ? { kind, algorithm, salt, rounds } : undefined;
}

function parseKey(value: unknown): WrappedKey | undefined {
  if (!isObject(value)) return undefined;
  const algorithm = parseAlgorithm(value['algorithm']);
  const id = parseBytes(value['id'], KEY_ID_BYTES);
  const { created } = value;
  if (algorithm === undefined || id === undefined || typeof created !== 'string' || created.length > 40) {
    return undefined;
  }
  const wrapped = parseBytes(value['wrapped'], NONCE_BYTES + keyBytesOf(algorithm) + TAG_BYTES);
  return wrapped === undefined ? undefined : { id: toHex(id), algorithm, created, wrapped };
}

function parseAlgorithm(value: unknown): StorageAlgorithm | undefined {
  return STORAGE_ALGORITHMS.find((algorithm) => algorithm === value);
}

function parseBytes(value: unknown, length: number): Uint8Array | undefined {
  const bytes = typeof value === 'string' ? parseHex(value) : undefined;
  return bytes?.length === length ? bytes : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { parseHex, utf8Bytes } from '@menglian/base/bytes';
import { failure, success, type Result } from '@menglian/base/result';
import type { DataKey } from '@menglian/storage/encryption/dataKey';
import {
  KEY_FILE_BYTES,
  openKeyManager,
  type KeyManager,
  type MasterSecret,
} from '@menglian/storage/encryption/keyManager';
import { unlock, type Keyring } from '@menglian/storage/encryption/keyring';
import { readKeyringFile } from '@menglian/storage/encryption/keyringFile';
import { reasonOf } from '../readText.js';
import type { StorageSecurity } from './storageSecurity.js';

/** Characters of a passphrase and of a key file that are read. */
const SECRET_CHARACTERS_MAX = 4096;

/** Behind the path of config.ini: the file that tells a running node to read its keyring again. */
export const STORAGE_KEY_SIGNAL = '.rotate_storage_key';

const OPEN_TO_OTHERS = 0o077;

export type Environment = Readonly<Record<string, string | undefined>>;

/** A keyring with all its keys, and what can lock it again. */
export interface OpenKeyring {
  readonly path: string;
  readonly keyring: Keyring;
  readonly manager: KeyManager;
  /** The last encrypts. Secrets. */
  readonly keys: readonly DataKey[];
}

/** @returns the keyring that the configuration names, opened; a sentence that never holds the secret */
export async function openConfiguredKeyring(
  security: StorageSecurity,
  inFolder: (path: string) => string,
  environment: Environment,
): Promise<Result<OpenKeyring>> {
  const path = inFolder(security.keyringFile);
  const keyring = await readKeyringFile(path);
  if (keyring === undefined) {
    return failure(
      `there is no keyring ${path} ([storage_security] keyring_file), and encrypted data cannot be read without it; ` +
        'restore it from a copy, or, where nothing is encrypted yet, make one with: menglian storage encrypt',
    );
  }
  if (!keyring.ok) return keyring;
  const secret = readMasterSecret(security, inFolder, environment);
  if (!secret.ok) return secret;
  return openKeyring(path, keyring.value, secret.value);
}

export async function openKeyring(path: string, keyring: Keyring, secret: MasterSecret): Promise<Result<OpenKeyring>> {
  const manager = openKeyManager(keyring.master, secret, plainRandomBytes);
  if (!manager.ok) return failure(`${path}: ${manager.reason}`);
  const keys = await unlock(keyring, manager.value);
  if (!keys.ok) return failure(`${path}: ${keys.reason}`);
  return success({ path, keyring, manager: manager.value, keys: keys.value });
}

export function readMasterSecret(
  { keySource, keyFile, passphraseVariable, passphraseDescriptor }: StorageSecurity,
  inFolder: (path: string) => string,
  environment: Environment,
): Result<MasterSecret> {
  if (keySource === 'file') return readKeyFile(inFolder(keyFile));
  if (passphraseDescriptor > 0) return readDescriptor(passphraseDescriptor);
  const passphrase = environment[passphraseVariable];
  if (passphrase === undefined || passphrase === '') {
    return failure(
      `the passphrase of the storage is not given: put it into the environment variable ${passphraseVariable} ` +
        '([storage_security] passphrase_env), or set key_source=file and key_file',
    );
  }
  if (passphrase.length > SECRET_CHARACTERS_MAX) {
    return failure(`the passphrase in ${passphraseVariable} is longer than ${SECRET_CHARACTERS_MAX} characters`);
  }
  return success({ kind: 'passphrase', bytes: utf8Bytes(passphrase) });
}

/** A pipe gives what it holds once, and rotations need it again. */
const readDescriptors = new Map<number, MasterSecret>();

/** The first line. */
function readDescriptor(descriptor: number): Result<MasterSecret> {
  const known = readDescriptors.get(descriptor);
  if (known !== undefined) return success(known);
  const what = `the passphrase of the storage in file descriptor ${descriptor} ([storage_security] passphrase_fd)`;
  let text: string;
  try {
    text = readFileSync(descriptor, 'utf8');
  } catch (error) {
    return failure(
      `${what} cannot be read: ${reasonOf(error)}; start the node with: ${descriptor}< <(a command that prints it)`,
    );
  }
  const [line = ''] = text.split(/\r?\n/);
  if (line === '' || line.length > SECRET_CHARACTERS_MAX) {
    return failure(`${what} is empty or longer than ${SECRET_CHARACTERS_MAX} characters`);
  }
  const secret: MasterSecret = { kind: 'passphrase', bytes: utf8Bytes(line) };
  readDescriptors.set(descriptor, secret);
  return success(secret);
}

/** @param path of a file with 64 hexadecimal digits that only its owner may read */
export function readKeyFile(path: string): Result<MasterSecret> {
  const what = `the key file ${path} ([storage_security] key_file)`;
  let text: string;
  try {
    const { mode, size } = statSync(path);
    if ((mode & OPEN_TO_OTHERS) !== 0) return failure(`${what} is open to other users; run: chmod 600 ${path}`);
    if (size > SECRET_CHARACTERS_MAX) return failure(`${what} is far larger than a key`);
    text = readFileSync(path, 'latin1');
  } catch (error) {
    return failure(
      `${what} cannot be read: ${reasonOf(error)}; restore it from a copy, name the right one, or make one with: (umask 077; openssl rand -hex ${KEY_FILE_BYTES} > ${path})`,
    );
  }
  const bytes = parseHex(text.trim());
  if (bytes?.length !== KEY_FILE_BYTES) {
    return failure(
      `${what} must hold ${KEY_FILE_BYTES * 2} hexadecimal digits; make one with: openssl rand -hex ${KEY_FILE_BYTES}`,
    );
  }
  return success({ kind: 'file', bytes });
}

/** Not a Buffer, whose slice would be a view. */
export function plainRandomBytes(count: number): Uint8Array {
  return new Uint8Array(randomBytes(count));
}

/** Who can wrap and unwrap data keys. A passphrase and a file are here; hardware and remote services can join. */
import { concatBytes, utf8Bytes } from '@menglian/base/bytes';
import { failure, success, type Result } from '@menglian/base/result';
import { createCipher, deriveKey, NONCE_BYTES, type StorageAlgorithm, stretchKey } from './valueCipher.js';

/** Keeps the master key to itself. */
export interface KeyManager {
  /** What the keyring has to say so that the same master key is found again. */
  readonly master: MasterDescription;
  /** @param context what the wrapped key is said to be: unwrapping it as something else fails */
  wrap(key: Uint8Array, context: Uint8Array): Promise<Uint8Array>;
  /** @returns undefined when the master key is another, or anything was changed */
  unwrap(wrapped: Uint8Array, context: Uint8Array): Promise<Uint8Array | undefined>;
}

export type MasterKind = 'passphrase' | 'file';

export interface MasterDescription {
  readonly kind: MasterKind;
  readonly algorithm: StorageAlgorithm;
  /** 16 random bytes */
  readonly salt: Uint8Array;
  /** of PBKDF2; 0 for a file */
  readonly rounds: number;
}

/** The text that somebody typed, or the bytes of a key file. */
export interface MasterSecret {
  readonly kind: MasterKind;
  readonly bytes: Uint8Array;
}

/** Rounds of PBKDF2 for new passphrases: what OWASP asks of SHA-256 (2023); a guess takes 0.1 s of a core, with SM3 0.3 s. */
const PASSPHRASE_ROUNDS = 600_000;

export const MASTER_SALT_BYTES = 16;

/** Characters a new passphrase must have. */
export const PASSPHRASE_CHARACTERS_MIN = 12;

/** Random bytes a key file must hold. */
export const KEY_FILE_BYTES = 32;

const FILE_PURPOSE = utf8Bytes('menglian master key');

export function newMaster(
  kind: MasterKind,
  algorithm: StorageAlgorithm,
  randomBytes: (count: number) => Uint8Array,
): MasterDescription {
  const rounds = kind === 'passphrase' ? PASSPHRASE_ROUNDS : 0;
  return { kind, algorithm, salt: randomBytes(MASTER_SALT_BYTES), rounds };
}

/**
 * Makes the master key out of its secret, which takes a moment for a passphrase.
 * @returns a sentence when the keyring is under the other kind of secret
 */
export function openKeyManager(
  master: MasterDescription,
  secret: MasterSecret,
  randomBytes: (count: number) => Uint8Array,
): Result<KeyManager> {
  if (secret.kind !== master.kind) {
    return failure(
      `the keyring is locked by a ${master.kind} and the configuration names a ${secret.kind}; ` +
        `set [storage_security] key_source=${master.kind}, or change it with: menglian storage change-master`,
    );
  }
  const { algorithm, salt, rounds } = master;
  const key =
    master.kind === 'passphrase'
      ? stretchKey(algorithm, secret.bytes, salt, rounds)
      : deriveKey(algorithm, secret.bytes, salt, FILE_PURPOSE);
  const cipher = createCipher(algorithm, key);
  return success({
    master,
    wrap: async (data, context) => {
      // Few keys are ever wrapped under one master key: random nonces do not meet.
      const nonce = randomBytes(NONCE_BYTES);
      return concatBytes(nonce, cipher.seal(nonce, data, context));
    },
    unwrap: async (wrapped, context) => {
      if (wrapped.length < NONCE_BYTES) return undefined;
      return cipher.open(wrapped.subarray(0, NONCE_BYTES), wrapped.subarray(NONCE_BYTES), context);
    },
  });
}

/** Codes of this package. Each has a sentence in README.md that says what an operator does about it. */
export type StorageErrorCode =
  /** Another process, or this one, has the folder open. */
  | 'storage/locked'
  /** The folder or a file of it may not be written: rights, or a read-only file system. */
  | 'storage/read-only'
  /** No room or no quota left on the disk. */
  | 'storage/no-space'
  /** Files of the store are missing or their checksums are wrong. */
  | 'storage/corrupt'
  /** The path is not a folder or cannot become one. */
  | 'storage/bad-path'
  /** The process may not open more files. */
  | 'storage/too-many-files'
  /** Any other failure of the disk, or an earlier write that failed. */
  | 'storage/failed'
  /** Used after close. */
  | 'storage/closed'
  /** Encryption is on and the store is not encrypted. */
  | 'storage/plain'
  /** Encryption is off and the store is encrypted. */
  | 'storage/encrypted'
  /** The keyring or the master key is missing or not the right one. */
  | 'storage/key'
  /** A key, value, batch or queue above its limit in `limits.ts`. */
  | 'storage/too-large';

/** Why a store cannot be opened, with a sentence for the operator. */
export interface StorageFailure {
  readonly code: StorageErrorCode;
  readonly message: string;
}

/** What reads and writes of an open store fail with. */
export class StorageError extends Error implements StorageFailure {
  override readonly name = 'StorageError';
  constructor(
    readonly code: StorageErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

import type { StorageErrorCode } from '@menglian/storage/errors';

/** Codes of this package. Each has a sentence in README.md that says what an operator does about it. */
export type LedgerErrorCode =
  /** The store holds a chain with another genesis block. */
  | 'ledger/other-genesis'
  /** The store holds a chain of the other crypto suite. */
  | 'ledger/other-suite'
  /** The store was written in a layout this version does not read. */
  | 'ledger/other-format'
  /** The store holds data, but not a ledger. */
  | 'ledger/not-a-ledger'
  /** The record of the head, or what it points to, is damaged or missing. */
  | 'ledger/corrupt-head'
  /** A stored block is damaged or missing. */
  | 'ledger/corrupt-block'
  /** A stored state value is damaged. */
  | 'ledger/corrupt-state'
  /** An earlier commit failed: the outcome is unknown until the ledger is opened again. */
  | 'ledger/stopped';

/** Why a ledger cannot be opened, with a sentence for the operator. */
export interface LedgerFailure {
  readonly code: LedgerErrorCode | StorageErrorCode;
  readonly message: string;
}

/** Damage found while reading, or use after a failed commit. The node stops: nothing true can be said from here on. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  constructor(
    readonly code: LedgerErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

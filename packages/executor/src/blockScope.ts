import type { CryptoSuite } from '@menglian/crypto/suite';
import type { GasSchedule } from '@menglian/evm/gasSchedule';
import { FREE_STORAGE_SCHEDULE, NORMAL_SCHEDULE } from '@menglian/evm/gasSchedule';
import type { Address } from '@menglian/types/address';
import { BLOCK_RESULT_BYTES_MAX, GAS_LIMIT_MAX } from './limits.js';
import type { ChainInput } from './ports.js';
import { chargers } from './settings.js';
import { AuthorityLists } from './state/authority.js';
import type { CodeCache } from './state/codeCache.js';
import type { StateOverlay } from './state/overlay.js';
import { TemporaryObjects } from './system/temporaryObjects.js';

const NOBODY: ReadonlySet<Address> = new Set();

/** What an executor keeps from block to block. */
export interface ExecutorParts {
  readonly codes: CodeCache;
  /** For ecrecover, which is secp256k1 and keccak on SM chains too. */
  readonly ecdsa: CryptoSuite;
}

/** What is the same for all transactions of a block, and what they hand on to one another. */
export interface BlockScope {
  readonly suite: CryptoSuite;
  readonly overlay: StateOverlay;
  readonly authority: AuthorityLists;
  readonly objects: TemporaryObjects;
  readonly results: BlockResultBytes;
  readonly codes: CodeCache;
  readonly ecdsa: CryptoSuite;
  /** What NUMBER shows. */
  readonly number: number;
  /** The block whose state is read: number - 1 for a block, number for a call. Writes carry parentNumber + 1. */
  readonly parentNumber: number;
  readonly timestampMs: number;
  readonly gasLimit: number;
  readonly schedule: GasSchedule;
  readonly freeStorage: boolean;
  readonly chargeGas: boolean;
  /** Exempt from paying; empty where gas is not charged. */
  readonly chargers: ReadonlySet<Address>;
  blockHash(number: number): Uint8Array | undefined;
}

/** Counts the bytes of outputs and logs of a block against their bound. */
export interface BlockResultBytes {
  hasRoom(bytes: number): boolean;
  take(bytes: number): void;
}

class ResultBytes implements BlockResultBytes {
  #left = BLOCK_RESULT_BYTES_MAX;

  hasRoom(bytes: number): boolean {
    return bytes <= this.#left;
  }

  take(bytes: number): void {
    this.#left -= bytes;
  }
}

/** @param overlay over the view, with nothing written */
export function openBlockScope(
  input: ChainInput,
  header: { readonly number: number; readonly timestampMs: number },
  parentNumber: number,
  parts: ExecutorParts,
  overlay: StateOverlay,
): BlockScope {
  const { suite, view, settings } = input;
  return {
    suite,
    overlay,
    authority: new AuthorityLists(view, parentNumber),
    objects: new TemporaryObjects(),
    results: new ResultBytes(),
    codes: parts.codes,
    ecdsa: parts.ecdsa,
    number: header.number,
    parentNumber,
    timestampMs: header.timestampMs,
    gasLimit: settings.gasLimit > BigInt(GAS_LIMIT_MAX) ? GAS_LIMIT_MAX : Number(settings.gasLimit),
    schedule: settings.freeStorage ? FREE_STORAGE_SCHEDULE : NORMAL_SCHEDULE,
    freeStorage: settings.freeStorage,
    chargeGas: settings.chargeGas,
    chargers: settings.chargeGas ? chargers(view, parentNumber) : NOBODY,
    blockHash: (number) => input.blockHash(number),
  };
}

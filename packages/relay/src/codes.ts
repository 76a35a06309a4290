/** Codes that a relay acts on; numbers are of system contracts (docs/system-contracts.md, "Result codes"). */
import { SdkError } from '@menglian/sdk/sdkError';

/** Ours: the chain has not switched messages between chains on. */
export const INTERCHAIN_OFF = 'InterchainOff';

export const CLIENT_MISSING = -60_201;
export const SEALERS_UNTRUSTED = -60_206;
export const SEQUENCE_GAP = -60_301;
export const EPOCH_EMPTY = -60_703;
export const UNSETTLED_EPOCHS_FULL = -60_704;

export function hasNumber(error: unknown, code: number): boolean {
  return error instanceof SdkError && error.code === code;
}

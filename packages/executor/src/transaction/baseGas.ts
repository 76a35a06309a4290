/** What a transaction costs before any code runs: docs/evm.md, "Base gas". */

const CALL_GAS = 21_000;
const CREATION_GAS = 53_000;
const ZERO_BYTE_GAS = 4;
/** Istanbul's 16 never came to 2.x. */
const NON_ZERO_BYTE_GAS = 68;
const FREE_STORAGE_GAS = 20_000;

/** The normal formula; it also decides about status 4 in groups with free storage. */
export function intrinsicGas(data: Uint8Array, isCreation: boolean): number {
  let zeros = 0;
  for (let i = 0; i < data.length; i++) if (data[i] === 0) zeros++;
  const fixed = isCreation ? CREATION_GAS : CALL_GAS;
  return fixed + zeros * ZERO_BYTE_GAS + (data.length - zeros) * NON_ZERO_BYTE_GAS;
}

/** What is really taken: flat in groups with free storage. */
export function baseGas(intrinsic: number, freeStorage: boolean): number {
  return freeStorage ? FREE_STORAGE_GAS : intrinsic;
}

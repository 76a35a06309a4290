/**
 * The prices in which the two gas schedules of 2.x differ. All other prices are Ethereum's of Istanbul and stand in
 * opcodes/table.ts. A genesis with `enable_free_storage` picks the second one, for good.
 */
export interface GasSchedule {
  readonly sload: number;
  /** CREATE and CREATE2, without the deposit for the code */
  readonly create: number;
  readonly sstoreUnchanged: number;
  /** zero to non-zero */
  readonly sstoreSet: number;
  /** any other change */
  readonly sstoreReset: number;
  /** CALL or CALLCODE with a value, before it fails */
  readonly callValue: number;
  readonly callStipend: number;
}

export const NORMAL_SCHEDULE: GasSchedule = {
  sload: 200,
  create: 32_000,
  sstoreUnchanged: 800,
  sstoreSet: 20_000,
  sstoreReset: 5_000,
  callValue: 9_000,
  callStipend: 2_300,
};

export const FREE_STORAGE_SCHEDULE: GasSchedule = {
  sload: 1_200,
  create: 16_000,
  sstoreUnchanged: 800,
  sstoreSet: 1_200,
  sstoreReset: 1_200,
  callValue: 0,
  callStipend: 5,
};

/** Given back for a storage slot that goes from non-zero to zero; both schedules. */
export const SSTORE_CLEAR_REFUND = 15_000;

/** SSTORE is refused when no more than this is left, whatever it costs (EIP-2200). */
export const SSTORE_SENTRY = 2_300;

export const MEMORY_WORD_GAS = 3;
/** The square of the words is divided by this. */
export const MEMORY_QUADRATIC_DIVISOR = 512;
export const COPY_WORD_GAS = 3;
export const HASH_WORD_GAS = 6;
export const LOG_BYTE_GAS = 8;
export const EXPONENT_BYTE_GAS = 50;

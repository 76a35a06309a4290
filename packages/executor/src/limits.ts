/**
 * Bounds of execution. All of them are rules of the chain: they decide results, so no node may have its own. A change needs
 * a feature version.
 */

/** Bytes of runtime code, 2.x's limit (Ethereum: 24,576). Larger code ends the creation with status 12. */
export const CODE_BYTES_MAX = 0x40000;

/** Gas is counted in JS numbers: a larger `tx_gas_limit` acts as this one, 9 * 10^15. */
export const GAS_LIMIT_MAX = Number.MAX_SAFE_INTEGER;

/**
 * Work of one transaction that its gas does not pay for, in units of one gas of plain instructions (about 10 ns). It is at
 * least this, and as much as the gas limit where that is higher, so one failed inner call with all the gas always fits.
 * A transaction that exceeds it ends with status 12. README, "Execution budget".
 */
export const BUDGET_UNITS_MIN = 100_000_000;

/** Every inner call or creation, for the frame around the code. */
export const BUDGET_UNITS_PER_CALL = 300;

/** Bytes of call data handed to an inner call: they are copied, and 2.x takes no gas for it. */
export const BUDGET_BYTES_PER_UNIT = 8;

/** Per byte of init code, and of code that is not among the latest codes of the transaction: it is loaded and analysed. */
export const BUDGET_UNITS_PER_CODE_BYTE = 20;

/** Every call of a system contract, and each byte of its input: contracts that fail take no gas. */
export const BUDGET_UNITS_PER_SYSTEM_CALL = 1_000;
export const BUDGET_UNITS_PER_SYSTEM_BYTE = 4;

/** Every byte of the rows a system contract looks at: 2.x charges for the rows found only. */
export const BUDGET_UNITS_PER_ROW_BYTE = 4;
/** Every manager of an account that a system contract looks at. */
export const BUDGET_UNITS_PER_MANAGER = 20;

/** Bytes of code that an instruction only looks at, EXTCODESIZE or EXTCODECOPY: it is read from the store. */
export const BUDGET_CODE_BYTES_PER_UNIT = 16;

/** Accounts, slots and rows that are kept after a transaction which only read them; a cache, results do not depend on it. */
export const KEPT_READS_MAX = 200_000;

/** Memory for decoded state that is kept from block to block; more is dropped when a block begins. A cache too. */
export const KEPT_CELL_BYTES_MAX = 32 * 1024 * 1024;

/**
 * Bytes of code that is kept analysed, at about 15 bytes each. It decides what a transaction's budget pays for as newly loaded
 * (every transaction begins with none), so it is a rule too.
 */
export const ANALYSED_CODE_BYTES_MAX = 4 * 1024 * 1024;

/**
 * Bytes of outputs and logs of a block. 2.x has no bound, and a block larger than what a decoder accepts would stop every node
 * that is behind. A transaction that would exceed it ends with status 12 and takes all its gas.
 */
export const BLOCK_RESULT_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Bytes of state a block changes, about. Gas bounds a transaction to some hundred megabytes only, and 2.x does not bound
 * blocks at all. A transaction that would exceed it ends with status 12 and takes all its gas.
 */
export const BLOCK_CHANGE_BYTES_MAX = 128 * 1024 * 1024;

/**
 * Rows of one (table, key) are one value of the state. An insert or update that would make more of them, in number or in
 * bytes, fails with status 21. 2.x has no such bounds and slows down instead.
 */
export const ROWS_PER_KEY_MAX = 262_144;
export const ROWS_BYTES_PER_KEY_MAX = 64 * 1024 * 1024;
/** What a row counts beside its names and values. */
export const ROW_OVERHEAD_BYTES = 64;

/** Managers of one contract; one more fails with status 21. */
export const MANAGERS_MAX = 65_536;

/** Tables, entries and conditions opened in one block: they live to its end. One more fails with status 21. */
export const TEMPORARY_OBJECTS_MAX = 1_000_000;

/**
 * Bytes of output and logs of a transaction that sends messages to other chains. Its receipt is handed over there in a transaction of
 * at most 1 MiB, and messages arrive in order: one that fits into none would hold up all after it. A transaction that would exceed it ends
 * with status 12 and takes all its gas.
 */
export const MESSAGE_RECEIPT_BYTES_MAX = 512 * 1024;

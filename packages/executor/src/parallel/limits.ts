/** Bounds of parallel execution. None decides a result: what does not fit is executed in block order on the group's thread. */

/** Threads that execute for one group. */
export const EXECUTION_WORKERS_MAX = 16;

/** Transactions of a block; more are executed in order. */
export const PARALLEL_TRANSACTIONS_MAX = 65_536;

/** A block's transactions as workers read them. */
export const PARALLEL_BLOCK_BYTES = 16 * 1024 * 1024;

/** State that workers see: values of this block and of those before, each as it was and as it became. */
export const SHARED_STATE_BYTES = 64 * 1024 * 1024;
/** Keys of it. When either is full the next block begins with none. */
export const SHARED_STATE_KEYS_MAX = 262_144;

/** Results of one worker in one block; what does not fit is executed again. */
export const WORKER_RESULT_BYTES = 8 * 1024 * 1024;

/** The longest key a worker asks for: table and key have at most 50 and 255 bytes where anything was ever written. */
export const SHARED_KEY_BYTES_MAX = 4096;

/** Kinds of calls whose cost is remembered. */
export const CALL_KINDS_MAX = 4096;

/**
 * A worker that says nothing for so long is given up: several times what the dearest transaction takes under the default gas
 * limit. The block is then executed on the group's thread, and so are all that follow.
 */
export const BLOCK_STALL_MS_MAX = 30_000;

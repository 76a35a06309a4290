/** Bounds of the interpreter. All of them decide results, so they are rules of the chain and the same on every node. */

/** Items on the stack of one frame (Yellow Paper 9.1). */
export const STACK_LIMIT = 1_024;

/** Depth of the deepest frame; the transaction's own has 0. */
export const CALL_DEPTH_LIMIT = 1_024;

/** BLOCKHASH looks this many blocks back. */
export const BLOCK_HASH_WINDOW = 256;

/**
 * Bytes of memory of one frame. Gas ends growth much earlier: 300 million pay for 12.5 MB, this much costs 34,000 million.
 * Beyond it a frame is out of gas even if a chain sets its limit higher.
 */
export const MEMORY_LIMIT_BYTES = 128 * 1024 * 1024;

/**
 * Bytes of the base or the modulus of the built-in modexp. This much costs 3,400 million gas; beyond it the call fails as on
 * bad input.
 */
export const MODEXP_OPERAND_LIMIT_BYTES = 1024 * 1024;

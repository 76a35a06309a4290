/** Committed blocks whose nonces are remembered, and the reach of a block limit: a chain rule of 2.x, not a setting. */
export const BLOCK_LIMIT_WINDOW = 1000;

/** The one nonce that 2.x never accepts. */
export const FORBIDDEN_NONCE = 2n ** 256n - 1n;

/** Bytes a pooled transaction is charged beside its encoding: objects, map entries, the nonce. Measured about 900. */
export const TRANSACTION_OVERHEAD_BYTES = 1024;

/**
 * Nonces burnt by transactions refused for their chain or group id, remembered as 2.x does. The oldest is forgotten
 * first, so that refused transactions cannot grow the pool.
 */
export const BURNT_NONCES_MAX = 100_000;

/** Public keys of senders remembered, about 200 bytes each; the one not met for longest is forgotten. */
export const SENDER_KEYS_MAX = 20_000;

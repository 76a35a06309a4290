/** Blocks asked for in one request, and sent in one answer. */
export const BLOCKS_PER_REQUEST_MAX = 32;

/** Bytes of blocks in one answer, but for a first block that is larger. Below what one message of the sync plane carries. */
export const BLOCK_RESPONSE_BYTES_MAX = 4 * 1024 * 1024;

/** Requests under way at once, each with another peer where possible. */
export const REQUESTS_MAX = 4;

/** Blocks ahead of the own head that are fetched or kept: enough for all requests under way. */
export const WINDOW_BLOCKS = BLOCKS_PER_REQUEST_MAX * REQUESTS_MAX;

/** Bytes of fetched blocks kept before more is asked for. */
export const DOWNLOADED_BYTES_MAX = 64 * 1024 * 1024;

/** How long a peer may take to answer a request. */
export const REQUEST_TIMEOUT_MS = 5000;

/** A single missing block is left to consensus for this long, which usually has it already. */
export const CONSENSUS_GRACE_MS = 1000;

/** How often a node tells its height when nothing changes, and at most when much does. */
export const STATUS_INTERVAL_MS = 5000;
export const STATUS_INTERVAL_BUSY_MS = 200;

/** A peer that sent a wrong block is not asked again for this long, doubled for each further one up to the maximum. */
export const BLAME_MS = 10_000;
export const BLAME_MS_MAX = 600_000;

/** Peers remembered: more than a group ever has. */
export const PEERS_MAX = 1000;

/** Transactions in one batch, announcement or request. */
export const TRANSACTIONS_PER_MESSAGE_MAX = 4096;

/** Hashes asked for and not yet answered. */
export const TRANSACTIONS_WANTED_MAX = 20_000;

/** How long a peer may take to send a transaction that was asked for. */
export const TRANSACTION_REQUEST_TIMEOUT_MS = 500;

/** Bytes of one block on the wire: tx_count_limit is governed on chain, this is only a parser's guard. */
export const BLOCK_BYTES_MAX = 64 * 1024 * 1024;

/** Bytes of one transaction on the wire. */
export const TRANSACTION_BYTES_MAX = 1024 * 1024;

/** A transaction that a proposal or an announcement names is usually on its way: wait so long before asking for it. */
export const TRANSACTION_GRACE_MS = 20;

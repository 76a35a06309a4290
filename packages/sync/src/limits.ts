/** Blocks asked for in one request, and sent in one answer. */
export const BLOCKS_PER_REQUEST_MAX = 32;

/** With several peers to ask, ranges are cut shorter, down to this: a slow one then holds up little. */
export const BLOCKS_PER_REQUEST_MIN = 8;

/** Bytes of blocks in one answer, but for a first block that is larger. Below what one message of the sync plane carries. */
export const BLOCK_RESPONSE_BYTES_MAX = 4 * 1024 * 1024;

/** Requests for blocks under way at once, all and to one peer. */
export const REQUESTS_MAX = 8;
export const REQUESTS_PER_PEER_MAX = 2;

/** Blocks ahead of the own head that are fetched or kept. */
export const WINDOW_BLOCKS = 128;

/** Bytes of fetched blocks kept before more is asked for; the block after the head is asked for whatever is kept. */
export const DOWNLOADED_BYTES_MAX = 64 * 1024 * 1024;

/** How long a peer may take to answer a request. */
export const REQUEST_TIMEOUT_MS = 5000;

/** The block after the head is asked of a second peer too when the first has not answered for this long. */
export const SECOND_REQUEST_AFTER_MS = 1000;

/** A single missing block is left to consensus for this long, which usually has it already. */
export const CONSENSUS_GRACE_MS = 1000;

/** How often a node tells its height when nothing changes, and at most when much does. */
export const STATUS_INTERVAL_MS = 5000;
export const STATUS_INTERVAL_BUSY_MS = 200;

/** A peer that lied is not asked again for this long, doubled for each further lie up to the maximum. */
export const BLAME_MS = 10_000;
export const BLAME_MS_MAX = 600_000;

/** The same for one that was silent or late, which honest nodes are, too, when links fail. */
export const LATE_MS = 2000;
export const LATE_MS_MAX = 60_000;

/** When all who have a block are being left alone, one of them is asked all the same, no more often than this. */
export const LAST_RESORT_MS = 2000;

/** Peers remembered: more than a group ever has. */
export const PEERS_MAX = 1000;

/** Bytes a second that one peer is served, and that can gather while it asks nothing. */
export const SERVED_BYTES_PER_SECOND = 8 * 1024 * 1024;
export const SERVED_BYTES_BURST = 16 * 1024 * 1024;

/** The same for all peers together: serving must leave time for consensus. */
export const SERVED_BYTES_PER_SECOND_ALL = 32 * 1024 * 1024;
export const SERVED_BYTES_BURST_ALL = 64 * 1024 * 1024;

/** What the smallest request costs of these: bounds requests a second that are answered with nothing. */
export const SERVED_BYTES_MIN = 64 * 1024;

/** Requests of one peer that wait for its budget; more are dropped, and asked again by who means them. */
export const SERVE_QUEUE_MAX = 8;

/** Answers given at one tick to requests that had waited. */
export const SERVED_PER_TICK = 4;

/** Bytes of one chunk of a snapshot. */
export const CHUNK_BYTES_MAX = 256 * 1024;

/** Chunks of one snapshot: 16 GiB. */
export const SNAPSHOT_CHUNKS_MAX = 65_536;

/** Bytes of a manifest: the hashes of its chunks, and room for the rest. */
export const MANIFEST_BYTES_MAX = SNAPSHOT_CHUNKS_MAX * 32 + 1024;

/** Snapshots that one peer offers. */
export const OFFERS_MAX = 2;

/** Peers asked for offers in one attempt. */
export const OFFER_PEERS_MAX = 16;

/** How long offers are gathered before the best is tried: at least so that more than one peer is known, and at most. */
export const OFFER_SETTLE_MS = 300;
export const OFFER_WAIT_MS = 1500;

/** Chunks under way at once, all and from one peer. */
export const CHUNK_REQUESTS_MAX = 4;
export const CHUNK_REQUESTS_PER_PEER_MAX = 2;

/** Headers fetched, and time taken, to get from a trusted list of sealers to the one of a snapshot. */
export const TRUST_STEPS_MAX = 16_384;
export const TRUST_MS_MAX = 120_000;

/** Attempts to get a snapshot that brought nothing, before blocks are fetched instead for a while. */
export const SNAPSHOT_ATTEMPTS_MAX = 3;
export const SNAPSHOT_REST_MS = 60_000;
export const SNAPSHOT_REST_MS_MAX = 600_000;

/** Transactions in one batch, announcement or request. */
export const TRANSACTIONS_PER_MESSAGE_MAX = 4096;

/** Hashes asked for and not yet answered. */
export const TRANSACTIONS_WANTED_MAX = 20_000;

/** Of these, at most so many because one peer announced them: what proposals need has room beside it. */
export const TRANSACTIONS_ANNOUNCED_MAX = 4096;

/** How long a peer may take to send a transaction that was asked for. */
export const TRANSACTION_REQUEST_TIMEOUT_MS = 500;

/** Bytes of one block on the wire: tx_count_limit is governed on chain, this is only a parser's guard. */
export const BLOCK_BYTES_MAX = 64 * 1024 * 1024;

/** Bytes of one transaction on the wire. */
export const TRANSACTION_BYTES_MAX = 1024 * 1024;

/** A transaction that a proposal or an announcement names is usually on its way: wait so long before asking for it. */
export const TRANSACTION_GRACE_MS = 20;

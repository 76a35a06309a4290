/**
 * Nonces are kept ready for this many blocks: a transaction's block limit is at most 1000 above the head, so a nonce
 * older than that belongs to a transaction that is refused anyway.
 */
export const NONCE_WINDOW_BLOCKS = 1000;

/** Blocks whose links and checksums are verified when a ledger is opened. The head is checked to its last byte. */
export const VERIFIED_TAIL_BLOCKS = 16;

/**
 * Blocks looked for in the index when a ledger is opened. LevelDB skips damaged records of its log without a word and goes
 * on behind them, so a block and its changes could be missing in the middle. Two logs of 16 MiB hold fewer blocks than
 * this, at a kilobyte and more each.
 */
export const INDEXED_TAIL_BLOCKS = 32_768;

/** Recent blocks kept in memory: at most this many … */
export const CACHED_BLOCKS = 64;
/** … and at most this many stored bytes. A block that was decoded as a whole takes about four times its stored bytes. */
export const CACHED_BLOCK_BYTES = 48 * 1024 * 1024;

/** Fields of a row, its key field included. 2.x bounds the names of a table to 1024 bytes together. */
export const MAX_ROW_FIELDS = 1024;

/** Rows of one (table, key): they are one value, read and written as a whole. */
export const MAX_ROWS = 1_048_576;

/** Managers of one contract. */
export const MAX_MANAGERS = 1_048_576;

/** Characters of a consensus record's key. */
export const MAX_CONSENSUS_KEY_CHARACTERS = 128;

/** Highest block number: five bytes in the transaction index. */
export const MAX_BLOCK_NUMBER = 2 ** 40 - 1;

/** Bytes of state values kept in memory for reading, about 50,000 accounts or rows. */
export const STATE_CACHE_BYTES = 16 * 1024 * 1024;

/** Hashes of this many blocks go into a snapshot: as far back as a contract may ask. */
export const SNAPSHOT_HASHES = 256;

/** Bytes of one chunk of a snapshot; the last one is shorter. Fits a message of the sync plane. */
export const SNAPSHOT_CHUNK_BYTES = 256 * 1024;

/** Chunks of one snapshot: 16 GiB. */
export const MAX_SNAPSHOT_CHUNKS = 65_536;

/** Rows read at once while a snapshot is made or served. */
export const SNAPSHOT_PAGE_ENTRIES = 512;

/** Bytes written at once while a snapshot is installed. */
export const INSTALL_BATCH_BYTES = 4 * 1024 * 1024;

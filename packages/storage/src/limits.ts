/**
 * Longest key in bytes: more than any text a transaction can carry, so that no row a contract comes to write is refused
 * this late. Keys in real use have tens of bytes.
 */
export const MAX_KEY_BYTES = 2 * 1024 * 1024;

/** Largest value in bytes. A stored block is the largest of ours; LevelDB counts lengths in 32 bits. */
export const MAX_VALUE_BYTES = 512 * 1024 * 1024;

/** Most bytes of keys and values in one batch: LevelDB keeps a batch in memory three times over while it writes it. */
export const MAX_BATCH_BYTES = 768 * 1024 * 1024;

/** Most operations in one batch. */
export const MAX_BATCH_OPERATIONS = 4_000_000;

/** Most entries one scan returns. */
export const MAX_SCAN_ENTRIES = 10_000;

/** Most snapshots open at once: each keeps overwritten values on the disk, so one that is forgotten must show. */
export const MAX_SNAPSHOTS = 16;

/** Batches waiting behind a write under way join into one write (and one sync) up to this many bytes. */
export const GROUP_WRITE_BYTES = 8 * 1024 * 1024;

/** Writes that may wait; more means that the caller does not await them. */
export const MAX_QUEUED_WRITES = 10_000;

/**
 * LevelDB keeps this many bytes of writes in memory, up to twice, before it sorts them into tables. Its own default is 4 MiB,
 * but most of what a block writes is the block itself, and each table has keys of the state and of the index of transactions
 * from everywhere: the fewer tables, the less is rewritten. With 16 MiB a transaction cost 10 µs of compaction at first and 45
 * after a million of them, with 64 MiB 7 and 15 (benchmarks/README.md, "Growth").
 */
export const LEVEL_WRITE_BUFFER_BYTES = 64 * 1024 * 1024;

/**
 * Size of a table on the disk. LevelDB rewrites whole tables, so larger ones make fewer and longer compactions; its own
 * default.
 */
export const LEVEL_TABLE_BYTES = 2 * 1024 * 1024;

/** Uncompressed table blocks LevelDB caches for reads. */
export const LEVEL_CACHE_BYTES = 32 * 1024 * 1024;

/** Files LevelDB holds open; with several groups in a process they share its limit. */
export const LEVEL_MAX_OPEN_FILES = 256;

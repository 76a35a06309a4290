/** A payload above this is not decoded: a full batch of entries with one over-long entry at its end fits. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** Entries go out in messages of about this size; one entry that is larger goes alone. */
export const MAX_APPEND_BYTES = 1024 * 1024;

/** Entries in one message, whatever their size. */
export const MAX_APPEND_ENTRIES = 1024;

/** One entry: the largest proposal, 10,000 transaction hashes and 1024 sealers, has 390 kB. */
export const MAX_ENTRY_BYTES = 512 * 1024;

/** Appends sent to one follower and not answered. */
export const MAX_INFLIGHT_MESSAGES = 64;
export const MAX_INFLIGHT_BYTES = 8 * 1024 * 1024;

/** Entries that a leader takes above what is committed. */
export const MAX_UNCOMMITTED_BYTES = 8 * 1024 * 1024;

/** Heights that may be proposed above the stored head. */
export const WINDOW_HEIGHTS = 8;

/** A learner that lacks no more than this becomes a voter. */
export const PROMOTION_LAG_ENTRIES = 16;

/** Entries of stored blocks kept in the log for followers that are a little behind; those further behind use block sync. */
export const LOG_TAIL_ENTRIES = 256;
export const LOG_TAIL_BYTES = 8 * 1024 * 1024;

/** The log is cut by at least so many entries at a time. */
export const COMPACTION_STEP_ENTRIES = 32;

/** A node is reported once for a fault at a height; what is so many heights below the head is forgotten. */
export const ACCUSATION_HEIGHTS = 64;

/** Results of heights above the window are not kept. */
export const RESULT_WINDOW_HEIGHTS = 2 * WINDOW_HEIGHTS;

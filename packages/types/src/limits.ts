/** Bounds of what decoders accept, each with its reason. Callers with a smaller need bound the bytes before. */

/** Four times the largest contract code (262,144 bytes), so that deployments with long arguments fit. */
export const MAX_TRANSACTION_BYTES = 1_048_576;

/** Far above what `tx_count_limit` can usefully be; keeps the offset table below 4 MiB. */
export const MAX_BLOCK_TRANSACTIONS = 1_048_576;

/** What a peer may make a node read as one block: a thousand large transactions with their receipts fit. */
export const MAX_BLOCK_BYTES = 268_435_456;

/** Voting cost grows with the square of the sealers; groups of more than a hundred are unknown. */
export const MAX_SEALERS = 1024;

/** Only genesis has an item, its mark. */
export const MAX_HEADER_EXTRA_DATA_ITEMS = 64;

/** The longest signature is that of the sm suite: r ‖ s ‖ public key. */
export const MAX_SIGNATURE_BYTES = 128;

/** LOG4 is the widest log instruction. */
export const MAX_LOG_TOPICS = 4;

/** A log costs at least 375 gas, so a transaction of the usual 300,000,000 gas cannot have more than this. */
export const MAX_RECEIPT_LOGS = 1_048_576;

/** 16^16 leaves: more than an index can count. */
export const MAX_MERKLE_LEVELS = 16;

/** Groups are numbers of 1 to this, in every protocol of 2.x: a signed 16-bit integer there. */
export const MAX_GROUP_ID = 32_767;

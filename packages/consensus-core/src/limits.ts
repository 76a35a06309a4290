/** Sealers in one group. All-to-all voting is not meant for more. */
export const MAX_SEALERS = 1024;

/**
 * Transactions in one proposal, whatever the chain's configuration says: 320 kB of hashes, so that a new-view that holds
 * such a proposal of each of a quorum of 20 fits one message.
 */
export const MAX_PROPOSAL_TRANSACTIONS = 10_000;

/** The longest signature of any suite is 128 bytes (sm). */
export const MAX_SIGNATURE_BYTES = 160;

/** Heights and views above this are refused; leaves room for arithmetic on safe integers. */
export const MAX_COUNTER = 2 ** 48;

/** Verdicts kept about signatures: some heights' worth of votes for a large group. */
export const MAX_CACHED_VERDICTS = 8192;

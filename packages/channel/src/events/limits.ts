/** Characters of one request: the most addresses and topics that are read fit with room. */
export const REQUEST_CHARACTERS_MAX = 262_144;

/** Characters of the name that an SDK gives a filter; SDKs send 32. */
export const FILTER_ID_CHARACTERS_MAX = 256;

/** Addresses of one filter. */
export const FILTER_ADDRESSES_MAX = 256;

/** Topics that one filter accepts at one position. */
export const FILTER_ALTERNATIVES_MAX = 256;

/** Filters of one connection in one group. */
export const SESSION_FILTERS_MAX = 256;

/** Filters of one group, over all connections. */
export const GROUP_FILTERS_MAX = 10_000;

/** Addresses and topics in all filters of a group, about 100 bytes each: without it, the limits above allow 1 GB. */
export const GROUP_VALUES_MAX = 200_000;

/** Characters of one push; only a single log that is longer itself is sent whole. */
export const PUSH_CHARACTERS_MAX = 524_288;

/**
 * Work after which a turn ends, so that consensus is not kept waiting: receipts and logs read, addresses and topics looked
 * up, logs compared, texts written. About 4 ms; the block that was begun is finished.
 */
export const TURN_WORK_MAX = 2000;

/** Characters pushed that count as much as one log read. */
export const CHARACTERS_PER_WORK = 256;

/** Blocks whose logs are held for the filters that come to them next, and the bytes of those logs. */
export const HELD_BLOCKS_MAX = 64;
export const HELD_BYTES_MAX = 67_108_864;

/** How long filters wait that have something to push to connections which read too slowly. */
export const RETRY_DELAY_MS = 100;

import { MAX_GROUP_ID } from '@menglian/types/limits';

/** Bounds of 2.x on what tables hold, in bytes. */
export const MAX_KEY_BYTES = 255;
/** Largest MEDIUMBLOB of the MySQL backend of 2.x. */
export const MAX_VALUE_BYTES = 16 * 1024 * 1024 - 1;
export const MAX_FIELD_NAME_BYTES = 64;
/** Names of all value fields together, commas included. */
export const MAX_FIELD_LIST_BYTES = 1024;
/** With the prefix `u_`. */
export const MAX_TABLE_NAME_BYTES = 50;
/** Permission alone admits longer names than createTable makes; prefix included. */
export const MAX_PERMISSION_TABLE_NAME_BYTES = 64;
export const MAX_CNS_NAME_BYTES = 128;
export const MAX_CNS_VERSION_BYTES = 128;
export const NODE_ID_DIGITS = 128;

/**
 * Nesting of JSON in CRUD arguments. A condition needs three levels; the reader recurses once a level. The length of the
 * text is bounded by the transaction's.
 */
export const MAX_JSON_DEPTH = 16;

/** Calls of contracts by system contracts that nest in one another: a message, what it sends, and what that calls. */
export const SYSTEM_CALLS_DEPTH_MAX = 16;

/** Logs of one such call: the receipt of a delivery has to hold those of several, and to stay small enough to be proven itself. */
export const INNER_LOG_BYTES_MAX = 64 * 1024;

/** Groups that the router chooses among: each registration looks at all of them. */
export const ROUTED_GROUPS_MAX = 1024;
/** As bigint, for arguments. */
export const ROUTED_GROUP_NUMBER_MAX = BigInt(MAX_GROUP_ID);
/** Weight of one group; the sum of all stays far below 2^53. */
export const ROUTED_WEIGHT_MAX = 1_000_000n;
/** Users of one group that a capacity may name. */
export const ROUTED_USERS_MAX = 1_000_000_000_000n;
/** Ranges of time that the router keeps: a century of months. */
export const ROUTED_PERIODS_MAX = 1024;
/** Ends of periods, the largest time of JavaScript. */
export const ROUTED_TIME_MS_MAX = 8_640_000_000_000_000n;
/** Names of users, organisations and contracts. */
export const ROUTED_KEY_BYTES_MAX = 128;

/** Blocks that a transaction over two chains may wait for the other one: eleven days at a block a second. */
export const CROSS_TIMEOUT_BLOCKS_MAX = 1_000_000;
/** Gas of a participant for each step: half of what a message has, so the other half does for what is written around it. */
export const CROSS_PARTICIPANT_GAS = 10_000_000;
/** What is kept of a participant's reason. */
export const CROSS_REASON_BYTES_MAX = 256;

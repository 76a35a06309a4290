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

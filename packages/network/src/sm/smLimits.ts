/** Of SM4-GCM. */
export const TAG_BYTES = 16;
/** Content and tag of one record: all that its length can say. */
export const SEALED_BYTES_MAX = 65_535;
export const CONTENT_BYTES_MAX = SEALED_BYTES_MAX - TAG_BYTES;

/**
 * Records that one key seals before the next one follows: at most 2^32 blocks of SM4, so that what missing repetitions
 * could tell stays below a chance of 2^-64 (RFC 8446, 5.5, allows more).
 */
export const RECORDS_PER_KEY_MAX = 1_048_576;

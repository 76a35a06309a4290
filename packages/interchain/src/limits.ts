/** Bytes of a proof handed to a contract: a header with a thousand signatures and receipts of some hundred kilobytes fit. */
export const MESSAGE_BUNDLE_BYTES_MAX = 4 * 1024 * 1024;

/** Receipts that one header proves in one bundle. */
export const BUNDLE_RECEIPTS_MAX = 64;

/** Bytes of one message: amounts, names and a call's arguments fit; files do not belong on a chain. */
export const MESSAGE_PAYLOAD_BYTES_MAX = 16 * 1024;

/**
 * Epochs of a shadow account that are closed and of which its chain does not know that they were booked. More would only hide
 * that nobody carries messages.
 */
export const UNSETTLED_EPOCHS_MAX = 4n;

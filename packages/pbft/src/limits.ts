/**
 * Heights that may be in flight above the stored head: ordered, executed and stored at the same time. A view change carries
 * a certificate for each.
 */
export const WINDOW_HEIGHTS = 8;

/** Claims in one view change: the largest window that another node may have been set to. */
export const MAX_CLAIMS = 16;

/** A payload above this is not decoded: the largest proposal and, in groups of up to 30, the largest new-view fit. */
export const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;

/** Messages kept for heights just above the window: peers that have stored a block move on before we have. */
export const FUTURE_HEIGHTS = 8;

/** Messages about views, and false signatures, of one peer that are borne in one go, and how soon another one is. */
export const ALLOWANCE_AT_ONCE = 16;
export const ALLOWANCE_INTERVAL_MS = 50;

/** Messages kept for views above ours, until the proof of the view arrives. */
export const FUTURE_VIEWS = 8;

/** Kept for one peer: a window of heights of pre-prepare, prepare, commit and checkpoint, twice over. */
export const FUTURE_MESSAGES_PER_PEER = 64;

/** Kept for one peer: the largest proposal fits. */
export const FUTURE_BYTES_PER_PEER = 4 * 1024 * 1024;

/** Proposals remembered for one height. Each view adds one; the oldest that no certificate names makes room. */
export const MAX_CANDIDATES = 8;

/** Heights that may be in flight above the stored head. Per-height state is keyed by height; one is carried today. */
export const WINDOW_HEIGHTS = 1;

/** A payload above this is not decoded: the largest proposal and, in groups of up to 30, the largest new-view fit. */
export const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;

/** Messages kept for heights just above the window: peers that have stored a block move on before we have. */
export const FUTURE_HEIGHTS = 2;

/** Messages kept for views above ours, until the proof of the view arrives. */
export const FUTURE_VIEWS = 8;

/** Kept for one peer: two heights of pre-prepare, prepare, commit and checkpoint, several times over. */
export const FUTURE_MESSAGES_PER_PEER = 32;

/** Kept for one peer: the largest proposal fits. */
export const FUTURE_BYTES_PER_PEER = 4 * 1024 * 1024;

/** Proposals remembered for one height. Each view adds one; the oldest that no certificate names makes room. */
export const MAX_CANDIDATES = 8;

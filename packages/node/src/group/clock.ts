/** Time as a group sees it; the one place where it comes from the machine. */
export interface Clock {
  /** Never goes back: for timers and ages. */
  monotonicMs(): number;
  /** Milliseconds since 1970: for the timestamps of blocks only. */
  wallMs(): number;
}

export const SYSTEM_CLOCK: Clock = {
  monotonicMs: () => Math.floor(performance.now()),
  wallMs: () => Date.now(),
};

/** Time as a group sees it; this file is the one place where it comes from the machine. */
export interface Clock {
  /** Never goes back: for timers and ages. */
  monotonicMs(): number;
  /** Milliseconds since 1970: for the timestamps of blocks only. */
  wallMs(): number;
}

/** Takes back what was asked of `Timers`; nothing when it has run already. */
export type Cancel = () => void;

/** How a group lets time pass. A test that gives its own, beside its own clock, decides the order of all that happens. */
export interface Timers {
  /** Runs once, not before `delayMs` have passed. */
  setTimer(run: () => void, delayMs: number): Cancel;
  /** Runs again and again, about every `periodMs`. */
  setInterval(run: () => void, periodMs: number): Cancel;
  /** Runs once the work at hand is done and waiting input has had its turn. */
  soon(run: () => void): Cancel;
}

export const SYSTEM_CLOCK: Clock = {
  monotonicMs: () => Math.floor(performance.now()),
  wallMs: () => Date.now(),
};

export const SYSTEM_TIMERS: Timers = {
  setTimer(run, delayMs) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  setInterval(run, periodMs) {
    const timer = setInterval(run, periodMs);
    return () => clearInterval(timer);
  },
  soon(run) {
    const immediate = setImmediate(run);
    return () => clearImmediate(immediate);
  },
};

/** What a client takes from its surroundings. Tests give their own. */
export interface Ports {
  /** Bytes that nobody can guess: nonces and keys are made of them. */
  random(length: number): Uint8Array;
  /** Milliseconds of a clock that never goes back. */
  nowMs(): number;
  /** Calls back once. @returns how to call it off */
  after(delayMs: number, callback: () => void): () => void;
}

/** Those of the platform, browser or Node. */
export const PLATFORM_PORTS: Ports = {
  random: (length) => globalThis.crypto.getRandomValues(new Uint8Array(length)),
  nowMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

export function sleep(ports: Ports, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    ports.after(delayMs, resolve);
  });
}

import type { Ports } from '../ports.js';

/** Time that passes at once when somebody waits, and bytes that only look random. */
export function fakePorts(): Ports & { elapsedMs: number } {
  let drawn = 0;
  const ports = {
    elapsedMs: 0,
    random: (length: number) => Uint8Array.from({ length }, () => (drawn = (drawn * 73 + 41) % 251)),
    nowMs: () => ports.elapsedMs,
    after(delayMs: number, callback: () => void) {
      const immediate = setImmediate(() => {
        ports.elapsedMs += delayMs;
        callback();
      });
      return () => clearImmediate(immediate);
    },
  };
  return ports;
}

import { expect } from 'vitest';

/**
 * Vitest compares arrays of bytes one property at a time, which takes seconds for some hundred kilobytes. This says the same of
 * arrays of bytes of one kind, at once.
 */
expect.addEqualityTesters([
  (a: unknown, b: unknown): boolean | undefined => {
    if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array) || a.constructor !== b.constructor) return undefined;
    return Buffer.compare(a, b) === 0;
  },
]);

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteChunks } from './byteChunks.js';

it('reads bytes in chunks as if they were one', () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 9 });
  fc.assert(
    fc.property(chunks, fc.nat(90), fc.nat(90), (parts, begin, length) => {
      const whole = Buffer.concat(parts);
      const bytes = new ByteChunks(parts);
      expect(bytes.length).toBe(whole.length);
      expect(bytes.slice(begin, begin + length)).toEqual(whole.subarray(begin, begin + length));
    }),
    { numRuns: 1000 },
  );
});

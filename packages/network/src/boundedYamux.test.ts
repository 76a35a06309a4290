import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '@menglian/base/bytes';
import { YamuxFrameGuard } from './boundedYamux.js';
import { STREAM_WINDOW_BYTES } from './limits.js';

function yamuxFrame(type: number, length: number, body: number): Uint8Array {
  const bytes = new Uint8Array(12 + body).fill(0xab);
  bytes.set([0, type, 0, 0, 0, 0, 0, 1, length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255]);
  return bytes;
}

describe('YamuxFrameGuard', () => {
  it('passes the same bytes on, in whole frames, however they are cut', () => {
    const frames = fc.array(fc.oneof(fc.nat(200), fc.constant(-1)), { maxLength: 10 });
    fc.assert(
      fc.property(frames, fc.array(fc.nat(50), { maxLength: 60 }), (lengths, cuts) => {
        const parts = lengths.map((length) => (length < 0 ? yamuxFrame(1, 70_000, 0) : yamuxFrame(0, length, length)));
        const ends = new Set<number>();
        let end = 0;
        for (const part of parts) ends.add((end += part.length));
        const bytes = concatBytes(...parts);
        const passed: Uint8Array[] = [];
        let passedBytes = 0;
        const guard = new YamuxFrameGuard((whole) => {
          passed.push(whole);
          passedBytes += whole.length;
          expect(ends.has(passedBytes)).toBe(true);
        });
        let offset = 0;
        for (const length of [...cuts, bytes.length]) {
          guard.push(bytes.subarray(offset, offset + length));
          offset += length;
        }
        expect(concatBytes(...passed)).toEqual(bytes);
        expect(guard.bufferedBytes).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a data frame beyond the window when its header is there', () => {
    const header = yamuxFrame(0, STREAM_WINDOW_BYTES + 1, 0);
    const whole = new YamuxFrameGuard(() => {});
    expect(() => whole.push(header)).toThrow(RangeError);
    const pieces = new YamuxFrameGuard(() => {});
    expect(() => {
      for (const byte of header) pieces.push(Uint8Array.of(byte));
    }).toThrow(RangeError);
    const allowed = new YamuxFrameGuard(() => {});
    allowed.push(yamuxFrame(0, STREAM_WINDOW_BYTES, 0));
    expect(allowed.bufferedBytes).toBe(12);
  });

  it('takes the length of other frames for what it is there: no length', () => {
    const passed: Uint8Array[] = [];
    new YamuxFrameGuard((whole) => passed.push(whole)).push(yamuxFrame(1, 0xffff_ffff, 0));
    expect(passed).toHaveLength(1);
  });
});

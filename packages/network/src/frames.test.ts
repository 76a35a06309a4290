import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '@menglian/base/bytes';
import { FRAME_HEADER_BYTES, FrameReader, writeFrameHeader, type FrameFault } from './frames.js';

interface ReadFrame {
  readonly group: number;
  readonly payload: number[];
}

function frame(group: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
  writeFrameHeader(bytes, 0, group, payload.length);
  bytes.set(payload, FRAME_HEADER_BYTES);
  return bytes;
}

function read(chunks: readonly Uint8Array[], maxPayloadBytes = 1000): { frames: ReadFrame[]; fault?: FrameFault } {
  const frames: ReadFrame[] = [];
  const reader = new FrameReader(maxPayloadBytes, (group, payload) => frames.push({ group, payload: [...payload] }));
  for (const chunk of chunks) {
    const fault = reader.push(chunk);
    if (fault !== undefined) return { frames, fault };
  }
  return { frames };
}

function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let offset = 0;
  for (const length of lengths) {
    chunks.push(bytes.subarray(offset, offset + length));
    offset += length;
  }
  return [...chunks, bytes.subarray(offset)];
}

describe('FrameReader', () => {
  it('gives the same frames however the bytes are cut', () => {
    const frames = fc.array(
      fc.record({ group: fc.integer({ min: 1, max: 32_767 }), payload: fc.uint8Array({ maxLength: 1000 }) }),
      { maxLength: 8 },
    );
    const lengths = fc.array(fc.nat(300), { maxLength: 60 });
    fc.assert(
      fc.property(frames, lengths, (sent, cuts) => {
        const bytes = concatBytes(...sent.map(({ group, payload }) => frame(group, payload)));
        const expected = sent.map(({ group, payload }) => ({ group, payload: [...payload] }));
        expect(read(cut(bytes, cuts))).toEqual({ frames: expected });
      }),
      { numRuns: 300 },
    );
  });

  it('reads a frame byte by byte', () => {
    const bytes = concatBytes(frame(7, Uint8Array.of(1, 2, 3)), frame(0, new Uint8Array(0)));
    expect(read([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual({
      frames: [
        { group: 7, payload: [1, 2, 3] },
        { group: 0, payload: [] },
      ],
    });
  });

  it('takes the longest payload and refuses a length field that claims more, before any of it has come', () => {
    expect(read([frame(1, new Uint8Array(1000))]).frames).toHaveLength(1);
    const header = frame(1, new Uint8Array(1001)).subarray(0, FRAME_HEADER_BYTES);
    expect(read([header]).fault).toBe('FrameTooLong');
    expect(read([Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1, 0, 1)]).fault).toBe('FrameTooLong');
  });

  it.each<[string, number[], FrameFault]>([
    ['a length that does not cover the header', [0, 0, 0, 2, 1, 0, 1], 'FrameTooShort'],
    ['another version', [0, 0, 0, 3, 2, 0, 1], 'UnknownFrameVersion'],
    ['a group above 32767', [0, 0, 0, 3, 1, 0x80, 0], 'BadGroup'],
    ['a heartbeat with a payload', [0, 0, 0, 4, 1, 0, 0, 9], 'BadHeartbeat'],
  ])('refuses %s', (_, bytes, fault) => {
    expect(read([Uint8Array.from(bytes)])).toEqual({ frames: [], fault });
  });

  it('answers arbitrary bytes with frames or a fault and keeps no more than it was given', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 20 }), (chunks) => {
        let given = 0;
        const reader = new FrameReader(1000, () => {});
        for (const chunk of chunks) {
          given += chunk.length;
          if (reader.push(chunk) !== undefined) return;
          expect(reader.bufferedBytes).toBeLessThanOrEqual(given);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FRAME_BYTES_MAX, HEADER_BYTES, NO_SEQUENCE, encodeFrame, type Frame } from './frame.js';
import { FrameReader } from './frameReader.js';

const frameArbitrary = fc.record({
  type: fc.integer({ min: 0, max: 0xffff }),
  sequence: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  result: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  data: fc.uint8Array({ maxLength: 300 }),
});

const plain = (frame: Frame | undefined) => frame && { ...frame, sequence: [...frame.sequence], data: [...frame.data] };

function header(length: number): Buffer {
  const bytes = encodeFrame({ type: 0x13, sequence: NO_SEQUENCE, result: 0, data: new Uint8Array(0) });
  bytes.writeUInt32BE(length, 0);
  return bytes;
}

describe('reading frames', () => {
  it('has the bytes of docs/channel.md', () => {
    const sequence = Buffer.from('0123456789abcdef0123456789abcdef');
    const data = Buffer.from('0');
    expect(encodeFrame({ type: 0x13, sequence, result: 0, data }).toString('hex')).toBe(
      '0000002b001330313233343536373839616263646566303132333435363738396162636465660000000030',
    );
  });

  it('gives the frames that were sent, however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(frameArbitrary, { maxLength: 6 }),
        fc.array(fc.nat(60), { maxLength: 60 }),
        (frames, cuts) => {
          const bytes = Buffer.concat(frames.map((frame) => encodeFrame(frame)));
          const reader = new FrameReader();
          const read: (Frame | undefined)[] = [];
          let start = 0;
          for (const cut of [...cuts, bytes.length]) {
            read.push(...reader.push(Buffer.from(bytes.subarray(start, start + cut))));
            start += cut;
          }
          read.push(...reader.push(Buffer.from(bytes.subarray(start))));
          expect(read.map(plain)).toEqual(frames.map(plain));
          expect(reader.heldBytes).toBe(0);
        },
      ),
    );
  });

  it('refuses a length that no frame has, after the frames before it', () => {
    for (const length of [0, HEADER_BYTES - 1, FRAME_BYTES_MAX + 1, 0xffffffff]) {
      const read = new FrameReader().push(Buffer.concat([header(HEADER_BYTES), header(length)]));
      expect(read.map((frame) => frame?.type)).toEqual([0x13, undefined]);
    }
  });

  it('holds what came, not what a header claims', () => {
    const reader = new FrameReader();
    expect(reader.push(header(FRAME_BYTES_MAX))).toEqual([]);
    expect(reader.heldBytes).toBe(HEADER_BYTES);
  });
});

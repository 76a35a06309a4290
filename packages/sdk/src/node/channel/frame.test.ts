import { concatBytes, fromHex, toHex, utf8Bytes } from '@menglian/base/bytes';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, FrameReader, readTopicBody, topicBody, withoutTopic } from './frame.js';

const SEQ = '0123456789abcdef0123456789abcdef';

describe('frames', () => {
  it('have the bytes that 2.x writes', () => {
    const seq = toHex(utf8Bytes(SEQ));
    const encoded = (type: number, data: Uint8Array, result = 0) =>
      toHex(encodeFrame({ type, seq: SEQ, result, data }));
    expect(encoded(0x14, utf8Bytes('{"nodeVersion":"2.9.0","protocol":3}\n'))).toBe(
      `0000004f0014${seq}000000007b226e6f646556657273696f6e223a22322e392e30222c2270726f746f636f6c223a337d0a`,
    );
    expect(encoded(0x15, withoutTopic('{"result":0}\n'))).toBe(
      `000000380015${seq}00000000017b22726573756c74223a307d0a`,
    );
    expect(encoded(0x30, topicBody('price', utf8Bytes('hi'))!)).toBe(`000000320030${seq}000000000670726963656869`);
    expect(encoded(0x31, new Uint8Array(0), 100)).toBe(`0000002a0031${seq}00000064`);
  });

  it('come back from pieces of any size', () => {
    const frame = fc.record({
      type: fc.integer({ min: 0, max: 0xffff }),
      seq: fc.constant(SEQ),
      result: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      data: fc.uint8Array({ maxLength: 100 }),
    });
    fc.assert(
      fc.property(fc.array(frame), fc.integer({ min: 1, max: 60 }), (frames, size) => {
        const bytes = concatBytes(...frames.map(encodeFrame));
        const reader = new FrameReader();
        const read = [];
        for (let start = 0; start < bytes.length; start += size) {
          read.push(...reader.push(bytes.subarray(start, start + size))!);
        }
        expect(read.map(({ data, ...rest }) => ({ ...rest, data: Uint8Array.from(data) }))).toEqual(frames);
      }),
    );
  });

  it('with an impossible length end the reading', () => {
    for (const length of ['00000000', '00000029', '06400001', 'ffffffff']) {
      const reader = new FrameReader();
      expect(reader.push(fromHex(length + '00'.repeat(38)))).toBeUndefined();
      expect(reader.push(new Uint8Array(1))).toBeUndefined();
    }
  });

  it('carry topics, or not', () => {
    expect(readTopicBody(topicBody('价格', utf8Bytes('x'))!)).toEqual({ topic: '价格', content: utf8Bytes('x') });
    expect([topicBody(''), topicBody('x'.repeat(255))]).toEqual([undefined, undefined]);
    expect(topicBody('x'.repeat(254))).toHaveLength(255);
    expect([
      readTopicBody(new Uint8Array(0)),
      readTopicBody(Uint8Array.of(0)),
      readTopicBody(Uint8Array.of(3, 65)),
    ]).toEqual([undefined, undefined, undefined]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RECORD_FRAGMENT_BYTES_MAX } from './limits.js';
import { ContentType, encodeRecord, RecordReader, type RawRecord, type RecordFault } from './records.js';

const record = fc.record({
  type: fc.constantFrom(...Object.values(ContentType)),
  version: fc.constantFrom(0x0101, 0x0303),
  fragment: fc.uint8Array({ maxLength: 300 }),
});

function readAll(reader: RecordReader, pieces: Iterable<Uint8Array>): (RawRecord | RecordFault)[] {
  return [...pieces].flatMap((piece) => [...reader.read(piece)]);
}

function* piecesOf(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let offset = 0, i = 0; offset < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    yield bytes.subarray(offset, offset + size);
    offset += size;
  }
}

describe('records', () => {
  it('are the same however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 10 }),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }),
        (records, sizes) => {
          const bytes = Buffer.concat(
            records.map(({ type, version, fragment }) => encodeRecord(type, version, fragment)),
          );
          expect(readAll(new RecordReader(), piecesOf(bytes, sizes))).toEqual(records);
        },
      ),
    );
  });

  it('are found in any bytes, or a fault that ends it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 40 }), (bytes, size) => {
        const read = readAll(new RecordReader(), piecesOf(bytes, [size]));
        for (const one of read.filter((two) => typeof two !== 'string')) {
          expect(one.fragment.length).toBeLessThanOrEqual(RECORD_FRAGMENT_BYTES_MAX);
        }
      }),
    );
  });

  it('may be as long as the limit and no longer', () => {
    const longest = encodeRecord(ContentType.applicationData, 0x0101, new Uint8Array(RECORD_FRAGMENT_BYTES_MAX));
    expect([...new RecordReader().read(longest)]).toHaveLength(1);
    const longer = encodeRecord(ContentType.applicationData, 0x0101, new Uint8Array(RECORD_FRAGMENT_BYTES_MAX + 1));
    expect([...new RecordReader().read(longer.subarray(0, 5))]).toEqual(['too long']);
  });
});

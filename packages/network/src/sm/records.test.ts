import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex } from '@menglian/base/bytes';
import { HEADER_BYTES, RecordOpener, RecordReader, RecordSealer } from './records.js';
import { CONTENT_BYTES_MAX, RECORDS_PER_KEY_MAX } from './smLimits.js';
import { SecondLink } from './testing/secondLink.js';
import { messagesOf, vectors } from './testing/vectors.js';

const SECRET = fromHex('11'.repeat(32));

function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...places, bytes.length].map((end, i) => bytes.subarray(places[i - 1] ?? 0, end));
}

describe('records', () => {
  it('open to what was sealed, of every size', () => {
    const [sealer, opener] = [new RecordSealer(SECRET), new RecordOpener(SECRET)];
    for (const size of [0, 1, 15, 16, 17, 1000, CONTENT_BYTES_MAX]) {
      const content = new Uint8Array(randomBytes(size));
      const record = sealer.seal(content);
      expect(record).toHaveLength(HEADER_BYTES + size + 16);
      expect(opener.open(record)).toEqual(content);
    }
  });

  it('do not open again, out of order, changed, or cut', () => {
    const sealer = new RecordSealer(SECRET);
    const [first, second] = [sealer.seal(Uint8Array.of(1)), sealer.seal(Uint8Array.of(1))];
    const after = (opened: readonly Uint8Array[], record: Uint8Array) => {
      const opener = new RecordOpener(SECRET);
      for (const one of opened) expect(opener.open(one)).toEqual(Uint8Array.of(1));
      return opener.open(record);
    };
    expect(after([first], second)).toEqual(Uint8Array.of(1));
    expect(after([first], first)).toBeUndefined();
    expect(after([], second)).toBeUndefined();
    expect(after([], first.subarray(0, -1))).toBeUndefined();
    for (let at = 0; at < first.length; at++) {
      const changed = first.slice();
      changed[at]! ^= 1;
      expect(after([], changed), `byte ${at}`).toBeUndefined();
    }
  });

  it('are sealed with another key after the last one of a key, as the second implementation does', () => {
    const recordsPerKey = 3;
    const second = new SecondLink({
      role: 'initiator',
      ephemeralKey: Buffer.from(vectors.initiator.ephemeralPrivateKey, 'hex'),
      privateKey: Buffer.from(vectors.initiator.privateKey, 'hex'),
      chain: vectors.initiator.chain,
      keyOf: () => Buffer.from(vectors.responder.publicKey, 'hex'),
      recordsPerKey,
    });
    const [key, identity] = messagesOf('responder') as [Buffer, Buffer];
    second.agree(key.subarray(2));
    second.readIdentity(identity);
    second.identity();
    second.beginTraffic();
    const sealer = new RecordSealer(second.values['tr']!, recordsPerKey);
    const opener = new RecordOpener(second.values['ti']!, recordsPerKey);
    const stubborn = new RecordOpener(second.values['ti']!);
    for (let number = 0; number < 10; number++) {
      const content = Buffer.of(number);
      const record = second.seal(content);
      expect(opener.open(record)?.[0]).toBe(number);
      expect(stubborn.open(record) !== undefined).toBe(number < recordsPerKey);
      expect(second.open(Buffer.from(sealer.seal(content)))).toEqual(content);
    }
    expect(RECORDS_PER_KEY_MAX).toBe(2 ** 20);
  });
});

describe('RecordReader', () => {
  it('finds the same records however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 40 }),
        (contents, cuts) => {
          const sealer = new RecordSealer(SECRET);
          const records = contents.map((content) => sealer.seal(content));
          const found: Uint8Array[] = [];
          const reader = new RecordReader((record) => found.push(new Uint8Array(record)));
          for (const part of split(Buffer.concat(records), cuts)) expect(reader.push(part)).toBe(true);
          expect(found).toEqual(records);
          expect(reader.bufferedBytes).toBe(0);
        },
      ),
    );
  });

  it.each([0, 1, 15])('refuses a length of %i at once, whole or byte by byte', (length) => {
    const found: Uint8Array[] = [];
    const whole = new RecordReader((record) => found.push(record));
    expect(whole.push(Uint8Array.of(0, length, 1, 2, 3))).toBe(false);
    const drop = new RecordReader((record) => found.push(record));
    expect(drop.push(Uint8Array.of(0))).toBe(true);
    expect([drop.push(Uint8Array.of(length)), drop.push(Uint8Array.of(1))]).toContain(false);
    expect(found).toEqual([]);
  });

  it('holds what has come of a long record, not what it claims', () => {
    const reader = new RecordReader(() => {});
    reader.push(Uint8Array.of(0xff, 0xff));
    for (let i = 0; i < 100; i++) reader.push(Uint8Array.of(i));
    expect(reader.bufferedBytes).toBe(102);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toByteString, toHex } from '@menglian/base/bytes';
import { BODY_BYTES_MAX, MESSAGE_BYTES_MAX, TOPICS_PER_NODE_MAX, TOPIC_BYTES_MAX } from './limits.js';
import { type AmopMessage, decodeMessage, encodeMessage } from './messages.js';

const number = fc.maxSafeNat();
const seq = fc.uint8Array({ minLength: 32, maxLength: 32 });
const body = fc.uint8Array({ maxLength: 200 });
const topic = fc.uint8Array({ minLength: 1, maxLength: TOPIC_BYTES_MAX }).map(toByteString);
const messages: fc.Arbitrary<AmopMessage> = fc.oneof(
  fc.record({
    kind: fc.constant('topics' as const),
    topics: fc.uniqueArray(topic, { maxLength: 10 }).map((topics) => topics.toSorted()),
  }),
  fc.record({ kind: fc.constant('request' as const), number, seq, body }),
  fc.record({ kind: fc.constant('response' as const), number, result: fc.integer(), body }),
  fc.record({ kind: fc.constant('failure' as const), number, reason: fc.constantFrom('noSession', 'busy') }),
  fc.record({ kind: fc.constant('multicast' as const), seq, body }),
);

describe('messages between nodes', () => {
  it('come back as they were sent', () => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(decodeMessage(encodeMessage(message))).toEqual({ ok: true, value: message });
      }),
    );
  });

  it('are refused when cut short, lengthened, or of another version or kind', () => {
    fc.assert(
      fc.property(messages, fc.nat(1000), (message, cut) => {
        const bytes = encodeMessage(message);
        expect(decodeMessage(bytes.subarray(0, cut % bytes.length)).ok).toBe(false);
        expect(decodeMessage(Uint8Array.of(...bytes, 0)).ok).toBe(false);
        expect(decodeMessage(Uint8Array.of(2, ...bytes.subarray(1))).ok).toBe(false);
        expect(decodeMessage(Uint8Array.of(1, 5, ...bytes.subarray(2))).ok).toBe(false);
      }),
    );
  });

  it('have one encoding: whatever decodes encodes to the same bytes', () => {
    fc.assert(
      fc.property(messages, fc.nat(1000), fc.nat(255), (message, at, value) => {
        const bytes = encodeMessage(message);
        bytes[at % bytes.length] = value;
        const decoded = decodeMessage(bytes);
        if (decoded.ok) expect(toHex(encodeMessage(decoded.value))).toBe(toHex(bytes));
      }),
      { numRuns: 1000 },
    );
  });

  it('have the layout of the page', () => {
    const seqOfOnes = new Uint8Array(32).fill(1);
    const hello = fromHex('026168');
    const layouts: [AmopMessage, string][] = [
      [{ kind: 'topics', topics: ['a', 'bc'] }, '0100 00000002 0161 026263'],
      [
        { kind: 'request', number: 7, seq: seqOfOnes, body: hello },
        `0101 0000000000000007 ${'01'.repeat(32)} 00000003 026168`,
      ],
      [{ kind: 'response', number: 7, result: -2, body: hello }, '0102 0000000000000007 fffffffe 00000003 026168'],
      [{ kind: 'failure', number: 7, reason: 'busy' }, '0103 0000000000000007 01'],
      [{ kind: 'multicast', seq: seqOfOnes, body: hello }, `0104 ${'01'.repeat(32)} 00000003 026168`],
    ];
    for (const [message, hex] of layouts) expect(toHex(encodeMessage(message))).toBe(hex.replaceAll(' ', ''));
  });

  it('have topics in ascending order, each once, none empty, none too long', () => {
    for (const topics of [['b', 'a'], ['a', 'a'], [''], ['', 'a'], ['x'.repeat(TOPIC_BYTES_MAX + 1)]])
      expect(decodeMessage(encodeMessage({ kind: 'topics', topics })).ok).toBe(false);
  });

  it('have bounds, and what is at the bound fits a message', () => {
    const atBound = encodeMessage({
      kind: 'request',
      number: 1,
      seq: new Uint8Array(32),
      body: new Uint8Array(BODY_BYTES_MAX),
    });
    expect(atBound.length).toBeLessThanOrEqual(MESSAGE_BYTES_MAX);
    expect(decodeMessage(atBound).ok).toBe(true);
    const above = encodeMessage({
      kind: 'multicast',
      seq: new Uint8Array(32),
      body: new Uint8Array(BODY_BYTES_MAX + 1),
    });
    expect(decodeMessage(above)).toEqual({ ok: false, reason: 'TooLong' });

    const names = (count: number) =>
      Array.from({ length: count }, (_, index) => index.toString().padStart(TOPIC_BYTES_MAX, '0'));
    const list = encodeMessage({ kind: 'topics', topics: names(TOPICS_PER_NODE_MAX) });
    expect(list.length).toBeLessThanOrEqual(MESSAGE_BYTES_MAX);
    expect(decodeMessage(list).ok).toBe(true);
    expect(decodeMessage(encodeMessage({ kind: 'topics', topics: names(TOPICS_PER_NODE_MAX + 1) }))).toEqual({
      ok: false,
      reason: 'TooLong',
    });
    expect(decodeMessage(fromHex('0100ffffffff')).ok).toBe(false);
  });

  it('only ever have reasons for arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(5), (bytes, kind) => {
        decodeMessage(bytes);
        decodeMessage(Uint8Array.of(1, kind, ...bytes));
      }),
      { numRuns: 2000 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BinaryWriter } from '@menglian/codec/binary';
import { createConfiguration } from './core/configuration.js';
import type { Entry } from './core/entry.js';
import { MAX_APPEND_ENTRIES, MAX_MESSAGE_BYTES } from './limits.js';
import { decodeMessage, encodeMessage, type Message, MESSAGE_CODES, type MessageKind } from './messageCodec.js';

const A = 'a'.repeat(128);
const B = 'b'.repeat(128);
const C = 'c'.repeat(128);

const counter = fc.integer({ min: 0, max: 2 ** 48 });
const position = fc.record({ index: counter, term: counter });
const configuration = fc.tuple(fc.subarray([A, B, C], { minLength: 1 }), fc.boolean()).map(([voters, isJoint]) => {
  const { learners, ...rest } = createConfiguration(
    voters,
    [A, B, C].filter((node) => !voters.includes(node)),
  );
  return isJoint ? { ...rest, learners: [], outgoing: [A, B, C], learnersNext: [...learners] } : { ...rest, learners };
});
const content = fc.oneof(
  fc.constant({ kind: 'noop' } as const),
  fc.record({ kind: fc.constant('configuration' as const), configuration }),
  fc.record({ kind: fc.constant('data' as const), data: fc.uint8Array({ maxLength: 50 }) }),
);
const append = fc
  .record({
    term: fc.nat(100),
    previous: fc.record({ index: fc.nat(1000), term: fc.constant(0) }),
    committed: counter,
    contents: fc.array(content, { maxLength: 5 }),
  })
  .map(({ term, previous, committed, contents }): Message => {
    const entries: Entry[] = contents.map((one, i) => ({
      index: previous.index + 1 + i,
      term: Math.floor((term * (i + 1)) / contents.length),
      content: one,
    }));
    return { kind: 'append', term, previous, committed, entries };
  });

const message: fc.Arbitrary<Message> = fc.oneof(
  append,
  fc.record({ kind: fc.constantFrom('preVote', 'vote'), term: counter, last: position, isTransfer: fc.boolean() }),
  fc.record({
    kind: fc.constantFrom('preVoteResponse', 'voteResponse'),
    term: counter,
    isGranted: fc.boolean(),
    removedAt: counter,
  }),
  fc.record({
    kind: fc.constant('appendResponse' as const),
    term: counter,
    index: counter,
    received: counter,
    isRefused: fc.boolean(),
    hint: fc.option(position, { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('heartbeat' as const), term: counter, committed: counter, height: counter }),
  fc.record({ kind: fc.constant('heartbeatResponse' as const), term: counter, height: counter }),
  fc
    .record({ at: position, configuration, height: counter })
    .map((fields): Message => ({ kind: 'snapshot', term: fields.at.term, ...fields })),
  fc.record({ kind: fc.constant('timeoutNow' as const), term: counter }),
  fc.record({
    kind: fc.constant('result' as const),
    height: counter,
    headerHash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    signature: fc.uint8Array({ maxLength: 160 }),
  }),
);

function head(kind: MessageKind, term: number): BinaryWriter {
  return new BinaryWriter().u8(1).u8(MESSAGE_CODES[kind]).u64(term);
}

describe('message bytes', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(message, (one) => {
        expect(decodeMessage(encodeMessage(one))).toEqual({ ok: true, value: one });
      }),
    );
  });

  it('cut, lengthened or changed give a reason or another message, and never throw', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.nat(255), (one, at, byte) => {
        const bytes = encodeMessage(one);
        expect(decodeMessage(bytes.subarray(0, at % bytes.length)).ok).toBe(false);
        expect(decodeMessage(new Uint8Array([...bytes, byte])).ok).toBe(false);
        bytes[at % bytes.length] = byte;
        const decoded = decodeMessage(bytes);
        if (decoded.ok) expect(encodeMessage(decoded.value)).toEqual(bytes);
      }),
    );
  });

  it('at random are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const decoded = decodeMessage(bytes);
        if (decoded.ok) expect(encodeMessage(decoded.value)).toEqual(bytes);
      }),
    );
  });

  it('say why not', () => {
    expect(decodeMessage(new Uint8Array(MAX_MESSAGE_BYTES + 1))).toEqual({ ok: false, reason: 'TooLong' });
    expect(decodeMessage(new Uint8Array([2, 1]))).toEqual({ ok: false, reason: 'UnknownVersion' });
    expect(decodeMessage(new Uint8Array([1, 99]))).toEqual({ ok: false, reason: 'UnknownKind' });
    expect(decodeMessage(head('timeoutNow', 2 ** 49).finish())).toEqual({ ok: false, reason: 'BadValue' });
    const many = head('append', 1)
      .u64(0)
      .u64(0)
      .u64(0)
      .u32(MAX_APPEND_ENTRIES + 1);
    expect(decodeMessage(many.finish())).toEqual({ ok: false, reason: 'TooLong' });
    const promised = head('append', 1).u64(0).u64(0).u64(0).u32(MAX_APPEND_ENTRIES);
    expect(decodeMessage(promised.finish())).toEqual({ ok: false, reason: 'UnexpectedEnd' });
  });

  it('with entries whose terms fall, or are above their leader’s, are refused', () => {
    const of = (leaderTerm: number, previousTerm: number, ...terms: readonly number[]): boolean =>
      decodeMessage(
        encodeMessage({
          kind: 'append',
          term: leaderTerm,
          previous: { index: 4, term: previousTerm },
          committed: 0,
          entries: terms.map((term, i) => ({ index: 5 + i, term, content: { kind: 'noop' } })),
        }),
      ).ok;
    expect(of(3, 1, 1, 2, 3)).toBe(true);
    expect(of(3, 2, 1)).toBe(false);
    expect(of(3, 1, 2, 1)).toBe(false);
    expect(of(3, 1, 4)).toBe(false);
  });

  it('with configurations that break a rule are refused', () => {
    const of = (
      voters: readonly string[],
      outgoing: readonly string[],
      learners: readonly string[],
      next: readonly string[],
    ) =>
      decodeMessage(
        encodeMessage({
          kind: 'snapshot',
          term: 1,
          at: { index: 1, term: 1 },
          height: 1,
          configuration: { voters, outgoing, learners, learnersNext: next, epoch: 7 },
        }),
      ).ok;
    expect(of([A, B], [A, C], [], [C])).toBe(true);
    expect(of([], [A], [], [])).toBe(false);
    expect(of([B, A], [], [], [])).toBe(false);
    expect(of([A, A], [], [], [])).toBe(false);
    expect(of([A], [], [A], [])).toBe(false);
    expect(of([A], [B], [B], [])).toBe(false);
    expect(of([A], [B], [], [C])).toBe(false);
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '@menglian/base/seededRandom';
import { MAX_MESSAGE_BYTES } from './limits.js';
import { decodeMessage, encodeMessage } from './messageCodec.js';
import type { Message } from './messages.js';

const hash32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const counter = fc.integer({ min: 0, max: 2 ** 48 });
const signature = fc.uint8Array({ maxLength: 160 });
const signer = fc.nat(0xffff);
const indexed = { signer, signature };
const proposal = fc.record({
  height: counter,
  parentDigest: hash32,
  epoch: fc.nat(1_000_000),
  timestampMs: fc.maxSafeNat(),
  sealer: signer,
  sealers: fc.array(
    fc
      .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 128, maxLength: 128 })
      .map((digits) => digits.join('')),
    { maxLength: 3 },
  ),
  transactionHashes: fc.array(hash32, { maxLength: 4 }),
});
const claim = fc.record({ height: counter, view: counter, digest: hash32, parentDigest: hash32 });
const votes = fc.array(fc.record(indexed), { maxLength: 4 });
const proof = fc.record({ votes, proposal });
const statementContent = { epoch: counter, view: counter, headHeight: counter, headHash: hash32, ...indexed };

const messages: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ kind: fc.constant('prePrepare' as const), view: counter, proposal, ...indexed }),
  fc.record({
    kind: fc.constantFrom('prepare' as const, 'commit' as const),
    epoch: counter,
    height: counter,
    view: counter,
    digest: hash32,
    ...indexed,
  }),
  fc.record({
    kind: fc.constant('checkpoint' as const),
    epoch: counter,
    height: counter,
    headerHash: hash32,
    ...indexed,
  }),
  fc.array(fc.tuple(claim, proof), { maxLength: 3 }).chain((pairs) =>
    fc.record({
      kind: fc.constant('viewChange' as const),
      statement: fc.record({ ...statementContent, claims: fc.constant(pairs.map(([one]) => one)) }),
      proofs: fc.constant(pairs.map(([, other]) => other)),
    }),
  ),
  fc.record({
    kind: fc.constant('newView' as const),
    epoch: counter,
    view: counter,
    statements: fc.array(fc.record({ ...statementContent, claims: fc.array(claim, { maxLength: 3 }) }), {
      maxLength: 4,
    }),
    proofs: fc.array(proof, { maxLength: 3 }),
    ...indexed,
  }),
  fc.record({
    kind: fc.constant('heartbeat' as const),
    height: counter,
    hash: hash32,
    epoch: counter,
    view: counter,
    toView: counter,
    signature,
  }),
  fc.record({ kind: fc.constant('newViewRequest' as const), epoch: counter, view: counter }),
);

const MUTATIONS = process.env['MENGLIAN_LONG'] === '1' ? 1_000_000 : 20_000;

describe('message codec', () => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(decodeMessage(encodeMessage(message))).toEqual({ ok: true, value: message });
      }),
      { numRuns: 300 },
    );
  });

  it('has one encoding for a message: whatever it accepts, it writes the same again', () => {
    fc.assert(
      fc.property(messages, fc.nat(), fc.integer({ min: 1, max: 255 }), (message, position, change) => {
        const bytes = encodeMessage(message);
        const at = position % bytes.length;
        bytes[at] = bytes[at]! ^ change;
        const decoded = decodeMessage(bytes);
        if (decoded.ok) expect(encodeMessage(decoded.value)).toEqual(bytes);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses every truncation and every extension', () => {
    for (const message of fc.sample(messages, { numRuns: 30, seed: 7 })) {
      const bytes = encodeMessage(message);
      for (let length = 0; length < bytes.length; length++) {
        expect(decodeMessage(bytes.subarray(0, length)).ok).toBe(false);
      }
      expect(decodeMessage(new Uint8Array([...bytes, 0])).ok).toBe(false);
    }
  });

  it(`answers ${MUTATIONS} mutated messages with a value or a reason`, () => {
    const random = new SeededRandom(11);
    const samples = fc.sample(messages, { numRuns: 100, seed: 3 }).map(encodeMessage);
    let refused = 0;
    for (let i = 0; i < MUTATIONS; i++) {
      const bytes = random.pick(samples).slice();
      for (let flips = 1 + random.below(4); flips > 0; flips--) bytes[random.below(bytes.length)] = random.below(256);
      if (!decodeMessage(bytes).ok) refused++;
    }
    expect(refused).toBeGreaterThan(0);
  });

  it('refuses a count or a payload that is only a claim', () => {
    const header = [3, 6, ...new Array<number>(15).fill(0), 1];
    expect(decodeMessage(new Uint8Array([...header, 0xff, 0xff, 0xff, 0xff])).ok).toBe(false);
    expect(decodeMessage(new Uint8Array([...header, 0, 0, 4, 0])).ok).toBe(false);
    expect(decodeMessage(new Uint8Array(MAX_MESSAGE_BYTES + 1)).ok).toBe(false);
    expect(decodeMessage(new Uint8Array([2, 8, ...new Array<number>(16).fill(0)])).ok).toBe(false);
    expect(decodeMessage(new Uint8Array([3, 8, ...new Array<number>(16).fill(0)])).ok).toBe(true);
    expect(decodeMessage(new Uint8Array([3, 99, 0])).ok).toBe(false);
  });
});

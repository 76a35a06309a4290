import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Proposal } from '@menglian/consensus-core/ports';
import { createConfiguration } from './core/configuration.js';
import type { Entry } from './core/entry.js';
import { encodeMessage, type Message } from './messageCodec.js';
import { encodeProposal } from './replica.js';
import { ChainGroup, nodeIdOf } from './testing/chainGroup.js';

const [A, B, C] = [0, 1, 2].map(nodeIdOf) as [string, string, string];
const ALL = [A, B, C];

/** Small numbers, so that lies meet the truth often. */
const small = fc.integer({ min: 0, max: 6 });
const position = fc.record({ index: small, term: small });
const hash = fc.integer({ min: 0, max: 3 }).map((byte) => new Uint8Array(32).fill(byte));
const proposal: fc.Arbitrary<Proposal> = fc.record({
  height: small,
  parentDigest: hash,
  epoch: small,
  timestampMs: small,
  sealer: small,
  sealers: fc.subarray(ALL),
  transactionHashes: fc.array(hash, { maxLength: 3 }),
});
const configuration = fc
  .tuple(fc.subarray(ALL, { minLength: 1 }), small)
  .map(([voters, epoch]) => createConfiguration(voters, [], epoch));
const content = fc.oneof(
  fc.constant({ kind: 'noop' } as const),
  fc.record({ kind: fc.constant('configuration' as const), configuration }),
  proposal.map((one) => ({ kind: 'data' as const, data: encodeProposal(one) })),
  fc.record({ kind: fc.constant('data' as const), data: fc.uint8Array({ maxLength: 9 }) }),
);
const message: fc.Arbitrary<Message> = fc.oneof(
  fc
    .record({ term: small, previous: position, committed: small, terms: fc.array(small), contents: fc.array(content) })
    .map(({ term, previous, committed, terms, contents }): Message => {
      const entries: Entry[] = contents.slice(0, terms.length).map((one, i) => ({
        index: previous.index + 1 + i,
        term: Math.max(previous.term, ...terms.slice(0, i + 1)),
        content: one,
      }));
      return { kind: 'append', term: Math.max(term, entries.at(-1)?.term ?? 0), previous, committed, entries };
    }),
  fc.record({ kind: fc.constantFrom('preVote', 'vote'), term: small, last: position, isTransfer: fc.boolean() }),
  fc.record({
    kind: fc.constantFrom('preVoteResponse', 'voteResponse'),
    term: small,
    isGranted: fc.boolean(),
    removedAt: small,
  }),
  fc.record({
    kind: fc.constant('appendResponse' as const),
    term: small,
    index: small,
    received: small,
    isRefused: fc.boolean(),
    hint: fc.option(position, { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('heartbeat' as const), term: small, committed: small, height: small }),
  fc.record({ kind: fc.constant('heartbeatResponse' as const), term: small, height: small }),
  fc.record({ kind: fc.constant('snapshot' as const), term: small, at: position, configuration, height: small }),
  fc.record({ kind: fc.constant('timeoutNow' as const), term: small }),
  fc.record({ kind: fc.constant('result' as const), height: small, headerHash: hash, signature: hash }),
);
const event = fc.oneof(
  { weight: 5, arbitrary: fc.record({ from: fc.constantFrom(B, C), message }) },
  { weight: 1, arbitrary: fc.record({ waitMs: fc.integer({ min: 1, max: 1500 }) }) },
  { weight: 1, arbitrary: fc.constant({ submits: true } as const) },
);

describe('a replica among liars', () => {
  it('never breaks, whatever decodes, and can be started again on what it wrote', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 20, maxLength: 60 }), (events) => {
        const group = new ChainGroup(3);
        group.stop(B);
        group.stop(C);
        group.submit();
        for (const one of events) {
          if ('waitMs' in one) group.run(one.waitMs);
          else if ('submits' in one) group.submit();
          else group.input(A, { kind: 'message', from: one.from, payload: encodeMessage(one.message) });
        }
        expect(group.node(A).engine!.status().kind).toBe('raft');
        group.stop(A);
        group.start(A);
        group.run(100);
      }),
      { numRuns: process.env['MENGLIAN_LONG'] === '1' ? 5000 : 80 },
    );
  });
});

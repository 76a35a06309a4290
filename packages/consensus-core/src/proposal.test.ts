import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import type { Proposal } from './ports.js';
import { proposalDigest, readProposal, writeProposal } from './proposal.js';

const hash32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const proposals: fc.Arbitrary<Proposal> = fc.record({
  height: fc.nat(1_000_000),
  parentDigest: hash32,
  epoch: fc.nat(1_000_000),
  timestampMs: fc.nat(),
  sealer: fc.nat(3),
  sealers: fc.array(
    fc
      .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 128, maxLength: 128 })
      .map((digits) => digits.join('')),
    { maxLength: 4 },
  ),
  transactionHashes: fc.array(hash32, { maxLength: 5 }),
});

function encode(proposal: Proposal): Uint8Array {
  const writer = new BinaryWriter();
  writeProposal(writer, proposal);
  return writer.finish();
}

/** The bytes themselves stand for their hash: two digests are equal only when the preimages are. */
const transparent = { hash: (data: Uint8Array) => data };

describe('proposal', () => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(proposals, (proposal) => {
        const reader = new BinaryReader(encode(proposal));
        expect(reader.result(readProposal(reader))).toEqual({ ok: true, value: proposal });
      }),
    );
  });

  it('has a digest that differs when any field, the chain or the group differs', () => {
    fc.assert(
      fc.property(proposals, proposals, (a, b) => {
        const digest = (proposal: Proposal, chainId: bigint, groupId: number): string =>
          proposalDigest(transparent, { chainId, groupId }, proposal).join();
        expect(digest(a, 1n, 1) === digest(b, 1n, 1)).toBe(encode(a).join() === encode(b).join());
        expect(digest(a, 1n, 1)).not.toBe(digest(a, 2n, 1));
        expect(digest(a, 1n, 1)).not.toBe(digest(a, 1n, 2));
      }),
    );
  });

  it('refuses a count that the data cannot hold, at once', () => {
    const bytes = encode({
      height: 1,
      parentDigest: new Uint8Array(32),
      epoch: 0,
      timestampMs: 1,
      sealer: 0,
      sealers: [],
      transactionHashes: [],
    });
    bytes.fill(0xff, bytes.length - 4);
    const reader = new BinaryReader(bytes);
    expect(reader.result(readProposal(reader)).ok).toBe(false);
  });
});

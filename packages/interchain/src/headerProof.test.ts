import { loadSuite } from '@menglian/crypto/loadSuite';
import type { NodeId } from '@menglian/types/address';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkHeaderProof,
  decodeHeaderProof,
  encodeHeaderProof,
  type HeaderTrust,
  witnessSize,
} from './headerProof.js';
import { headerSignedBy, nodeIdsOf, signersOf } from './testing/signedHeaders.js';

const suites = { ecdsa: await loadSuite('ecdsa'), sm: await loadSuite('sm') };
const suite = suites.ecdsa;

const FOUR = signersOf(suite, 1, 2, 3, 4);
const trustIn = (sealers: readonly NodeId[], rule: HeaderTrust['rule'] = 'byzantine'): HeaderTrust => ({
  sealers,
  rule,
});

describe.each(Object.entries(suites))('the proof of a header of an %s chain', (_, of) => {
  it('is the same after it was bytes', () => {
    const signers = signersOf(of, 1, 2, 3, 4);
    const proof = headerSignedBy(of, signers);
    const bytes = encodeHeaderProof(proof);
    const decoded = decodeHeaderProof(bytes);
    expect(decoded).toEqual({ ok: true, value: proof });
    expect(checkHeaderProof(of, proof, trustIn(nodeIdsOf(signers)))).toEqual({
      ok: true,
      value: expect.any(Uint8Array),
    });
  });
});

describe('a header', () => {
  it('needs the quorum of its own sealers, whatever the order of those that are trusted', () => {
    const reversed = nodeIdsOf(FOUR).toReversed();
    const signed = (count: number, rule: HeaderTrust['rule']) =>
      checkHeaderProof(suite, headerSignedBy(suite, FOUR, FOUR.slice(0, count)), trustIn(reversed, rule)).ok;
    expect([2, 3, 4].map((count) => signed(count, 'byzantine'))).toEqual([false, true, true]);
    const five = signersOf(suite, 1, 2, 3, 4, 5);
    const majority = (count: number) =>
      checkHeaderProof(suite, headerSignedBy(suite, five, five.slice(0, count)), trustIn(nodeIdsOf(five), 'crash')).ok;
    expect([2, 3].map(majority)).toEqual([false, true]);
  });

  it('with other sealers than those that are trusted needs witnesses among these, who signed', () => {
    const others = signersOf(suite, 3, 4, 5, 6);
    const check = (signers: typeof others) =>
      checkHeaderProof(suite, headerSignedBy(suite, others, signers), trustIn(nodeIdsOf(FOUR)));
    expect(check(others).ok).toBe(true);
    const [one, ...rest] = others.filter(({ nodeId }) => nodeIdsOf(FOUR).includes(nodeId));
    expect(rest).toHaveLength(1);
    expect(check(others.filter((signer) => signer !== one))).toEqual({ ok: false, reason: 'untrusted' });
    expect(checkHeaderProof(suite, headerSignedBy(suite, others), trustIn([]))).toEqual({
      ok: false,
      reason: 'untrusted',
    });
  });

  it('is refused before a signature is checked where that is seen at once', () => {
    let checked = 0;
    const counting = { ...suite, verify: () => (checked += 1) > 0, hash: (data: Uint8Array) => suite.hash(data) };
    const proof = headerSignedBy(suite, FOUR);
    const refused = (signatures: typeof proof.signatures, trusted = nodeIdsOf(FOUR), header = proof.header) => {
      const outcome = checkHeaderProof(counting, { header, signatures }, trustIn(trusted));
      return outcome.ok ? 'believed' : outcome.reason;
    };
    const [a, b, c, d] = proof.signatures;
    expect(refused([a!, b!])).toBe('quorum');
    expect(refused([a!, b!, b!])).toBe('quorum');
    expect(refused([a!, b!, c!, c!])).toBe('signature');
    expect(refused([a!, b!, { ...c!, index: 4 }])).toBe('signature');
    expect(refused([a!, b!, c!, d!], nodeIdsOf(signersOf(suite, 7, 8)))).toBe('untrusted');
    expect(refused([], [], { ...proof.header, number: 0 })).toBe('genesis');
    expect(refused([], [], { ...proof.header, sealerList: [] })).toBe('genesis');
    const repeated = [...proof.header.sealerList.slice(1), proof.header.sealerList[1]!];
    expect(refused([a!, b!, c!], nodeIdsOf(FOUR), { ...proof.header, sealerList: repeated })).toBe('quorum');
    expect(checked).toBe(0);
    expect(refused([a!, b!, c!])).toBe('believed');
    expect(checked).toBe(3);
  });

  it('is not believed with a signature of something else', () => {
    const proof = headerSignedBy(suite, FOUR);
    const header = { ...proof.header, number: 6 };
    expect(checkHeaderProof(suite, { ...proof, header }, trustIn(nodeIdsOf(FOUR)))).toEqual({
      ok: false,
      reason: 'signature',
    });
  });
});

it('one of the witnesses is honest, and where f is 0 there are two nevertheless', () => {
  expect([1, 2, 3, 4, 7, 10].map(witnessSize)).toEqual([1, 2, 2, 2, 3, 4]);
});

describe('any bytes', () => {
  const real = encodeHeaderProof(headerSignedBy(suite, FOUR));

  it('are decoded or refused', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.tuple(fc.nat(real.length - 1), fc.nat(255)).map(([at, byte]) => real.with(at, byte)),
      fc.nat(real.length - 1).map((length) => real.slice(0, length)),
    );
    fc.assert(
      fc.property(bytes, (some) => {
        const decoded = decodeHeaderProof(some);
        // There is one way to write a proof: what is accepted is what was written.
        if (decoded.ok) expect(encodeHeaderProof(decoded.value)).toEqual(some);
      }),
    );
  });
});

import { expect, test } from 'vitest';
import { VerifiedSignatures } from './verifiedSignatures.js';

const ALICE = 'a'.repeat(128);
const BOB = 'b'.repeat(128);
const digest = (value: number) => new Uint8Array(32).fill(value);
const signature = (value: number) => new Uint8Array(65).fill(value);

/** Only Alice's signature 1 over digest 1 is good. Counts what was asked. */
function watched() {
  let asked = 0;
  const signatures = new VerifiedSignatures({
    hash: (data) => data,
    sign: () => signature(0),
    verify: (nodeId, { 0: over }, { 0: signed }) => {
      asked++;
      return nodeId === ALICE && over === 1 && signed === 1;
    },
  });
  return { signatures, asked: () => asked };
}

test('a verdict is asked for once, good or bad', () => {
  const { signatures, asked } = watched();
  for (let i = 0; i < 3; i++) expect(signatures.verify(ALICE, digest(1), signature(1))).toBe(true);
  for (let i = 0; i < 3; i++) expect(signatures.verify(ALICE, digest(1), signature(2))).toBe(false);
  expect(asked()).toBe(2);
});

test('a good signature is good for its signer and its digest alone, whatever was asked before', () => {
  const { signatures } = watched();
  expect(signatures.verify(ALICE, digest(1), signature(1))).toBe(true);
  expect(signatures.verify(BOB, digest(1), signature(1))).toBe(false);
  expect(signatures.verify(ALICE, digest(1), signature(1))).toBe(true);
  expect(signatures.verify(ALICE, digest(2), signature(1))).toBe(false);
  expect(signatures.verify(ALICE, digest(1), signature(1))).toBe(true);
});

test('a digest that changes after it was asked about changes nothing', () => {
  const { signatures } = watched();
  const mutable = digest(1);
  expect(signatures.verify(ALICE, mutable, signature(1))).toBe(true);
  mutable.fill(2);
  expect(signatures.verify(ALICE, digest(2), signature(1))).toBe(false);
});

import { expect, it } from 'vitest';
import { createTableSuite } from './tableSuite.js';

it('a signature holds for its signer and its digest alone', () => {
  const suite = createTableSuite();
  const [alice, bob] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const digest = suite.hash(Uint8Array.of(7));
  const signature = suite.sign(digest, alice);
  expect(suite.recover(digest, signature)).toEqual(suite.publicKey(alice));
  expect(suite.verify(digest, signature, suite.publicKey(alice))).toBe(true);
  expect(suite.verify(digest, signature, suite.publicKey(bob))).toBe(false);
  expect(suite.verify(suite.hash(Uint8Array.of(8)), signature, suite.publicKey(alice))).toBe(false);
  for (let position = 0; position < signature.length; position++) {
    const bent = signature.slice();
    bent[position] = bent[position]! ^ 1;
    expect(suite.recover(digest, bent)).toBeUndefined();
  }
  expect(suite.recover(digest, signature.slice(1))).toBeUndefined();
});

import { describe, expect, it } from 'vitest';
import type { PreparedClaim, ViewChangeStatement } from '../messages.js';
import { chosenClaims, startHeight } from './selection.js';

/** Digest of a made-up proposal or block. */
function digestOf(name: string): Uint8Array {
  return new Uint8Array(32).fill(name.codePointAt(0)!);
}

function statement(headHeight: number, ...claims: PreparedClaim[]): ViewChangeStatement {
  return {
    epoch: 0,
    view: 9,
    headHeight,
    headHash: new Uint8Array(32),
    claims,
    signer: 0,
    signature: new Uint8Array(65),
  };
}

/** "B at 5 on A, prepared in view 2" */
function claim(name: string, height: number, parent: string, view: number): PreparedClaim {
  return { height, view, digest: digestOf(name), parentDigest: digestOf(parent) };
}

/** Blocks 4 and 5 are called 4 and 5. */
function chosen(...statements: ViewChangeStatement[]): PreparedClaim[] {
  const start = digestOf(String(startHeight(statements) - 1));
  const one = chosenClaims(statements, start);
  expect(chosenClaims(statements.toReversed(), start)).toEqual(one);
  return one;
}

describe('what a set of view changes demands', () => {
  it('begins above the highest head', () => {
    expect(startHeight([statement(4), statement(6), statement(5)])).toBe(7);
  });

  it('demands nothing when nobody has prepared anything', () => {
    expect(chosen(statement(4), statement(4), statement(4))).toEqual([]);
  });

  it('demands the claim of the highest view', () => {
    const [a, b, c] = [claim('a', 5, '4', 1), claim('b', 5, '4', 5), claim('c', 5, '4', 3)];
    expect(chosen(statement(4, a), statement(4, b), statement(4, c))).toEqual([b]);
  });

  it('leaves out claims about heights that somebody in the set has stored', () => {
    const c = claim('c', 6, '5', 2);
    expect(chosen(statement(4, claim('a', 5, '4', 8)), statement(5), statement(5, c))).toEqual([c]);
  });

  it('demands a chain, and ends it at the first height that nobody claims', () => {
    const [a, b, d] = [claim('a', 5, '4', 1), claim('b', 6, 'a', 1), claim('d', 8, 'c', 1)];
    expect(chosen(statement(3, a, b), statement(4, a), statement(4, d))).toEqual([a, b]);
  });

  it('passes over what stands on a parent that was overruled, whatever its view', () => {
    const [a, otherA] = [claim('a', 5, '4', 3), claim('x', 5, '4', 1)];
    const [b, otherB] = [claim('b', 6, 'a', 3), claim('y', 6, 'x', 7)];
    expect(chosen(statement(4, otherA, otherB), statement(4, a, b), statement(4))).toEqual([a, b]);
    expect(chosen(statement(4, otherA, otherB), statement(4, a), statement(4))).toEqual([a]);
  });
});

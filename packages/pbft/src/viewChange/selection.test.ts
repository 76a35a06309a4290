import { describe, expect, it } from 'vitest';
import type { PreparedClaim, ViewChangeStatement } from '../messages.js';
import { highestClaim, startHeight } from './selection.js';

function statement(headHeight: number, claim?: PreparedClaim): ViewChangeStatement {
  return { view: 9, headHeight, headHash: new Uint8Array(32), claim, signer: 0, signature: new Uint8Array(65) };
}

function claim(view: number): PreparedClaim {
  return { view, digest: new Uint8Array(32).fill(view) };
}

describe('what a set of view changes demands', () => {
  it('begins above the highest head', () => {
    expect(startHeight([statement(4), statement(6), statement(5)])).toBe(7);
  });

  it('demands nothing when nobody has prepared anything', () => {
    expect(highestClaim([statement(4), statement(4), statement(4)])).toBeUndefined();
  });

  it('demands the claim of the highest view', () => {
    const statements = [statement(4, claim(1)), statement(4, claim(5)), statement(4, claim(3))];
    expect(highestClaim(statements)).toEqual(claim(5));
    expect(highestClaim(statements.toReversed())).toEqual(claim(5));
  });

  it('leaves out claims about heights that somebody in the set has stored', () => {
    expect(highestClaim([statement(4, claim(8)), statement(5), statement(5, claim(2))])).toEqual(claim(2));
    expect(highestClaim([statement(4, claim(8)), statement(5), statement(5)])).toBeUndefined();
  });
});

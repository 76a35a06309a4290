import * as codes from '@menglian/precompiled/codes';
import { expect, it } from 'vitest';
import { refusedByCode } from './resultCodes.js';

it('has words for every code that a node may answer', () => {
  const unknown = Object.entries(codes).filter(
    ([, code]) => typeof code === 'number' && code < 0 && refusedByCode(code).message.includes('contract refused'),
  );
  expect(unknown).toEqual([]);
  expect(refusedByCode(-50000).message).toBe('this account may not do this (-50000); ask the committee of the chain');
  expect(refusedByCode(-9).code).toBe(-9);
});

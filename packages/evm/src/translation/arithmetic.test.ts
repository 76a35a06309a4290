import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { EdgeComparison, PURE } from '../testing/edgeComparison.js';

const comparison = new EdgeComparison(await loadSuite('ecdsa'));

describe('translated instructions answer as interpreted ones on edge values', () => {
  it.each(PURE)('%s', (name) => {
    expect(comparison.differenceOf(name)).toBeUndefined();
  });
});

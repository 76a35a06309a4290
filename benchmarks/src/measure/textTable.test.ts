import { expect, it } from 'vitest';
import { textColumns, textTable } from './textTable.js';

it('aligns what is wide', () => {
  expect(['ab', '盟链', '全部 CPU', '（是）', ''].map(textColumns)).toEqual([2, 4, 8, 6, 0]);
  expect(
    textTable([
      ['a', '1'],
      ['盟链', '2'],
    ]),
  ).toBe('a     1\n盟链  2');
  expect(textTable([])).toBe('');
});

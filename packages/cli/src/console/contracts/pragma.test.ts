import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pragmas, readVersion, recommended, satisfies } from './pragma.js';

describe('versions of the compiler', () => {
  it.each([
    ['^0.4.25', '0.4.26', true],
    ['^0.4.25', '0.4.24', false],
    ['^0.4.25', '0.5.0', false],
    ['^0.4', '0.4.1', true],
    ['^1.2.3', '1.9.0', true],
    ['^1.2.3', '2.0.0', false],
    ['^0.0.3', '0.0.4', false],
    ['~0.5.1', '0.5.9', true],
    ['~0.5.1', '0.6.0', false],
    ['>=0.4.22 <0.7.0', '0.6.12', true],
    ['>=0.4.22 <0.7.0', '0.7.0', false],
    ['>= 0.4.22 < 0.7.0', '0.4.22', true],
    ['>0.4.22', '0.4.22', false],
    ['>0.4', '0.4.26', false],
    ['>0.4', '0.5.0', true],
    ['<=0.4', '0.4.26', true],
    ['<=0.4.25', '0.4.26', false],
    ['0.5.1', '0.5.1', true],
    ['=0.5.1', '0.5.2', false],
    ['0.5', '0.5.17', true],
    ['0.6.x', '0.6.12', true],
    ['*', '0.8.30', true],
    ['0.4.26 || ^0.6.0', '0.6.3', true],
    ['0.4.26 || ^0.6.0', '0.5.3', false],
    ['0.4.0 - 0.5.0', '0.4.26', true],
    ['0.4.0 - 0.5.0', '0.5.1', false],
    ['latest', '0.8.30', false],
  ])('%s, %s: %s', (range, version, expected) => {
    expect(satisfies(readVersion(version)!, range)).toBe(expected);
  });

  it.each([
    [['^0.4.25'], '0.4.26'],
    [['>=0.4.22 <0.7.0'], '0.6.12'],
    [['>=0.4.22', '^0.5.0'], '0.5.17'],
    [['0.4.24'], '0.4.24'],
    [['^0.4.25', '^0.8.0'], undefined],
    [[], '0.8.30'],
  ])('%j: install %s', (ranges, expected) => {
    expect(recommended(ranges)).toBe(expected);
  });

  it('finds pragmas, but not in comments', () => {
    const source = '// pragma solidity ^0.8.0;\n/* pragma solidity 1.0.0; */ pragma  solidity >=0.4.22 <0.6.0;\n';
    expect(pragmas([source, 'contract A {}'])).toEqual(['>=0.4.22 <0.6.0']);
  });

  it('takes any text without a throw', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'0123.x*^~<>=|- ') }),
        (range) => void satisfies([0, 4, 26], range),
      ),
    );
    fc.assert(fc.property(fc.string(), (text) => void readVersion(text)));
  });
});

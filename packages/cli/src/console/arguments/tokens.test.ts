import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listItems, tokenOf, tokens } from './tokens.js';

const texts = (line: string) => {
  const read = tokens(line);
  return read.ok ? read.value.map(({ text }) => text) : read.reason.code;
};

describe('tokens of a line', () => {
  it.each([
    ['getBlockNumber', ['getBlockNumber']],
    ['  call  Hello latest\tset "a b" ', ['call', 'Hello', 'latest', 'set', 'a b']],
    [`set 'it is "so"' "a \\"b\\" \\\\ c\\n"`, ['set', 'it is "so"', 'a "b" \\ c\n']],
    ['set [1, 2,  3] ["a b", "c]"] (1, [2])', ['set', '[1, 2,  3]', '["a b", "c]"]', '(1, [2])']],
    ["set don't", ['set', "don't"]],
    ['set "盟 链" ""', ['set', '盟 链', '']],
    ['', []],
    ['   ', []],
    ['set "open', 'C04'],
    ['set [1, 2', 'C04'],
    ['set [1)', 'C04'],
    ['set ]', 'C04'],
  ])('%j', (line, expected) => {
    expect(texts(line)).toEqual(expected);
  });

  it('says whether a token stood in quotes', () => {
    const read = tokens('"1" 1');
    expect(read.ok && read.value.map(({ isQuoted }) => isQuoted)).toEqual([true, false]);
    expect(tokenOf('"a" and "b"')).toEqual({ text: '"a" and "b"', isQuoted: false });
  });

  it('reads every text that is quoted', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 5 }), (words) => {
        const quote = (word: string) => `"${word.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;
        expect(texts(words.map(quote).join(' '))).toEqual(words);
      }),
    );
  });

  it('takes any line without a throw, and refuses one without end', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'a "\'\\[](),=\t'), maxLength: 40 }),
        (line) => void tokens(line),
      ),
    );
    expect(texts('x'.repeat(300_000))).toBe('C04');
  });
});

describe('items of a list', () => {
  it.each([
    ['[]', []],
    ['[1,2]', ['1', '2']],
    ['(1, "a, b", [2, 3])', ['1', 'a, b', '[2, 3]']],
    ['[[1],[2]]', ['[1]', '[2]']],
    ['["]"]', [']']],
    ['[1,]', undefined],
    ['[,]', undefined],
    ['[1', undefined],
    ['1]', undefined],
    ['[1)', undefined],
    ['', undefined],
    ['[', undefined],
  ])('%j', (text, expected) => {
    expect(listItems(text)?.map((item) => item.text)).toEqual(expected);
  });

  it('takes any text without a throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a"[](),\\ '), maxLength: 40 }), (text) => void listItems(text)),
    );
  });
});

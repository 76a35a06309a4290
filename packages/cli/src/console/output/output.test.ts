import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outlineText } from './outline.js';
import { answerText, problemText } from './render.js';
import { PLAIN, styleFor } from './style.js';
import { tableText } from './table.js';
import { padded, printable, textWidth } from './width.js';

describe('width of text', () => {
  it.each([
    ['abc', 3],
    ['盟链', 4],
    ['é', 1],
    ['e\u0301', 1],
    ['（空）', 6],
    ['', 0],
    ['a盟b', 4],
  ])('%j takes %i columns', (text, width) => {
    expect(textWidth(text)).toBe(width);
    expect(textWidth(padded(text, 8))).toBe(8);
  });

  it('leaves nothing that steers a terminal', () => {
    expect(printable('\x1b[31mred\x07\u202e\x9b1m\n')).toBe(String.raw`\u001b[31mred\u0007\u202e\u009b1m\u000a`);
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[\p{Cc}\p{Bidi_Control}]/u.test(printable(text))));
  });
});

describe('tables', () => {
  const rows = [
    ['盟链', '0x12'],
    ['abc', '0x3456'],
  ];

  it('stand in columns, Chinese text too', () => {
    expect(tableText(['name', 'value'], rows, { style: PLAIN, columns: 80 })).toBe(
      ['name  value', '────  ──────', '盟链  0x12', 'abc   0x3456'].join('\n'),
    );
  });

  it('become paragraphs where the terminal is narrow, and lose nothing', () => {
    expect(tableText(['name', 'value'], rows, { style: PLAIN, columns: 10 })).toBe(
      ['name   盟链', 'value  0x12', '', 'name   abc', 'value  0x3456'].join('\n'),
    );
  });

  it('line up for any content', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '盟', 'é', ' ', '\x1b') });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (cells) => {
        const [, rule] = tableText(['a', 'b'], cells, { style: PLAIN, columns: Infinity }).split('\n');
        const first = Math.max(1, ...cells.map(([text]) => textWidth(printable(text))));
        expect(rule!.indexOf(' ')).toBe(first);
      }),
    );
  });
});

describe('outlines', () => {
  it('show numbers as numbers and the shape of what is inside', () => {
    const block = {
      number: '0x10',
      timestamp: '0x18bcfe56800',
      hash: '0x00',
      sealerList: ['aa', 'bb'],
      transactions: [{ blockNumber: '0x10', input: '0x' }],
      extraData: [],
      none: null,
    };
    expect(outlineText(block, PLAIN)).toBe(
      [
        'number        16',
        'timestamp     1700000000000 (2023-11-14T22:13:20.000Z)',
        'hash          0x00',
        'sealerList',
        '  - aa',
        '  - bb',
        'transactions',
        '  - blockNumber  16',
        '    input        0x',
        'extraData     []',
        'none          -',
      ].join('\n'),
    );
  });

  it('take any JSON value', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void outlineText(value, PLAIN)));
  });
});

describe('pages', () => {
  const page = { language: 'zh', style: PLAIN, columns: 80 } as const;

  it('say that a table is empty', () => {
    const view = { kind: 'table', columns: [{ en: 'name', zh: '名称' }], rows: [] } as const;
    expect(answerText({ json: [], view }, page)).toBe('（空）');
    expect(answerText({ json: [], view, note: { en: 'n', zh: '注' } }, { ...page, language: 'en' })).toBe('(none)\nn');
  });

  it('show problems with what to do', () => {
    const problem = {
      code: 'C03',
      message: { en: 'bad \x1b', zh: '错' },
      advice: { en: 'do this', zh: '请这样' },
      example: 'call x',
    };
    expect(problemText(problem, page)).toBe('错误 C03  错\n  建议: 请这样\n  示例: call x');
    expect(problemText(problem, { ...page, language: 'en' })).toBe(
      'error C03  bad \\u001b\n  try: do this\n  example: call x',
    );
  });

  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
  ])('have colours on terminals only: %j %j', (isTTY, environment, isColoured) => {
    expect(styleFor({ isTTY }, environment).bad('x') !== 'x').toBe(isColoured);
  });
});

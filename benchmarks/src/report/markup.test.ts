import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barChart } from './charts/barChart.js';
import { lineChart } from './charts/lineChart.js';
import { linearScale } from './charts/scale.js';
import { stackedChart } from './charts/stackedChart.js';
import { both, escapeMarkup, shortened, shownNumber } from './markup.js';

const HOSTILE = `</script><script>alert(1)</script>"'&\u0000\u001b[2J\u202e\ud800`;

/** Elements open and close in order, and no attribute or text holds what ends them. @returns their names */
function checkXml(markup: string): string[] {
  const open: string[] = [];
  const names: string[] = [];
  const rest = markup.replaceAll(
    /<(\/?)([a-z]+)((?: [\w:-]+="[^"<>]*")*)(\/?)>/g,
    (_, closing, name: string, _a, own) => {
      if (closing === '/') expect(open.pop()).toBe(name);
      else if (own !== '/') open.push(name);
      if (closing !== '/') names.push(name);
      return '';
    },
  );
  expect(open).toEqual([]);
  expect(rest).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|#39);)/);
  return names;
}

describe('escaping', () => {
  it('leaves nothing that markup could be made of', () => {
    expect(escapeMarkup(HOSTILE)).toBe(
      '&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\ufffd\ufffd[2J\ufffd\ufffd',
    );
    expect(escapeMarkup('盟链 \t µs')).toBe('盟链 \t µs');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeMarkup(text)).not.toMatch(/[<>"']/);
        expect(checkXml(`<a title="${escapeMarkup(text)}">${escapeMarkup(text)}</a>`)).toEqual(['a']);
      }),
    );
  });

  it('covers both languages', () => {
    checkXml(both({ en: HOSTILE, zh: HOSTILE }));
  });
});

describe('texts of charts', () => {
  it('show digits that matter', () => {
    expect([0, 0.123, 12.34, 1234.5, Number.NaN].map(shownNumber)).toEqual(['0', '0.12', '12.3', '1,235', '–']);
  });

  it('are cut between characters', () => {
    expect(shortened('ab', 2)).toBe('ab');
    expect(shortened('𠮷𠮷𠮷', 2)).toBe('𠮷…');
  });
});

describe('scales', () => {
  it('end at a round number that is not below the largest value', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), (largest) => {
        const { max, ticks, position } = linearScale(largest, 0, 100);
        expect(max).toBeGreaterThanOrEqual(largest * (1 - 1e-9));
        expect(max).toBeLessThanOrEqual(largest * 2.1);
        expect(ticks.length).toBeLessThanOrEqual(8);
        expect(position(0)).toBe(0);
        expect(position(max)).toBe(100);
      }),
    );
    expect(linearScale(1900, 0, 1).ticks).toEqual([0, 500, 1000, 1500, 2000]);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('do with %s for the largest value', (largest) => {
    const scale = linearScale(largest, 10, 20);
    expect(scale.max).toBe(1);
    expect(scale.position(largest)).not.toBe(Number.POSITIVE_INFINITY);
  });
});

describe('charts', () => {
  const unit = { en: HOSTILE, zh: HOSTILE };

  it('are well-formed whatever the labels are', () => {
    const bars = [
      { label: HOSTILE, value: 10, range: { min: 8, max: 12 } },
      { label: 'b', value: 5 },
    ];
    expect(checkXml(barChart(bars, unit, unit)).filter((name) => name === 'rect').length).toBe(2);
    const stacks = [{ label: HOSTILE, parts: new Map([[HOSTILE, 1]]).set('b', 2) }];
    expect(checkXml(stackedChart(stacks, unit, unit)).filter((name) => name === 'rect').length).toBe(4);
    const lines = [{ label: HOSTILE, points: [1, 2, 3].map((x) => ({ x, y: x * x })) }];
    const names = checkXml(lineChart(lines, { x: unit, y: unit }));
    expect(names.filter((name) => name === 'circle').length).toBe(3);
    expect(names).toContain('polyline');
  });

  it('keep their bars inside', () => {
    const svg = barChart([{ label: 'a', value: 1e9, range: { min: 1, max: 2e9 } }], unit, unit);
    for (const [, x] of svg.matchAll(/x[12]?="(-?[\d.]+)"/g)) expect(Number(x)).toBeLessThanOrEqual(880);
    expect(svg).not.toContain('NaN');
  });

  it('do without anything to show', () => {
    for (const svg of [barChart([], unit, unit), stackedChart([], unit, unit), lineChart([], { x: unit, y: unit })]) {
      checkXml(svg);
      expect(svg).not.toMatch(/NaN|Infinity/);
    }
  });
});

import type { Localized } from '@menglian/cli/language';
import { escapeMarkup, shownNumber, svgText } from '../markup.js';
import {
  AXIS_HEIGHT,
  BAR_HEIGHT,
  colour,
  LABEL_WIDTH,
  RIGHT_MARGIN,
  round,
  ROW_HEIGHT,
  rowLabel,
  svg,
  verticalGrid,
  WIDTH,
} from './frame.js';
import { linearScale } from './scale.js';

export interface StackedBar {
  readonly label: string;
  readonly parts: ReadonlyMap<string, number>;
}

const LEGEND_HEIGHT = 24;
const LEGEND_COLUMNS = 7;

/** One bar a row, made of parts one after the other; parts of one name have one colour in all rows. */
export function stackedChart(bars: readonly StackedBar[], unit: Localized, description: Localized): string {
  const names = [...new Set(bars.flatMap(({ parts }) => [...parts.keys()]))];
  const legendHeight = Math.ceil(names.length / LEGEND_COLUMNS) * LEGEND_HEIGHT;
  const bottom = legendHeight + bars.length * ROW_HEIGHT + 4;
  const totals = bars.map(({ parts }) => [...parts.values()].reduce((sum, value) => sum + value, 0));
  const scale = linearScale(Math.max(0, ...totals), LABEL_WIDTH, WIDTH - RIGHT_MARGIN);
  const rows = bars.map(({ label, parts }, index) => {
    const top = legendHeight + index * ROW_HEIGHT + (ROW_HEIGHT - BAR_HEIGHT) / 2;
    let before = 0;
    // In one order in all rows, so that the eye finds a part again.
    const segments = names.map((name) => {
      const value = parts.get(name) ?? 0;
      if (value === 0) return '';
      const [from, to] = [scale.position(before), scale.position(before + value)];
      before += value;
      const title = escapeMarkup(`${label}, ${name}: ${shownNumber(value)}`);
      return `<rect x="${round(from)}" y="${top}" width="${round(to - from)}" height="${BAR_HEIGHT}" fill="${colour(names.indexOf(name))}"><title>${title}</title></rect>`;
    });
    const y = top + BAR_HEIGHT / 2 + 4;
    const total = svgText(
      shownNumber(totals[index]!),
      `x="${round(scale.position(totals[index]!)) + 6}" y="${y}" class="value"`,
    );
    return rowLabel(label, y) + segments.join('') + total;
  });
  const body = legend(names) + verticalGrid(scale, legendHeight, bottom, unit) + rows.join('');
  return svg(bottom + AXIS_HEIGHT, description, body);
}

/** Names and their colours, in rows. */
export function legend(names: readonly string[]): string {
  const width = WIDTH / LEGEND_COLUMNS;
  return names
    .map((name, index) => {
      const x = (index % LEGEND_COLUMNS) * width;
      const y = Math.floor(index / LEGEND_COLUMNS) * LEGEND_HEIGHT + 4;
      return `<rect x="${round(x)}" y="${y}" width="12" height="12" fill="${colour(index)}"/>${svgText(name, `x="${round(x + 17)}" y="${y + 10}" class="label"`)}`;
    })
    .join('');
}

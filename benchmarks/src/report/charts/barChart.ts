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

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** ends of a line across the end of the bar: the smallest and the largest of several runs */
  readonly range?: { readonly min: number; readonly max: number };
}

/** One bar a row, from left to right. */
export function barChart(bars: readonly Bar[], unit: Localized, description: Localized): string {
  const bottom = bars.length * ROW_HEIGHT + 4;
  const largest = Math.max(0, ...bars.map(({ value, range }) => Math.max(value, range?.max ?? 0)));
  const scale = linearScale(largest, LABEL_WIDTH, WIDTH - RIGHT_MARGIN);
  const rows = bars.map(({ label, value, range }, index) => {
    const top = index * ROW_HEIGHT + (ROW_HEIGHT - BAR_HEIGHT) / 2;
    const middle = top + BAR_HEIGHT / 2;
    const end = round(scale.position(value));
    const whisker =
      range === undefined || range.min === range.max
        ? ''
        : whiskerAt(round(scale.position(range.min)), round(scale.position(range.max)), middle);
    const shown =
      range === undefined || range.min === range.max
        ? shownNumber(value)
        : `${shownNumber(range.min)} / ${shownNumber(value)} / ${shownNumber(range.max)}`;
    const right = round(scale.position(Math.max(value, range?.max ?? 0))) + 6;
    return [
      rowLabel(label, middle + 4),
      barAt(end, top, `${label}: ${shown}`),
      whisker,
      svgText(shown, `x="${right}" y="${middle + 4}" class="value"`),
    ].join('');
  });
  return svg(bottom + AXIS_HEIGHT, description, verticalGrid(scale, 0, bottom, unit) + rows.join(''));
}

function barAt(end: number, top: number, title: string): string {
  const size = `width="${round(end - LABEL_WIDTH)}" height="${BAR_HEIGHT}"`;
  return `<rect x="${LABEL_WIDTH}" y="${top}" ${size} fill="${colour(0)}"><title>${escapeMarkup(title)}</title></rect>`;
}

function whiskerAt(from: number, to: number, y: number): string {
  const ends = [from, to].map((x) => `<line x1="${x}" x2="${x}" y1="${y - 5}" y2="${y + 5}" class="whisker"/>`);
  return `<line x1="${from}" x2="${to}" y1="${y}" y2="${y}" class="whisker"/>${ends.join('')}`;
}

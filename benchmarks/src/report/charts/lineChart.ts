import type { Localized } from '@menglian/cli/language';
import { escapeMarkup, shownNumber, svgText } from '../markup.js';
import { AXIS_HEIGHT, colour, RIGHT_MARGIN, round, svg, verticalGrid, WIDTH } from './frame.js';
import { linearScale } from './scale.js';
import { legend } from './stackedChart.js';

export interface Line {
  readonly label: string;
  /** by ascending x */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

const TOP = 30;
const PLOT_HEIGHT = 220;
const LEFT = 70;

/** More points than this are not seen one by one. */
const DOTS_MAX = 60;

/** Values over something that grows, from 0 on both axes. */
export function lineChart(lines: readonly Line[], units: { readonly x: Localized; readonly y: Localized }): string {
  const all = lines.flatMap(({ points }) => points);
  const bottom = TOP + PLOT_HEIGHT;
  const across = linearScale(Math.max(0, ...all.map(({ x }) => x)), LEFT, WIDTH - RIGHT_MARGIN);
  const up = linearScale(Math.max(0, ...all.map(({ y }) => y)), bottom, TOP);
  const grid = up.ticks.map((tick) => {
    const y = round(up.position(tick));
    const value = svgText(shownNumber(tick), `x="${LEFT - 6}" y="${y + 4}" text-anchor="end" class="tick"`);
    return `<line x1="${LEFT}" x2="${WIDTH - RIGHT_MARGIN}" y1="${y}" y2="${y}" class="grid"/>${value}`;
  });
  const drawn = lines.map(({ label, points }, index) => {
    const at = points.map(({ x, y }) => `${round(across.position(x))},${round(up.position(y))}`);
    const dots = points.length > DOTS_MAX ? [] : points.map((point) => dot(label, point, index));
    return `<polyline points="${at.join(' ')}" fill="none" stroke="${colour(index)}" stroke-width="2"/>${dots.join('')}`;
  });
  function dot(label: string, { x, y }: { x: number; y: number }, index: number): string {
    const title = escapeMarkup(`${label}: ${shownNumber(x)}, ${shownNumber(y)}`);
    return `<circle cx="${round(across.position(x))}" cy="${round(up.position(y))}" r="3" fill="${colour(index)}"><title>${title}</title></circle>`;
  }
  const unit = svgText(units.y, `x="${WIDTH - RIGHT_MARGIN}" y="${TOP - 8}" text-anchor="end" class="tick"`);
  const body = legend(lines.map(({ label }) => label)) + verticalGrid(across, TOP, bottom, units.x) + grid.join('');
  return svg(bottom + AXIS_HEIGHT, units.y, body + unit + drawn.join(''));
}

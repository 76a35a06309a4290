import type { Localized } from '@menglian/cli/language';
import { escapeMarkup, shortened, shownNumber, svgText } from '../markup.js';
import type { Scale } from './scale.js';

/** Sizes in units of the view box; the page scales it to its width. */
export const WIDTH = 880;
export const LABEL_WIDTH = 250;
export const RIGHT_MARGIN = 110;
export const ROW_HEIGHT = 26;
export const BAR_HEIGHT = 16;
export const AXIS_HEIGHT = 30;

/** About what fits beside the bars. */
const LABEL_CHARACTERS_MAX = 36;

/** Told apart by people who see colours differently (Okabe and Ito). */
const FIRST_COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#b8a800', '#777777'];

/** Darker and lighter kin of the same, for charts with many parts. */
const LATER_COLOURS = ['#003a5c', '#ffd27f', '#7fd6bd', '#7a3b60', '#b5dff7', '#7a3600', '#f0e442', '#bbbbbb'];

const COLOURS = [...FIRST_COLOURS, ...LATER_COLOURS];

export function colour(index: number): string {
  return COLOURS[index % COLOURS.length]!;
}

/** @param body markup of SVG @param description for those who hear the page */
export function svg(height: number, description: Localized, body: string): string {
  const label = escapeMarkup(description.en);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}">${body}</svg>`;
}

/** The name of a row, cut to what fits; the whole of it shows under the pointer. */
export function rowLabel(label: string, y: number): string {
  const text = shortened(label, LABEL_CHARACTERS_MAX);
  const place = `x="${LABEL_WIDTH - 8}" y="${y}" text-anchor="end" class="label"`;
  return `<g><title>${escapeMarkup(label)}</title>${svgText(text, place)}</g>`;
}

/** Lines from top to bottom at the ticks of a scale, with their values and the unit below. */
export function verticalGrid(scale: Scale, top: number, bottom: number, unit: Localized): string {
  const lines = scale.ticks.map((tick) => {
    const x = round(scale.position(tick));
    const value = svgText(shownNumber(tick), `x="${x}" y="${bottom + 14}" text-anchor="middle" class="tick"`);
    return `<line x1="${x}" x2="${x}" y1="${top}" y2="${bottom}" class="grid"/>${value}`;
  });
  const end = svgText(unit, `x="${WIDTH - 4}" y="${bottom + 14}" text-anchor="end" class="tick"`);
  return lines.join('') + end;
}

/** Positions need no more digits than a screen shows. */
export function round(position: number): number {
  return Math.round(position * 10) / 10;
}

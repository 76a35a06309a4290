import type { Localized } from '@menglian/cli/language';
import { both, escapeMarkup } from './markup.js';

/** A table of HTML. @param heads of the columns; all but the first hold numbers @param rows text, not yet markup */
export function table(heads: readonly Localized[], rows: readonly (readonly string[])[]): string {
  const head = heads.map((cell) => `<th>${both(cell)}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${escapeMarkup(cell)}</td>`).join('')}</tr>`);
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}

import type { Localized } from '@menglian/cli/language';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Characters that neither XML nor a reader can do anything with: controls but for tab and line feed, halves of pairs,
 * what turns the direction of writing, and those that are none.
 */
const UNSHOWABLE = /(?![\t\n])[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu;

/** Text of anybody as text or attribute value of HTML and SVG. */
export function escapeMarkup(text: string): string {
  return text.replaceAll(UNSHOWABLE, '\ufffd').replaceAll(/[&<>"']/g, (character) => ESCAPES[character]!);
}

/** Both languages in one element of HTML each; the style of the page shows one. */
export function both({ en, zh }: Localized): string {
  return `<span class="en" lang="en">${escapeMarkup(en)}</span><span class="zh" lang="zh">${escapeMarkup(zh)}</span>`;
}

/** A text in SVG that is the same in both languages, or one for each. @param attributes as markup */
export function svgText(text: string | Localized, attributes: string): string {
  if (typeof text === 'string') return `<text ${attributes}>${escapeMarkup(text)}</text>`;
  const { en, zh } = text;
  return `<g class="en"><text ${attributes}>${escapeMarkup(en)}</text></g><g class="zh"><text ${attributes}>${escapeMarkup(zh)}</text></g>`;
}

/** A number for people: three or four digits that matter, thousands apart. */
export function shownNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}

/** At most so many characters, the end cut off. */
export function shortened(text: string, characters: number): string {
  const all = [...text];
  return all.length <= characters ? text : `${all.slice(0, characters - 1).join('')}…`;
}

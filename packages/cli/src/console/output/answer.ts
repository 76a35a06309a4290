import type { Language, Localized } from '../../language.js';
import type { Style } from './style.js';

/** How people see an answer. */
export type View =
  | { readonly kind: 'text'; readonly text: Localized }
  /** Our own words, with colours. */
  | { readonly kind: 'drawn'; readonly draw: (language: Language, style: Style) => string }
  /** Any JSON value, outlined. */
  | { readonly kind: 'outline'; readonly value: unknown }
  | { readonly kind: 'table'; readonly columns: readonly Localized[]; readonly rows: readonly (readonly string[])[] };

/** What a command found or did. */
export interface Answer {
  /** For programs: what `--json` prints. */
  readonly json: unknown;
  readonly view: View;
  /** Below the answer, for people only. */
  readonly note?: Localized;
}

export function textAnswer(json: unknown, text: Localized): Answer {
  return { json, view: { kind: 'text', text } };
}

/** A number or a text that speaks for itself. */
export function plainAnswer(value: string | number): Answer {
  return textAnswer(value, { en: String(value), zh: String(value) });
}

export function outlineAnswer(value: unknown): Answer {
  return { json: value, view: { kind: 'outline', value } };
}

export function tableAnswer(
  json: unknown,
  columns: readonly Localized[],
  rows: readonly (readonly string[])[],
): Answer {
  return { json, view: { kind: 'table', columns, rows } };
}

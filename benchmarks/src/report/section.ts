import type { Localized } from '@menglian/cli/language';
import { both } from './markup.js';

/** A part of the page: a heading, what it shows, and markup. */
export function section(title: Localized, note: Localized, markup: string): string {
  return `<section><h2>${both(title)}</h2><p>${both(note)}</p>${markup}</section>`;
}

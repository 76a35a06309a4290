import type { AnalyzedCode, CodePrices, CodeProfile } from '../codeAnalysis.js';
import {
  TEXT_LENGTH_GOAL_MAX,
  TEXT_LENGTH_PER_HEAT,
  TRANSLATIONS_MAX,
  TRANSLATIONS_PER_CODE_MAX,
  TRANSLATIONS_TEXT_LENGTH_MAX,
  TRANSLATION_HEAT,
  TRANSLATION_HEAT_FACTOR,
} from './limits.js';
import { translate } from './translate.js';
import type { Translation } from './translate.js';

export { LEFT } from './runtime.js';

/** Codes with a translation, oldest first. A code that is thrown out grows hot again, with fewer attempts left. */
const translated = new Set<CodeProfile>();
let textLength = 0;

/** The translation of a code, made now if the code has become hot. @returns undefined where it is to be interpreted */
export function translationFor(code: AnalyzedCode, prices: CodePrices): Translation | undefined {
  const { profile } = code;
  const { translation } = profile;
  if (profile.heat >= profile.nextHeat) improve(code, prices);
  else if (translation === undefined) return undefined;
  const { translation: current } = profile;
  return current?.schedule === prices.schedule ? current : undefined;
}

/** What is kept by this thread. */
export function keptTranslations(): { readonly count: number; readonly textLength: number } {
  return { count: translated.size, textLength };
}

function improve(code: AnalyzedCode, prices: CodePrices): void {
  const { profile } = code;
  forget(profile);
  const textGoal = Math.min(TEXT_LENGTH_GOAL_MAX, TEXT_LENGTH_PER_HEAT * profile.heat);
  profile.heat = 0;
  profile.translations += 1;
  const isLast = profile.translations >= TRANSLATIONS_PER_CODE_MAX;
  profile.nextHeat = isLast ? Infinity : TRANSLATION_HEAT * TRANSLATION_HEAT_FACTOR ** profile.translations;
  const translation = translate(code, prices, (block) => profile.seenBlocks[block] === 1, textGoal);
  if (translation === undefined) return;
  profile.translation = translation;
  translated.add(profile);
  textLength += translation.textLength;
  for (const oldest of translated) {
    if (translated.size <= TRANSLATIONS_MAX && textLength <= TRANSLATIONS_TEXT_LENGTH_MAX) return;
    forget(oldest);
  }
}

function forget(profile: CodeProfile): void {
  if (profile.translation === undefined) return;
  translated.delete(profile);
  textLength -= profile.translation.textLength;
  profile.translation = undefined;
}

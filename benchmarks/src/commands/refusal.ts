import type { Language, Localized } from '@menglian/cli/language';

/** Exit code for a command line that asks for what there is not; 1 is for a benchmark that failed. */
export const EXIT_REFUSED = 2;

/** Says why nothing was done. */
export function refuse(reason: Localized, language: Language): void {
  process.stderr.write(`[ERROR] ${reason[language]}\n`);
  process.exitCode = EXIT_REFUSED;
}

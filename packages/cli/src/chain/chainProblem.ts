import type { Localized } from '../language.js';

/** Why a chain was not built: a sentence for the person who asked, and how to ask better. */
export interface ChainProblem {
  readonly message: Localized;
  /** A command line that works. */
  readonly example?: string;
}

export function chainProblem(en: string, zh: string, example?: string): ChainProblem {
  return {
    message: { en, zh },
    ...(example === undefined
      ? {}
      : { example: example.startsWith('tar ') ? example : `menglian chain build ${example}` }),
  };
}

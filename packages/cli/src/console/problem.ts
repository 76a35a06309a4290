import type { Localized } from '../language.js';

/**
 * What the console itself refuses, by number: docs/console.md, "Problems", has a row for each. What a node or a
 * contract answers keeps the code that it has there.
 */
export const PROBLEM = {
  unknownCommand: 'C01',
  argumentCount: 'C02',
  badArgument: 'C03',
  openQuote: 'C04',
  noContract: 'C05',
  badContractFile: 'C06',
  noCompiler: 'C07',
  notCompiled: 'C08',
  severalContracts: 'C09',
  noFunction: 'C10',
  badContractArgument: 'C11',
  badKeyFile: 'C12',
  noPassword: 'C13',
  noAccount: 'C14',
  noName: 'C15',
  interrupted: 'C16',
  notFound: 'C17',
  fileExists: 'C18',
  badStatement: 'C19',
  noChannel: 'C20',
  otherSuite: 'C21',
} as const;

export type ProblemCode = (typeof PROBLEM)[keyof typeof PROBLEM];

/** Why nothing came of a line: what is wrong, what to do, and where it helps a line that works. */
export interface Problem {
  readonly code: string | number;
  readonly message: Localized;
  readonly advice: Localized;
  readonly example?: string;
}

export function problem(code: ProblemCode, message: Localized, advice: Localized, example?: string): Problem {
  return { code, message, advice, ...(example !== undefined && { example }) };
}

/** A problem deep inside of a command, where returning it would make every caller ask. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message.en);
    this.problem = problem;
  }
}

/** The same words in both languages: names, numbers and what others wrote. */
export function both(text: string): Localized {
  return { en: text, zh: text };
}

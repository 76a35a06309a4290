/** What can be wrong, numbered for docs/sm-contracts.md. */
export const COMPILE_PROBLEM = {
  noCompiler: 'S01',
  unknownCompiler: 'S02',
  badInput: 'S03',
  notCompiled: 'S04',
  writtenHash: 'S05',
  unknownSelector: 'S06',
  hashedAddress: 'S07',
} as const;

/** Why a contract is not compiled for a suite: `message` says what is wrong, `advice` what to do. */
export interface CompileProblem {
  readonly code: (typeof COMPILE_PROBLEM)[keyof typeof COMPILE_PROBLEM];
  readonly message: string;
  readonly advice: string;
  /** where in the sources; lines count from 1 */
  readonly at?: SourcePlace;
}

export interface SourcePlace {
  readonly source: string;
  readonly line: number;
}

export function compileProblem(
  code: CompileProblem['code'],
  message: string,
  advice: string,
  at?: SourcePlace,
): CompileProblem {
  return { code, message, advice, ...(at !== undefined && { at }) };
}

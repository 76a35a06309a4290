import { readFileSync } from 'node:fs';
import { CASES_OF_CROSS } from './systemCasesOfCross.js';
import { CASES_OF_CLEARING } from './systemCasesOfClearing.js';
import { CASES_OF_GAS } from './systemCasesOfGas.js';
import { CASES_OF_GOVERNANCE } from './systemCasesOfGovernance.js';
import { CASES_OF_ROUTER } from './systemCasesOfRouter.js';
import { CASES_OF_MESSAGES } from './systemCasesOfMessages.js';
import { CASES_OF_ROUTES } from './systemCasesOfRoutes.js';
import { CASES_OF_TABLES } from './systemCasesOfTables.js';
import type { Answer, SystemCase } from './systemScenario.js';

export const ROOT = new URL('../../../../', import.meta.url);

/** docs/system-contracts.md */
export const PAGE = readFileSync(new URL('docs/system-contracts.md', ROOT), 'utf8');

/** Every function with every answer that it can give. */
export const CASES: readonly SystemCase[] = [
  ...CASES_OF_TABLES,
  ...CASES_OF_GOVERNANCE,
  ...CASES_OF_GAS,
  ...CASES_OF_ROUTES,
  ...CASES_OF_CLEARING,
  ...CASES_OF_MESSAGES,
  ...CASES_OF_ROUTER,
  ...CASES_OF_CROSS,
];

/** What kind of answer it is: a code, a sentence with status 21, or anything else. */
export type Ending = number | 'sentence' | 'yes';

export function endingOf(answer: Answer): Ending {
  return answer.kind === 'sentence' ? 'sentence' : (answer.code ?? 'yes');
}

/** Function, with the name of its contract, → the endings that the page lists for it. */
export function readEndings(): ReadonlyMap<string, readonly Ending[]> {
  const table = PAGE.slice(PAGE.indexOf('## Answers of every function'), PAGE.indexOf('## More'));
  const endings = new Map<string, readonly Ending[]>();
  let kind = '';
  for (const line of table.split('\n')) {
    kind = /^\| \*\*(\w+)\*\*/.exec(line)?.[1] ?? kind;
    const row = /^\| `([^`]+)` \|([^|]*)\|([^|]*)\|([^|]*)\|$/.exec(line);
    if (row === null) continue;
    const codes = [...row[3]!.matchAll(/−(\d+)/g)].map((match) => -Number(match[1]));
    const hasSentence = row[4]!.trim() !== '';
    endings.set(`${kind}.${row[1]}`, ['yes', ...codes, ...(hasSentence ? ['sentence' as const] : [])]);
  }
  return endings;
}

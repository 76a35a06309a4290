import { tokenOf } from './arguments/tokens.js';
import { jsonText } from './output/json.js';
import { answerText, type Page, problemJson, problemText } from './output/render.js';
import { runCommand } from './run.js';
import type { Session } from './session.js';
import type { Outcome } from './command.js';

export interface Writers {
  /** What was asked for. */
  out(text: string): void;
  /** What went wrong. */
  error(text: string): void;
}

/** Runs one command. @returns the exit code */
export async function runOnce(
  session: Session,
  [name, ...given]: readonly [string, ...string[]],
  how: { readonly isJson: boolean; readonly page: Page; readonly writers: Writers },
): Promise<0 | 1> {
  const outcome = await runCommand(session, name, given.map(tokenOf));
  write(outcome, how);
  return outcome.ok ? 0 : 1;
}

/** With `--json` there is one value on stdout, whatever happened. */
export function write(
  outcome: Outcome,
  { isJson, page, writers }: { readonly isJson: boolean; readonly page: Page; readonly writers: Writers },
): void {
  if (outcome.ok) writers.out(isJson ? jsonText(outcome.value.json) : answerText(outcome.value, page));
  else if (isJson) writers.out(problemJson(outcome.reason, page.language));
  else writers.error(problemText(outcome.reason, page));
}

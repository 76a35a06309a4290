import { failure } from '@menglian/base/result';
import { readArguments } from './arguments/parameters.js';
import { type Token, tokens } from './arguments/tokens.js';
import type { Outcome } from './command.js';
import { COMMAND_NAMES, findCommand } from './commands/all.js';
import { nearest } from './nearest.js';
import { PROBLEM, problem, type Problem } from './problem.js';
import { problemOfError } from './sdkProblem.js';
import type { Session } from './session.js';

/** Runs one line. */
export async function runLine(session: Session, line: string): Promise<Outcome | undefined> {
  const read = tokens(line);
  if (!read.ok) return read;
  const [name, ...given] = read.value;
  return name === undefined ? undefined : runCommand(session, name.text, given);
}

export async function runCommand(session: Session, name: string, given: readonly Token[]): Promise<Outcome> {
  const found = findCommand(name);
  if (found === undefined) return failure(unknownCommand(name));
  const read = readArguments({ ...found, example: found.examples[0] }, given);
  if (!read.ok) return read;
  session.sentHash = undefined;
  try {
    return await found.run(session, read.value);
  } catch (error) {
    return failure(problemOfError(error, session.sentHash));
  } finally {
    session.options.terminal.progress(undefined);
  }
}

/** The word is not repeated: it may be a password that was typed in the wrong place. */
function unknownCommand(name: string): Problem {
  const near = nearest(name, COMMAND_NAMES);
  const advice =
    near === undefined
      ? { en: 'see `help` for all of them', zh: '输入 help 查看全部命令' }
      : { en: `did you mean ${near}? See \`help\` for all of them`, zh: `是否想输入 ${near}？输入 help 查看全部命令` };
  const message = { en: 'there is no such command', zh: '没有这个命令' };
  return problem(PROBLEM.unknownCommand, message, advice, near ?? 'help');
}

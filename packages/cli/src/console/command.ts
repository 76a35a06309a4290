import type { Result } from '@menglian/base/result';
import type { Localized } from '../language.js';
import type { Parameter, Values } from './arguments/parameters.js';
import type { Answer } from './output/answer.js';
import type { Problem } from './problem.js';
import type { Session } from './session.js';

export type Outcome = Result<Answer, Problem>;

/** One command as the console knows it: its texts, its arguments and what it does. */
export interface ConsoleCommand {
  readonly name: string;
  /** Other names that people know it by. */
  readonly aliases: readonly string[];
  readonly summary: Localized;
  /** More than a line, where it helps. */
  readonly details?: Localized;
  readonly parameters: readonly Parameter<unknown>[];
  /** A line that works; further ones are for help only. */
  readonly examples: readonly [string, ...string[]];
  /** @throws SdkError what the node or the chain answered */
  run(session: Session, values: readonly unknown[]): Promise<Outcome>;
}

/** Commands of one subject, as `help` lists them. */
export interface Room {
  readonly title: Localized;
  readonly commands: readonly ConsoleCommand[];
}

interface CommandDefinition<P extends readonly Parameter<unknown>[]> {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly en: string;
  readonly zh: string;
  readonly details?: Localized;
  readonly parameters: readonly [...P];
  /** Without the name of the command: it stands before each. */
  readonly examples: readonly [string, ...string[]];
  readonly run: (session: Session, values: Values<P>) => Promise<Outcome>;
}

/** A command whose `run` gets what its parameters read. */
export function command<P extends readonly Parameter<unknown>[]>(definition: CommandDefinition<P>): ConsoleCommand {
  const { name, aliases = [], en, zh, details, parameters, examples, run } = definition;
  const [first, ...others] = examples.map((example) => `${name} ${example}`.trim());
  return {
    name,
    aliases,
    summary: { en, zh },
    ...(details && { details }),
    parameters,
    examples: [first!, ...others],
    run: (session, values) => run(session, values as Values<P>),
  };
}

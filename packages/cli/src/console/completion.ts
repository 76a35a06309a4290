import type { ConsoleCommand } from './command.js';
import type { WordSource } from './arguments/kinds.js';
import { COMMAND_NAMES, findCommand } from './commands/all.js';

/** Words offered at once. */
const WORDS_MAX = 200;

/** Where words come from that the session knows. */
export type Words = (source: WordSource, before: readonly string[]) => Promise<readonly string[]>;

/**
 * What Tab offers at the end of a line.
 * @returns whole words, and the part of the line that they replace, as readline wants them
 */
export async function complete(line: string, words: Words): Promise<[string[], string]> {
  const before = line.split(/\s+/);
  const part = before.pop()!;
  const [name, ...given] = before.filter((word) => word !== '');
  const known = name === undefined ? COMMAND_NAMES : await wordsFor(findCommand(name), given, words);
  const wanted = part.toLowerCase();
  const hits = known.filter((word) => word.toLowerCase().startsWith(wanted)).slice(0, WORDS_MAX);
  return [hits.map((word) => `${word} `), part];
}

async function wordsFor(
  command: ConsoleCommand | undefined,
  given: readonly string[],
  words: Words,
): Promise<readonly string[]> {
  const kind = command?.parameters[given.length]?.kind;
  if (kind?.choices !== undefined) return kind.choices;
  if (kind?.source === 'commands') return COMMAND_NAMES;
  return kind?.source === undefined ? [] : words(kind.source, given);
}

import { failure, type Result, success } from '@menglian/base/result';
import type { Localized } from '../../language.js';
import { both, PROBLEM, problem, type Problem } from '../problem.js';
import type { Kind } from './kinds.js';
import type { Token } from './tokens.js';

/** One place of a command's arguments. `T` is what the command gets. */
export interface Parameter<T> {
  readonly name: string;
  readonly text: Localized;
  readonly kind: Kind<unknown>;
  readonly presence: 'required' | 'optional' | 'rest';
  /** @param given one token, none when it is optional, or all that are left */
  read(given: readonly Token[]): Result<T, Token>;
}

/** What a command gets for its parameters. */
export type Values<P extends readonly Parameter<unknown>[]> = {
  readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never;
};

export function required<T>(name: string, kind: Kind<T>, en: string, zh: string): Parameter<T> {
  const read = ([token]: readonly Token[]) => readBy(kind, token!);
  return { name, text: { en, zh }, kind, presence: 'required', read };
}

export function optional<T>(name: string, kind: Kind<T>, en: string, zh: string): Parameter<T | undefined> {
  const read = ([token]: readonly Token[]) => (token === undefined ? success(undefined) : readBy(kind, token));
  return { name, text: { en, zh }, kind, presence: 'optional', read };
}

/** All that is left, read later: arguments of a contract. */
export function rest(name: string, example: string, en: string, zh: string): Parameter<readonly Token[]> {
  const kind: Kind<readonly Token[]> = {
    expected: { en: 'arguments', zh: '参数' },
    example,
    read: (token) => [token],
  };
  return { name, text: { en, zh }, kind, presence: 'rest', read: (given) => success(given) };
}

function readBy<T>(kind: Kind<T>, token: Token): Result<T, Token> {
  const value = kind.read(token);
  return value === undefined ? failure(token) : success(value);
}

/** `getCode <address> [number]` */
export function usageText(command: string, parameters: readonly Parameter<unknown>[]): string {
  const places = parameters.map(({ name, presence }) => {
    if (presence === 'required') return `<${name}>`;
    return presence === 'optional' ? `[${name}]` : `[${name}…]`;
  });
  return [command, ...places].join(' ');
}

/** Reads the arguments of a command, or says which one is wrong and how it is written. */
export function readArguments(
  command: { readonly name: string; readonly parameters: readonly Parameter<unknown>[]; readonly example: string },
  given: readonly Token[],
): Result<readonly unknown[], Problem> {
  const { parameters, example } = command;
  const usage = usageText(command.name, parameters);
  const fewest = parameters.filter(({ presence }) => presence === 'required').length;
  const most = parameters.at(-1)?.presence === 'rest' ? Infinity : parameters.length;
  if (given.length < fewest || given.length > most) {
    const message = {
      en: `${command.name} got ${given.length} argument${given.length === 1 ? '' : 's'}`,
      zh: `${command.name} 收到 ${given.length} 个参数`,
    };
    return failure(problem(PROBLEM.argumentCount, message, { en: `write: ${usage}`, zh: `用法：${usage}` }, example));
  }
  const values: unknown[] = [];
  for (const [index, parameter] of parameters.entries()) {
    const own = parameter.presence === 'rest' ? given.slice(index) : given.slice(index, index + 1);
    const value = parameter.read(own);
    if (!value.ok) return failure(badArgument(index, parameter, value.reason, example));
    values.push(value.value);
  }
  return success(values);
}

/** Characters of an argument that an error repeats. */
const ECHO_CHARACTERS_MAX = 80;

export function echo(text: string): string {
  return JSON.stringify(text.length > ECHO_CHARACTERS_MAX ? `${text.slice(0, ECHO_CHARACTERS_MAX)}…` : text);
}

function badArgument(index: number, { name, kind }: Parameter<unknown>, token: Token, example: string): Problem {
  const place = index + 1;
  const message = {
    en: `argument ${place}, ${name}, is ${echo(token.text)}`,
    zh: `第 ${place} 个参数 ${name} 为 ${echo(token.text)}`,
  };
  const advice = { en: `it must be ${kind.expected.en}`, zh: `应为${kind.expected.zh}` };
  return problem(PROBLEM.badArgument, message, advice, example);
}

/** For commands that look at an argument further. */
export function badValue(name: string, text: string, expected: Localized, example?: string): Problem {
  const shown = both(echo(text));
  return problem(
    PROBLEM.badArgument,
    { en: `${name} is ${shown.en}`, zh: `${name} 为 ${shown.zh}` },
    { en: `it must be ${expected.en}`, zh: `应为${expected.zh}` },
    example,
  );
}

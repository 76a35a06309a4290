import { failure, type Result, success } from '@menglian/base/result';
import { PROBLEM, problem, type Problem } from '../problem.js';

/** One argument of a line. */
export interface Token {
  /** Without its quotes; brackets and what they hold as they were written. */
  readonly text: string;
  readonly isQuoted: boolean;
}

/** Characters of a line. Bytecode is not typed here, arrays of arguments may be long. */
const LINE_CHARACTERS_MAX = 200_000;

const OPENING = '[(';
const CLOSING = '])';
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** Splits a line at spaces outside of quotes and brackets. */
export function tokens(line: string): Result<readonly Token[], Problem> {
  if (line.length > LINE_CHARACTERS_MAX) return failure(tooLong(line.length));
  const found: Token[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && isSpace(line[at]!)) at++;
    if (at >= line.length) return success(found);
    const end = tokenEnd(line, at);
    if (end === undefined) return failure(openQuote(line.slice(at)));
    found.push(tokenOf(line.slice(at, end)));
    at = end;
  }
}

/** An argument as it was written, in quotes or not. */
export function tokenOf(text: string): Token {
  const quoted = unquoted(text);
  return quoted === undefined ? { text, isQuoted: false } : { text: quoted, isQuoted: true };
}

/**
 * The members of `[a, "b, c", [d]]`, of parentheses too.
 * @returns undefined when the text is no such list
 */
export function listItems(text: string): readonly Token[] | undefined {
  const kind = OPENING.indexOf(text[0] ?? ' ');
  if (kind < 0 || !text.endsWith(CLOSING[kind]!) || text.length < 2) return undefined;
  const inside = text.slice(1, -1);
  if (inside.trim() === '') return [];
  const items: Token[] = [];
  let start = 0;
  for (;;) {
    const end = scan(inside, start, (character) => character === ',');
    if (end === undefined) return undefined;
    const item = inside.slice(start, end).trim();
    if (item === '') return undefined;
    items.push(tokenOf(item));
    if (end >= inside.length) return items;
    start = end + 1;
  }
}

function tokenEnd(line: string, start: number): number | undefined {
  return scan(line, start, isSpace);
}

/** The first place outside of quotes and brackets that ends the token; undefined when one of them is left open. */
function scan(text: string, start: number, isEnd: (character: string) => boolean): number | undefined {
  const open: string[] = [];
  let quote: string | undefined;
  for (let at = start; at < text.length; at++) {
    const character = text[at]!;
    if (quote !== undefined) {
      if (character === '\\') at++;
      else if (character === quote) quote = undefined;
    } else if (open.length === 0 && isEnd(character)) return at;
    else if (isQuote(character) && startsWord(text, start, at)) quote = character;
    else if (OPENING.includes(character)) open.push(CLOSING[OPENING.indexOf(character)]!);
    else if (CLOSING.includes(character) && open.pop() !== character) return undefined;
  }
  return quote === undefined && open.length === 0 ? text.length : undefined;
}

/** An apostrophe within a word is a letter: `don't`. */
function startsWord(text: string, start: number, at: number): boolean {
  return at === start || /[\s[(,=]/.test(text[at - 1]!);
}

function unquoted(text: string): string | undefined {
  const quote = text[0];
  if (text.length < 2 || quote === undefined || !isQuote(quote) || !text.endsWith(quote)) return undefined;
  let plain = '';
  for (let at = 1; at < text.length - 1; at++) {
    const character = text[at]!;
    if (character === quote) return undefined;
    if (character !== '\\') plain += character;
    else if (++at === text.length - 1) return undefined;
    else plain += ESCAPES[text[at]!] ?? text[at]!;
  }
  return plain;
}

function isQuote(character: string): boolean {
  return character === '"' || character === "'";
}

function isSpace(character: string): boolean {
  return /\s/.test(character);
}

function openQuote(text: string): Problem {
  const shown = text.slice(0, 40);
  return problem(
    PROBLEM.openQuote,
    { en: `a quote or a bracket is not closed: ${shown}`, zh: `引号或括号没有闭合：${shown}` },
    { en: 'close it, or write \\" for a quote inside of text', zh: '请补全；文本中的引号写作 \\"' },
    'call HelloWorld latest set "hello world"',
  );
}

function tooLong(length: number): Problem {
  return problem(
    PROBLEM.openQuote,
    { en: `the line has ${length} characters`, zh: `该行有 ${length} 个字符` },
    { en: `write at most ${LINE_CHARACTERS_MAX}`, zh: `最多 ${LINE_CHARACTERS_MAX} 个` },
  );
}

import { failure, type Result, success } from '@menglian/base/result';
import type { Localized } from '../../language.js';
import { echo } from '../arguments/parameters.js';
import { type Token, tokenOf } from '../arguments/tokens.js';
import { both, PROBLEM, problem, type Problem } from '../problem.js';

/** Statements about tables of the chain, in the small part of SQL that they know. */

export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

export interface Condition {
  readonly field: string;
  readonly comparison: Comparison;
  readonly value: string;
}

export interface Create {
  readonly table: string;
  readonly keyField: string;
  readonly fields: readonly string[];
}

export interface Insert {
  readonly table: string;
  /** undefined: those of the table, in their order. */
  readonly fields: readonly string[] | undefined;
  readonly values: readonly string[];
}

export interface Select {
  readonly table: string;
  /** undefined: all. */
  readonly fields: readonly string[] | undefined;
  readonly conditions: readonly Condition[];
  readonly limit: { readonly offset: number; readonly count: number } | undefined;
}

export interface Update {
  readonly table: string;
  readonly changes: Readonly<Record<string, string>>;
  readonly conditions: readonly Condition[];
}

export interface Delete {
  readonly table: string;
  readonly conditions: readonly Condition[];
}

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '=': 'eq',
  '!=': 'ne',
  '<>': 'ne',
  '>': 'gt',
  '>=': 'ge',
  '<': 'lt',
  '<=': 'le',
};

const PIECE = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[<>!]=|<>|[(),*;=<>]|[^\s(),*;=<>!"']+/gy;

const WANTED = {
  table: { en: 'the name of a table', zh: '表名' },
  field: { en: 'the name of a field', zh: '字段名' },
  value: { en: 'a value', zh: '值' },
  number: { en: 'a number', zh: '整数' },
  comma: { en: 'a comma', zh: '逗号' },
  operator: { en: 'one of = != > >= < <=', zh: ' = != > >= < <= 之一' },
} satisfies Readonly<Record<string, Localized>>;

/** Thrown within this file only: what was wanted in the place of a piece. */
class Unexpected extends Error {
  readonly chinese: string;

  constructor(english: string, chinese: string) {
    super(english);
    this.chinese = chinese;
  }
}

/** `t (a varchar, b varchar, primary key(a))`, with or without `table` before it. */
export function readCreate(given: readonly Token[], example: string): Result<Create, Problem> {
  return read(given, example, (pieces) => {
    pieces.take('table');
    const table = pieces.name(WANTED.table);
    pieces.expect('(');
    const fields: string[] = [];
    let keyField: string | undefined;
    do {
      if (pieces.take('primary')) {
        pieces.expect('key');
        pieces.expect('(');
        keyField = pieces.name(WANTED.field);
        pieces.expect(')');
        continue;
      }
      fields.push(pieces.name(WANTED.field));
      // Types are of no meaning: all values are text.
      while (!pieces.isAt(',') && !pieces.isAt(')')) {
        if (pieces.isAt('(')) pieces.list(() => pieces.value());
        else pieces.next(WANTED.comma);
      }
    } while (pieces.take(','));
    pieces.expect(')');
    const key = keyField ?? fields[0];
    if (key === undefined || !fields.includes(key))
      throw new Unexpected('the key is not among the fields', '主键不在字段中');
    return { table, keyField: key, fields: fields.filter((field) => field !== key) };
  });
}

/** `into t (a, b) values (1, "x")`, the names of the fields may be left out. */
export function readInsert(given: readonly Token[], example: string): Result<Insert, Problem> {
  return read(given, example, (pieces) => {
    pieces.take('into');
    const table = pieces.name(WANTED.table);
    const fields = pieces.isAt('(') ? pieces.list(() => pieces.name(WANTED.field)) : undefined;
    pieces.expect('values');
    const values = pieces.list(() => pieces.value());
    if (fields !== undefined && fields.length !== values.length)
      throw new Unexpected('there are not as many values as fields', '值与字段的数量不一致');
    return { table, fields, values };
  });
}

/** `* from t where a = 1 and b > 2 limit 10` */
export function readSelect(given: readonly Token[], example: string): Result<Select, Problem> {
  return read(given, example, (pieces) => {
    const fields: string[] = [];
    const isAll = pieces.take('*');
    if (!isAll) {
      do fields.push(pieces.name(WANTED.field));
      while (pieces.take(','));
    }
    pieces.expect('from');
    const table = pieces.name(WANTED.table);
    const conditions = readConditions(pieces);
    return { table, fields: isAll ? undefined : fields, conditions, limit: readLimit(pieces) };
  });
}

/** `t set b = 2 where a = 1` */
export function readUpdate(given: readonly Token[], example: string): Result<Update, Problem> {
  return read(given, example, (pieces) => {
    const table = pieces.name(WANTED.table);
    pieces.expect('set');
    const changes: [string, string][] = [];
    do {
      const field = pieces.name(WANTED.field);
      pieces.expect('=');
      changes.push([field, pieces.value()]);
    } while (pieces.take(','));
    return { table, changes: Object.fromEntries(changes), conditions: readConditions(pieces) };
  });
}

/** `from t where a = 1` */
export function readDelete(given: readonly Token[], example: string): Result<Delete, Problem> {
  return read(given, example, (pieces) => {
    pieces.take('from');
    return { table: pieces.name(WANTED.table), conditions: readConditions(pieces) };
  });
}

function readConditions(pieces: Pieces): readonly Condition[] {
  const conditions: Condition[] = [];
  pieces.expect('where');
  do {
    const field = pieces.name(WANTED.field);
    const operator = pieces.next(WANTED.operator).text;
    const comparison = Object.hasOwn(COMPARISONS, operator) ? COMPARISONS[operator] : undefined;
    if (comparison === undefined) throw pieces.unexpected(operator, WANTED.operator);
    conditions.push({ field, comparison, value: pieces.value() });
  } while (pieces.take('and'));
  return conditions;
}

function readLimit(pieces: Pieces): Select['limit'] {
  if (!pieces.take('limit')) return undefined;
  const first = pieces.integer();
  return pieces.take(',') ? { offset: first, count: pieces.integer() } : { offset: 0, count: first };
}

function read<T>(given: readonly Token[], example: string, statement: (pieces: Pieces) => T): Result<T, Problem> {
  try {
    const pieces = new Pieces(given);
    const found = statement(pieces);
    pieces.take(';');
    pieces.end();
    return success(found);
  } catch (error) {
    if (!(error instanceof Unexpected)) throw error;
    const message = { en: `the statement cannot be read: ${error.message}`, zh: `无法识别该语句：${error.chinese}` };
    const advice = { en: 'write it like the example', zh: '请参照示例书写' };
    return failure(problem(PROBLEM.badStatement, message, advice, example));
  }
}

/** The words, texts and signs of a statement, one after the other. */
class Pieces {
  readonly #pieces: readonly Token[];
  #at = 0;

  constructor(given: readonly Token[]) {
    const text = given
      .map(({ text, isQuoted }) => (isQuoted ? `"${text.replaceAll(/[\\"]/g, String.raw`\$&`)}"` : text))
      .join(' ');
    const found: Token[] = [];
    PIECE.lastIndex = 0;
    for (let at = 0; at < text.length; at = PIECE.lastIndex) {
      const spaces = /\s*/y;
      spaces.lastIndex = at;
      spaces.exec(text);
      if (spaces.lastIndex >= text.length) break;
      PIECE.lastIndex = spaces.lastIndex;
      const match = PIECE.exec(text);
      if (match === null) throw new Unexpected('a quote is not closed', '引号没有闭合');
      found.push(tokenOf(match[0]));
    }
    this.#pieces = found;
  }

  next(wanted: Localized): Token {
    const piece = this.#pieces[this.#at];
    if (piece === undefined) throw this.unexpected(undefined, wanted);
    this.#at++;
    return piece;
  }

  isAt(word: string): boolean {
    const piece = this.#pieces[this.#at];
    return piece !== undefined && !piece.isQuoted && piece.text.toLowerCase() === word;
  }

  take(word: string): boolean {
    const isThere = this.isAt(word);
    if (isThere) this.#at++;
    return isThere;
  }

  expect(word: string): void {
    if (!this.take(word)) throw this.unexpected(this.#pieces[this.#at]?.text, both(`\`${word}\``));
  }

  name(wanted: Localized): string {
    const { text } = this.next(wanted);
    if (/^[\w$@]+$/.test(text)) return text;
    throw this.unexpected(text, wanted);
  }

  value(): string {
    const { text, isQuoted } = this.next(WANTED.value);
    if (isQuoted || !/^([(),*;=<>]|[<>!]=|<>)$/.test(text)) return text;
    throw this.unexpected(text, WANTED.value);
  }

  integer(): number {
    const { text } = this.next(WANTED.number);
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw this.unexpected(text, WANTED.number);
  }

  list<T>(item: () => T): readonly T[] {
    this.expect('(');
    const items = [item()];
    while (this.take(',')) items.push(item());
    this.expect(')');
    return items;
  }

  end(): void {
    const left = this.#pieces[this.#at];
    if (left !== undefined) throw new Unexpected(`${echo(left.text)} is too much`, `${echo(left.text)} 多余`);
  }

  /** @param found undefined at the end */
  unexpected(found: string | undefined, wanted: Localized): Unexpected {
    return found === undefined
      ? new Unexpected(`it ends where ${wanted.en} is wanted`, `缺少${wanted.zh}`)
      : new Unexpected(`${echo(found)} stands where ${wanted.en} is wanted`, `${echo(found)} 处应为${wanted.zh}`);
  }
}

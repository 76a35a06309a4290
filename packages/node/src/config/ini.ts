import { failure, success, type Result } from '@menglian/base/result';

/** Largest configuration file read, in characters: a 2.x file has about 4,000. */
const CONFIG_CHARACTERS_MAX = 1_000_000;

/** Something in a configuration file that cannot stand, told so that the reader can mend it. */
export interface ConfigProblem {
  readonly file: string;
  /** 1 for the first line; 0 when the whole file is meant */
  readonly line: number;
  /** One sentence: what was found and what is allowed. */
  readonly message: string;
}

export interface IniValue {
  readonly text: string;
  readonly line: number;
}

/** Sections by name, each with its values by key, in the order of the file. */
export type IniDocument = ReadonlyMap<string, ReadonlyMap<string, IniValue>>;

/**
 * Reads the INI dialect of 2.x: `[section]`, `key=value`, whole-line comments after `;` or `#`, blanks around names and
 * values ignored, keys case-sensitive, no inline comments, no section and no key twice (docs/configuration.md).
 */
export function parseIni(text: string, file: string): Result<IniDocument, ConfigProblem[]> {
  if (text.length > CONFIG_CHARACTERS_MAX) {
    const message = `has ${text.length} characters; at most ${CONFIG_CHARACTERS_MAX} are read`;
    return failure([{ file, line: 0, message }]);
  }
  const sections = new Map<string, Map<string, IniValue>>();
  const problems: ConfigProblem[] = [];
  let section: Map<string, IniValue> | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    const content = raw.trim();
    if (content === '' || content.startsWith(';') || content.startsWith('#')) continue;
    const problem = (message: string) => problems.push({ file, line, message });
    if (content.startsWith('[')) {
      const name = content.endsWith(']') ? content.slice(1, -1).trim() : '';
      section = new Map();
      if (name === '') problem(`found ${quote(content)}; a section is written [name]`);
      else if (sections.has(name)) problem(`section [${name}] stands twice; keep one and move its keys there`);
      else sections.set(name, section);
      continue;
    }
    const equals = content.indexOf('=');
    const key = content.slice(0, equals).trim();
    if (equals < 1) problem(`found ${quote(content)}; a line is [section], key=value, or a comment after ; or #`);
    else if (section === undefined) problem(`key ${key} stands before the first [section]`);
    else if (section.has(key)) problem(`key ${key} stands twice in its section; keep one`);
    else section.set(key, { text: content.slice(equals + 1).trim(), line });
  }
  return problems.length > 0 ? failure(problems) : success(sections);
}

/** A piece of a file as it may be shown: short, printable, in quotes. */
export function quote(text: string): string {
  const printable = text.replaceAll(/[^\u0020-\u007e\u00a0-\uffff]/g, '?');
  return `"${printable.length > 60 ? `${printable.slice(0, 60)}…` : printable}"`;
}

/** One line a problem: `file:line: message`. */
export function describeProblems(problems: readonly ConfigProblem[]): string {
  return problems
    .map(({ file, line, message }) => (line > 0 ? `${file}:${line}: ${message}` : `${file}: ${message}`))
    .join('\n');
}

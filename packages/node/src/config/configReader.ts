import type { ConfigProblem, IniDocument, IniValue } from './ini.js';
import { quote } from './ini.js';

/** Numbered keys read from one list (`node.0`, `node.1` …). Far above the largest consortium known. */
const LIST_ENTRIES_MAX = 1000;

/**
 * Reads typed values out of a configuration file and collects every problem before it gives up, so that an operator
 * mends a file once. Reading is the schema: what was not asked for by the time of `finish` is an unknown key.
 */
export class ConfigReader {
  readonly #file: string;
  readonly #document: IniDocument;
  readonly #known = new Map<string, Set<string>>();
  readonly #lists = new Map<string, Set<string>>();
  readonly #problems: ConfigProblem[] = [];

  constructor(document: IniDocument, file: string) {
    this.#document = document;
    this.#file = file;
  }

  text(section: string, key: string, fallback: string): string {
    return this.#value(section, key)?.text ?? fallback;
  }

  integer(section: string, key: string, fallback: number, min: number, max: number): number {
    const value = this.#value(section, key);
    if (value === undefined) return fallback;
    const parsed = /^\d{1,16}$/.test(value.text) ? Number(value.text) : Number.NaN;
    if (parsed >= min && parsed <= max && Number.isSafeInteger(parsed)) return parsed;
    this.refuse(section, key, `must be a whole number of ${min} to ${max}`);
    return fallback;
  }

  /** A number that may have decimal places, above `min`. */
  decimal(section: string, key: string, fallback: number, min: number, max: number): number {
    const value = this.#value(section, key);
    if (value === undefined) return fallback;
    const parsed = /^\d{1,9}(\.\d{1,9})?$/.test(value.text) ? Number(value.text) : Number.NaN;
    if (parsed > min && parsed <= max) return parsed;
    this.refuse(section, key, `must be a number above ${min}, at most ${max}`);
    return fallback;
  }

  boolean(section: string, key: string, fallback: boolean): boolean {
    const value = this.#value(section, key);
    if (value === undefined) return fallback;
    if (value.text === 'true' || value.text === '1') return true;
    if (value.text === 'false' || value.text === '0') return false;
    this.refuse(section, key, 'must be true or false');
    return fallback;
  }

  /** One of a few words, in any case. */
  choice<T extends string>(section: string, key: string, fallback: T, allowed: readonly T[]): T {
    const value = this.#value(section, key);
    if (value === undefined) return fallback;
    const found = allowed.find((word) => word.toLowerCase() === value.text.toLowerCase());
    if (found !== undefined) return found;
    this.refuse(section, key, `must be ${allowed.join(' or ')}`);
    return fallback;
  }

  /** The values of `key.N`, in the order of the file. `parse` answers undefined for a value that is not `allowed`. */
  list<T>(section: string, key: string, allowed: string, parse: (text: string) => T | undefined): T[] {
    this.#remember(this.#lists, section, key);
    const parsed: T[] = [];
    for (const [name, value] of this.#document.get(section) ?? []) {
      if (!isNumbered(name, key)) continue;
      const item = parse(value.text);
      if (item === undefined) this.#problem(value, `${name}=${quote(value.text)} must be ${allowed}`);
      else if (parsed.length >= LIST_ENTRIES_MAX) this.#problem(value, `more than ${LIST_ENTRIES_MAX} ${key}.N`);
      else parsed.push(item);
    }
    return parsed;
  }

  /** Keys that 2.x knows and that have no effect here: accepted, so that existing files work unchanged. */
  accept(section: string, ...keys: readonly string[]): void {
    for (const key of keys) {
      this.#remember(key.endsWith('.N') ? this.#lists : this.#known, section, key.replace(/\.N$/, ''));
    }
  }

  /** Adds a problem with a value that was read. */
  refuse(section: string, key: string, rule: string): void {
    const value = this.#document.get(section)?.get(key);
    if (value === undefined) this.missing(section, key, rule);
    else this.#problem(value, `[${section}] ${key}=${quote(value.text)} ${rule}`);
  }

  /** Adds a problem with a value that is not there. */
  missing(section: string, key: string, rule: string): void {
    this.#problems.push({ file: this.#file, line: 0, message: `[${section}] ${key} ${rule}` });
  }

  /** @returns every problem, unknown sections and keys included, in the order of the file */
  finish(): ConfigProblem[] {
    for (const [section, values] of this.#document) {
      const keys = this.#known.get(section);
      const lists = this.#lists.get(section);
      for (const [key, value] of values) {
        if (keys?.has(key) || [...(lists ?? [])].some((list) => isNumbered(key, list))) continue;
        const names = [...(keys ?? []), ...[...(lists ?? [])].map((list) => `${list}.N`)].toSorted();
        const allowed =
          names.length > 0 ? `known in [${section}]: ${names.join(', ')}` : `section [${section}] is not known`;
        this.#problem(value, `unknown key ${quote(key)}; ${allowed}`);
      }
    }
    return this.#problems.toSorted((a, b) => a.line - b.line);
  }

  #value(section: string, key: string): IniValue | undefined {
    this.#remember(this.#known, section, key);
    return this.#document.get(section)?.get(key);
  }

  #remember(into: Map<string, Set<string>>, section: string, key: string): void {
    const keys = into.get(section);
    if (keys === undefined) into.set(section, new Set([key]));
    else keys.add(key);
  }

  #problem(value: IniValue, message: string): void {
    this.#problems.push({ file: this.#file, line: value.line, message });
  }
}

function isNumbered(name: string, key: string): boolean {
  return name.startsWith(`${key}.`) && /^\d{1,6}$/.test(name.slice(key.length + 1));
}

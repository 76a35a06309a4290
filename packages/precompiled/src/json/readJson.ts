import { failure, type Result, success } from '@menglian/base/result';
import { MAX_JSON_DEPTH } from '../limits.js';
import { doubleText } from './doubleText.js';

/** Keys sorted later by those who write; here members keep their first place, the last value of a name wins. */
export type JsonObject = ReadonlyMap<string, JsonValue>;

/** Scalars are their text: `true`, `12`, the string itself. All text is byte strings. */
export type JsonValue =
  | { readonly kind: 'null' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'array' }
  | { readonly kind: 'object'; readonly members: JsonObject };

const UINT64_MAX = 2n ** 64n - 1n;
const INT64_MIN = -(2n ** 63n);
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const PLAIN = /[^"\\]*/y;

/**
 * Reads JSON out of call data. JSON.parse does not do: it would mix bytes with the characters that escapes stand for, and
 * round numbers that clients expect back digit by digit. Strict, except that control characters in strings stand for
 * themselves, which contracts that put JSON together rely on.
 * @param source byte string; strings in it are usually UTF-8 and pass through byte by byte
 */
export function readJson(source: string): Result<JsonValue> {
  const reader = new JsonReader(source);
  const value = reader.value(0);
  if (value === undefined || !reader.isAtEnd()) return failure('not JSON');
  return success(value);
}

class JsonReader {
  readonly #source: string;
  #position = 0;

  constructor(source: string) {
    this.#source = source;
  }

  isAtEnd(): boolean {
    this.#skipSpace();
    return this.#position === this.#source.length;
  }

  value(depth: number): JsonValue | undefined {
    if (depth > MAX_JSON_DEPTH) return undefined;
    this.#skipSpace();
    switch (this.#source[this.#position]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return textValue(this.#string());
      case 't':
        return this.#word('true', { kind: 'text', text: 'true' });
      case 'f':
        return this.#word('false', { kind: 'text', text: 'false' });
      case 'n':
        return this.#word('null', { kind: 'null' });
      default:
        return textValue(this.#number());
    }
  }

  #object(depth: number): JsonValue | undefined {
    const members = new Map<string, JsonValue>();
    this.#position++;
    if (this.#take('}')) return { kind: 'object', members };
    do {
      this.#skipSpace();
      if (this.#source[this.#position] !== '"') return undefined;
      const name = this.#string();
      if (name === undefined || !this.#take(':')) return undefined;
      const value = this.value(depth + 1);
      if (value === undefined) return undefined;
      members.set(name, value);
    } while (this.#take(','));
    return this.#take('}') ? { kind: 'object', members } : undefined;
  }

  /** Only whether it is well formed: no contract takes an array. */
  #array(depth: number): JsonValue | undefined {
    this.#position++;
    if (this.#take(']')) return { kind: 'array' };
    do {
      if (this.value(depth + 1) === undefined) return undefined;
    } while (this.#take(','));
    return this.#take(']') ? { kind: 'array' } : undefined;
  }

  #string(): string | undefined {
    this.#position++;
    let text = '';
    for (;;) {
      text += this.#match(PLAIN);
      const end = this.#source[this.#position++];
      if (end === '"') return text;
      if (end === undefined) return undefined;
      const escaped = this.#escape();
      if (escaped === undefined) return undefined;
      text += escaped;
    }
  }

  #escape(): string | undefined {
    const letter = this.#source[this.#position++];
    if (letter === 'u') return this.#unicodeEscape();
    const place = letter === undefined ? -1 : '"\\/bfnrt'.indexOf(letter);
    return place < 0 ? undefined : '"\\/\b\f\n\r\t'[place];
  }

  /** A surrogate pair is one character; a first half alone is an error, a second half alone is encoded as it is. */
  #unicodeEscape(): string | undefined {
    const unit = this.#hexDigits();
    if (unit === undefined || unit < 0xd800 || unit > 0xdbff) return unit === undefined ? undefined : utf8(unit);
    if (this.#source[this.#position++] !== '\\' || this.#source[this.#position++] !== 'u') return undefined;
    const second = this.#hexDigits();
    if (second === undefined || second < 0xdc00 || second > 0xdfff) return undefined;
    return utf8(0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00));
  }

  #hexDigits(): number | undefined {
    const digits = this.#source.slice(this.#position, this.#position + 4);
    this.#position += 4;
    return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
  }

  #number(): string | undefined {
    const literal = this.#match(NUMBER);
    if (literal === '') return undefined;
    if (/^-?[0-9]{1,20}$/.test(literal)) {
      const integer = BigInt(literal);
      if (integer >= INT64_MIN && integer <= UINT64_MAX) return integer.toString();
    }
    const value = Number(literal);
    return Number.isFinite(value) ? doubleText(value) : undefined;
  }

  #word(expected: string, value: JsonValue): JsonValue | undefined {
    if (!this.#source.startsWith(expected, this.#position)) return undefined;
    this.#position += expected.length;
    return value;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#source)?.[0] ?? '';
    this.#position += found.length;
    return found;
  }

  #take(character: string): boolean {
    this.#skipSpace();
    if (this.#source[this.#position] !== character) return false;
    this.#position++;
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#source.charCodeAt(this.#position);
      if (code !== 32 && code !== 9 && code !== 10 && code !== 13) return;
      this.#position++;
    }
  }
}

function textValue(text: string | undefined): JsonValue | undefined {
  return text === undefined ? undefined : { kind: 'text', text };
}

/** The bytes of a code point, a lone surrogate included, which TextEncoder would replace. */
function utf8(codePoint: number): string {
  if (codePoint < 0x80) return String.fromCharCode(codePoint);
  const tail = (shift: number): number => 0x80 | ((codePoint >> shift) & 0x3f);
  if (codePoint < 0x800) return String.fromCharCode(0xc0 | (codePoint >> 6), tail(0));
  if (codePoint < 0x10000) return String.fromCharCode(0xe0 | (codePoint >> 12), tail(6), tail(0));
  return String.fromCharCode(0xf0 | (codePoint >> 18), tail(12), tail(6), tail(0));
}

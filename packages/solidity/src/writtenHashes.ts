import { fromHex, parseHex, toBigInt, toHex } from '@menglian/base/bytes';
import type { KnownHash, KnownHashes } from './knownHashes.js';
import { COMPILE_PROBLEM, compileProblem, type CompileProblem, type SourcePlace } from './problem.js';
import { type SourceToken, tokensOf } from './sourceTokens.js';

/** A comment on the line of a constant that means the same on chains of both suites. */
const INDEPENDENT = 'suite-independent';

/** Words that make 4 bytes in the same statement a selector. */
const SELECTOR_WORD = /^(?:bytes4|sig|(?:static|delegate)?call)$|selector|interface/i;

/** Identifiers that are no hashes: ERC-4906. */
const FIXED: ReadonlySet<bigint> = new Set([0x49064906n]);

/** What hashes that people wrote as numbers would do on an SM chain. */
export interface WrittenHashes {
  readonly problems: readonly CompileProblem[];
  readonly warnings: readonly string[];
  /** the source, with those that were translated */
  readonly text: string;
}

/**
 * Looks for values of keccak-256 that stand in a source as numbers: no compiler can know what they were made of.
 * @param isTranslating puts values of SM3 in their place where it is known what they were made of
 */
export function findWrittenHashes(
  source: string,
  text: string,
  known: KnownHashes,
  isTranslating: boolean,
): WrittenHashes {
  const lines = text.split('\n');
  const problems: CompileProblem[] = [];
  const warnings: string[] = [];
  let translated = text;
  for (const statement of statementsOf(tokensOf(text))) {
    for (const token of statement.tokens) {
      const at = { source, line: token.line };
      if (lines[token.line - 1]?.includes(INDEPENDENT) === true) continue;
      if (token.kind === 'word' && token.text === 'ecrecover') warnings.push(ecrecoverWarning(at));
      const bytes = bytesOf(token);
      if (bytes === undefined) continue;
      const shown = token.text.length > 24 ? `${token.text.slice(0, 24)}…` : token.text;
      const made = madeOf(bytes, known);
      const digits = made === undefined || !isTranslating ? undefined : translation(token, bytes, made);
      if (digits !== undefined) {
        // As long as what was there, so that all places stay.
        translated = translated.slice(0, token.start) + digits + translated.slice(token.start + digits.length);
        warnings.push(translationWarning(at, shown, made!));
      } else if (made !== undefined) problems.push(writtenHash(shown, made.made, at));
      else if (isSelector(token, bytes, statement)) problems.push(unknownSelector(shown, at));
      else if (isTopic(token, bytes, statement)) problems.push(unknownTopic(shown, at));
      else if (isHashLike(token, bytes)) warnings.push(hashWarning(at, shown));
    }
  }
  return { problems, warnings, text: translated };
}

/** The same number of digits with the hash of SM3. @returns undefined where that is not possible */
function translation({ kind, text }: SourceToken, bytes: Uint8Array, { sm }: KnownHash): string | undefined {
  const prefix = kind === 'number' ? text.slice(0, 2) : '';
  const rest = text.slice(prefix.length);
  if (!/^(?:0x)?$/i.test(prefix) || !/^[\da-f]+$/i.test(rest)) return undefined;
  const isWord = bytes.length === 32 && !isShifted(bytes);
  const digits = sm.toString(16).padStart(isWord ? 64 : 8, '0');
  if (rest.length < digits.length) return undefined;
  return prefix + digits + rest.slice(digits.length);
}

/** A statement, or a whole block of inline assembly. */
interface Statement {
  readonly tokens: SourceToken[];
  readonly isAssembly: boolean;
}

function statementsOf(tokens: readonly SourceToken[]): readonly Statement[] {
  const statements: Statement[] = [{ tokens: [], isAssembly: false }];
  let depth = 0;
  for (const token of tokens) {
    const last = statements.at(-1)!;
    if (token.kind !== 'mark' || (depth > 0 && token.text === ';')) last.tokens.push(token);
    else if (depth > 0) depth += token.text === '{' ? 1 : -1;
    else if (token.text === '{' && last.tokens.some(({ text }) => text === 'assembly')) depth = 1;
    if (token.kind === 'mark' && (depth === 0 || !last.isAssembly))
      statements.push({ tokens: [], isAssembly: depth > 0 });
  }
  return statements;
}

/** Of a number as many bytes as its digits have; of a text only if it is all escapes. */
function bytesOf({ kind, text }: SourceToken): Uint8Array | undefined {
  if (kind === 'hexText') return parseHex(text.replaceAll('_', ''));
  if (kind === 'text') return /^(?:\\x[\da-f]{2})+$/i.test(text) ? parseHex(text.replaceAll('\\x', '')) : undefined;
  if (kind !== 'number') return undefined;
  const digits = text.replaceAll('_', '');
  if (/^0x/i.test(digits)) return fromHex(evenDigits(digits.slice(2)));
  return /^\d{8,78}$/.test(digits) ? fromHex(evenDigits(BigInt(digits).toString(16))) : undefined;
}

function evenDigits(digits: string): string {
  return digits.length % 2 === 0 ? digits : `0${digits}`;
}

function madeOf(bytes: Uint8Array, known: KnownHashes): KnownHash | undefined {
  const value = toBigInt(bytes);
  if (bytes.length <= 4) return known.selectors.get(value);
  const first = known.selectors.get(toBigInt(bytes.subarray(0, 4)));
  return first !== undefined && (isShifted(bytes) || hasArguments(bytes)) ? first : known.words.get(value);
}

function isSelector({ kind, text }: SourceToken, bytes: Uint8Array, { tokens, isAssembly }: Statement): boolean {
  const start = bytes.subarray(0, 4);
  // Masks, small numbers, powers of two, and what a standard fixed.
  if (FIXED.has(toBigInt(bytes))) return false;
  if (bytes[0] === 0 || start.every((byte) => byte === 0 || byte === 0xff) || isPowerOfTwo(start)) return false;
  if (kind === 'number' && !/^0x/i.test(text)) return false;
  if (kind === 'number' && bytes.length === 32 && isShifted(bytes)) return true;
  const isLong = kind === 'number' ? isAssembly && isShifted(bytes) : hasArguments(bytes);
  const isNamed = tokens.some((one) => one.kind === 'word' && SELECTOR_WORD.test(one.text));
  return (bytes.length === 4 || isLong) && (isAssembly || isNamed);
}

/** At the left of a word or a part of one. */
function isShifted(bytes: Uint8Array): boolean {
  return bytes.length > 4 && bytes.subarray(4).every((byte) => byte === 0);
}

function hasArguments(bytes: Uint8Array): boolean {
  return bytes.length > 4 && bytes.length % 32 === 4;
}

function isPowerOfTwo(bytes: Uint8Array): boolean {
  const value = toBigInt(bytes);
  return (value & (value - 1n)) === 0n;
}

/** What assembly that writes events may have for a topic. */
function isTopic(token: SourceToken, bytes: Uint8Array, { tokens, isAssembly }: Statement): boolean {
  return isAssembly && isHashLike(token, bytes) && tokens.some(({ text }) => /^log[1-4]$/.test(text));
}

/** All 32 bytes are written, and they are neither a mask nor a small number. */
function isHashLike({ kind, text }: SourceToken, bytes: Uint8Array): boolean {
  return kind === 'number' && /^0x/i.test(text) && bytes.length === 32 && !/0{8}|f{8}/.test(toHex(bytes));
}

function writtenHash(shown: string, made: string, at: SourcePlace): CompileProblem {
  return compileProblem(
    COMPILE_PROBLEM.writtenHash,
    `${shown} is made with keccak-256; on an SM chain it is another value`,
    `write ${made} instead, which is right on both; or put the comment "${INDEPENDENT}" on the line if it must not change`,
    at,
  );
}

function unknownSelector(shown: string, at: SourcePlace): CompileProblem {
  return compileProblem(
    COMPILE_PROBLEM.unknownSelector,
    `${shown} looks like a selector, but of which function is not known`,
    `write bytes4(keccak256("name(types)")) or Contract(address(0)).name.selector instead; or put the comment "${INDEPENDENT}" on the line if it is none`,
    at,
  );
}

function unknownTopic(shown: string, at: SourcePlace): CompileProblem {
  return compileProblem(
    COMPILE_PROBLEM.unknownSelector,
    `${shown} may be the topic of an event, but of which one is not known`,
    `declare a constant, bytes32 constant TOPIC = keccak256("Name(types)"), and use it in the assembly; or put the comment "${INDEPENDENT}" on the line if it is none`,
    at,
  );
}

function translationWarning(at: SourcePlace, shown: string, { made }: KnownHash): string {
  return `${placeOf(at)}: ${shown} is taken for ${made.replace(/,$/, '')}, and made with SM3`;
}

function hashWarning(at: SourcePlace, shown: string): string {
  return `${placeOf(at)}: if ${shown} is a hash that the contract compares with one it computes, they differ on an SM chain; write keccak256(…) instead`;
}

function ecrecoverWarning(at: SourcePlace): string {
  return `${placeOf(at)}: ecrecover knows secp256k1 and addresses by keccak-256; no account of an SM chain signs so, use sm2Verify of 0x5006`;
}

function placeOf({ source, line }: SourcePlace): string {
  return `${source}:${line}`;
}

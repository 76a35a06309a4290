import { failure, type Result, success } from '@menglian/base/result';
import type { SuiteName } from '@menglian/crypto/suite';
import { knownHashes } from './knownHashes.js';
import { COMPILE_PROBLEM, compileProblem, type CompileProblem } from './problem.js';
import { restoreSourceFacts } from './sourceFacts.js';
import { checkInput, prepareInput, type StandardInput, type StandardOutput } from './standardJson.js';
import { isAddressText, type SmRun, type SuiteCompiler } from './suiteCompiler.js';
import { findWrittenHashes } from './writtenHashes.js';

/** Contracts that were compiled without an error. */
export interface Compilation {
  /** as solc answers; selectors, topics and all other hashes are those of the suite */
  readonly output: StandardOutput;
  /** of the compiler, and on SM chains of this */
  readonly warnings: readonly string[];
}

export interface CompileOptions {
  /**
   * Puts hashes of SM3 in the place of those of keccak-256 that stand in sources as numbers, where it is known what they
   * are made of, and says so in the warnings. Otherwise they are refused. For sources of others, as libraries are.
   */
  readonly translatesWrittenHashes?: boolean;
}

/**
 * Compiles for chains of a suite. The same input and compiler give the same bytes. ABI and metadata are the same for both
 * suites.
 * @param input solc's standard JSON with all texts that are imported
 * @returns all reasons why not
 */
export function compileForSuite(
  input: StandardInput,
  compiler: SuiteCompiler,
  suite: SuiteName,
  { translatesWrittenHashes = false }: CompileOptions = {},
): Result<Compilation, readonly CompileProblem[]> {
  const checked = checkInput(input);
  if (!checked.ok) return failure([badInput(checked.reason)]);
  const prepared = prepareInput(input, compiler.version);
  const plain = compiler.runPlain(prepared);
  if (!plain.ok) return failure([plain.reason]);
  const refusal = refusalsOf(plain.value);
  if (refusal.length > 0) return failure(refusal);
  const warnings = (plain.value.errors ?? []).map(textOf);
  return suite === 'ecdsa'
    ? success({ output: plain.value, warnings })
    : compileForSm(prepared, compiler, plain.value, warnings, translatesWrittenHashes);
}

function compileForSm(
  input: StandardInput,
  compiler: SuiteCompiler,
  plain: StandardOutput,
  warnings: readonly string[],
  isTranslating: boolean,
): Result<Compilation, readonly CompileProblem[]> {
  const first = compiler.runSm(input, false);
  if (!first.ok) return failure([first.reason]);
  const known = knownHashes(first.value.messages, plain);
  const written = Object.entries(input.sources).map(([name, { content }]) => ({
    name,
    ...findWrittenHashes(name, content!, known, isTranslating),
  }));
  const isSame = written.every(({ name, text }) => text === input.sources[name]!.content);
  const sources = Object.fromEntries(written.map(({ name, text }) => [name, { content: text }]));
  const used = isSame ? input : { ...input, sources };
  const run = isSame ? first : compiler.runSm(used, false);
  if (!run.ok) return failure([run.reason]);
  const problems = written.flatMap((found) => found.problems);
  const addresses = checkAddresses(used, compiler, run.value);
  if (addresses !== undefined) problems.push(addresses);
  const output = restoreSourceFacts(run.value.text, plain);
  problems.push(...refusalsOf(output).map(onSmOnly));
  if (problems.length > 0) return failure(problems);
  return success({ output, warnings: [...warnings, ...written.flatMap((found) => found.warnings)] });
}

/** Hashes of texts that look like addresses are keccak's. If other values of them change the output, it needs more of them than checksums. */
function checkAddresses(input: StandardInput, compiler: SuiteCompiler, run: SmRun): CompileProblem | undefined {
  if (!run.messages.some(isAddressText)) return undefined;
  const turned = compiler.runSm(input, true);
  if (!turned.ok) return turned.reason;
  if (turned.value.text === run.text) return undefined;
  const address = run.messages.find(isAddressText)!;
  const message = `the hash of a text of 40 hexadecimal digits, maybe "${Buffer.from(address).toString()}", is used`;
  const advice = 'hash the 20 bytes, or a text with 0x before the digits: of the digits alone it cannot be known';
  return compileProblem(COMPILE_PROBLEM.hashedAddress, message, advice);
}

function refusalsOf(output: StandardOutput): CompileProblem[] {
  return (output.errors ?? [])
    .filter(({ severity }) => severity === 'error')
    .map((error) => compileProblem(COMPILE_PROBLEM.notCompiled, textOf(error), 'correct the source'));
}

/** As two functions whose selectors are the same by SM3 alone. */
function onSmOnly(problem: CompileProblem): CompileProblem {
  return { ...problem, message: `for SM chains only: ${problem.message}`, advice: 'rename what the message names' };
}

function textOf({ formattedMessage, message }: { formattedMessage?: string; message: string }): string {
  return (formattedMessage ?? message).trim();
}

function badInput(reason: string): CompileProblem {
  const advice = 'give solc standard JSON in Solidity with the text of every source';
  return compileProblem(COMPILE_PROBLEM.badInput, `the input cannot be compiled: ${reason}`, advice);
}

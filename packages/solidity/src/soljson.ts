import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';
import { failure, type Result, success } from '@menglian/base/result';
import type { HashSwitch } from './hashSwitch.js';
import { HookedWebAssembly } from './hookedWebAssembly.js';
import { hookScript, isScript, PERMUTATION_NAME } from './scriptHook.js';

/** A compiler that runs. */
export interface Soljson {
  /** as it calls itself: `0.8.26+commit.8a97fa7a.Emscripten.clang` */
  readonly version: string;
  /** Standard JSON to standard JSON. May throw when the compiler breaks down. */
  readonly compile: (input: string) => string;
}

/** What a soljson file exports. */
interface Exports {
  cwrap?(name: string, result: string, parameters: readonly string[]): (...values: unknown[]) => string;
  readonly [name: string]: unknown;
}

/**
 * Runs the text of a `soljson.js`.
 * @param hashSwitch what computes its hashes; undefined leaves the compiler as it is
 * @returns why it cannot be run
 */
export function runSoljson(text: string, hashSwitch: HashSwitch | undefined): Result<Soljson> {
  if (hashSwitch === undefined) return start(text, {});
  if (isScript(text)) {
    const hooked = hookScript(text);
    const permute = (memory: Uint8Array, at: number) => hashSwitch.permute(memory, at);
    return hooked.ok ? start(hooked.value, { [PERMUTATION_NAME]: permute }) : hooked;
  }
  const webAssembly = new HookedWebAssembly(hashSwitch);
  const soljson = start(text, { WebAssembly: webAssembly.api });
  return webAssembly.refusal === undefined ? soljson : failure(webAssembly.refusal);
}

function start(text: string, names: Readonly<Record<string, unknown>>): Result<Soljson> {
  const module = { exports: {} as Exports };
  const scope = {
    module,
    exports: module.exports,
    require: createRequire(import.meta.url),
    process: quietProcess(),
    __dirname: '/',
    __filename: '/soljson.js',
    ...names,
  };
  try {
    compileFunction(text, Object.keys(scope))(...Object.values(scope));
    return compilerOf(module.exports);
  } catch (error) {
    return failure(`it does not start: ${String(error)}`);
  }
}

function compilerOf(soljson: Exports): Result<Soljson> {
  const versionOf = ['solidity_version', 'version'].find((name) => soljson[`_${name}`] !== undefined);
  const compileOf = ['solidity_compile', 'compileStandard'].find((name) => soljson[`_${name}`] !== undefined);
  if (soljson.cwrap === undefined || versionOf === undefined || compileOf === undefined)
    return failure('it is no compiler for Solidity with standard JSON: 0.4.11 is the oldest');
  const compile = soljson.cwrap(compileOf, 'string', ['string', 'number', 'number']);
  // All sources are given: nothing is asked for, so there is no callback.
  return success({ version: soljson.cwrap(versionOf, 'string', [])(), compile: (input) => compile(input, 0, 0) });
}

/** What compilers hang on the process would end this one at the first error of anything. */
function quietProcess(): NodeJS.Process {
  return Object.create(process, { on: { value: () => {} } }) as NodeJS.Process;
}

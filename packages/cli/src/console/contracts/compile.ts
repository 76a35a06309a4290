import { createRequire } from 'node:module';
import { failure, type Result, success } from '@menglian/base/result';
import { PROBLEM, problem, type Problem } from '../problem.js';
import { type Contract, contractOf } from './artifact.js';
import type { Compiler } from './compilers.js';
import { versionText, type Version } from './pragma.js';
import type { Sources } from './sources.js';

/** What a soljson file exports: a compiler in the machine code of browsers. */
interface Soljson {
  cwrap(name: string, result: string, parameters: readonly string[]): (...values: unknown[]) => string;
  readonly _compileStandard?: unknown;
  readonly _solidity_compile?: unknown;
}

interface CompilerOutput {
  readonly errors?: readonly {
    readonly severity: string;
    readonly formattedMessage?: string;
    readonly message: string;
  }[];
  readonly contracts?: Readonly<
    Record<
      string,
      Readonly<
        Record<string, { readonly abi: unknown; readonly evm: { readonly bytecode: { readonly object: string } } }>
      >
    >
  >;
}

/** Errors of the compiler that are repeated. */
const ERRORS_MAX = 5;

/** Compiles all sources and picks a contract of the main one. @param wanted its name; else the only one, or that of the file */
export function compileContract(
  sources: Sources,
  compiler: Compiler,
  wanted: string | undefined,
): Result<Contract, Problem> {
  const output = compileAll(sources, compiler);
  if (!output.ok) return output;
  const contracts = output.value.contracts?.[sources.main] ?? {};
  const name = chosenName(contracts, sources.main, wanted);
  if (!name.ok) return name;
  const { abi, evm } = contracts[name.value]!;
  return contractOf(name.value, abi, evm.bytecode.object, sources.main);
}

function compileAll(sources: Sources, compiler: Compiler): Result<CompilerOutput, Problem> {
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries([...sources.texts].map(([name, content]) => [name, { content }])),
    settings: {
      // Nodes run Istanbul; compilers before 0.5.14 know nothing newer than it.
      evmVersion: isBefore(compiler.version, [0, 5, 14]) ? 'byzantium' : 'istanbul',
      optimizer: { enabled: true, runs: 200 },
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
    },
  };
  const run = load(compiler);
  if (run === undefined) return failure(unusable(compiler));
  let output: CompilerOutput;
  try {
    output = JSON.parse(run(JSON.stringify(input))) as CompilerOutput;
  } catch {
    return failure(unusable(compiler));
  }
  const errors = (output.errors ?? []).filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return success(output);
  const shown = errors.slice(0, ERRORS_MAX).map((one) => (one.formattedMessage ?? one.message).trim());
  const message = {
    en: `solc ${versionText(compiler.version)} refuses the contract:\n${shown.join('\n')}`,
    zh: `solc ${versionText(compiler.version)} 编译失败：\n${shown.join('\n')}`,
  };
  return failure(problem(PROBLEM.notCompiled, message, { en: 'correct the source', zh: '请修改源码' }));
}

const loaded = new Map<string, (input: string) => string>();

function load({ path }: Compiler): ((input: string) => string) | undefined {
  const known = loaded.get(path);
  if (known !== undefined) return known;
  // What it hangs on the process would end this one at the first error of anything.
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => new Set<unknown>(process.listeners(event as 'uncaughtException')));
  try {
    const soljson = createRequire(path)(path) as Soljson;
    const name = soljson._solidity_compile === undefined ? 'compileStandard' : 'solidity_compile';
    if (soljson._solidity_compile === undefined && soljson._compileStandard === undefined) return undefined;
    const compile = soljson.cwrap(name, 'string', ['string', 'number', 'number']);
    // All sources are given: nothing is asked for, so there is no callback.
    const run = (input: string) => compile(input, 0, 0);
    loaded.set(path, run);
    return run;
  } catch {
    return undefined;
  } finally {
    for (const [index, event] of events.entries()) {
      for (const listener of process.listeners(event as 'uncaughtException')) {
        if (!before[index]!.has(listener)) process.removeListener(event, listener);
      }
    }
  }
}

function chosenName(
  contracts: Readonly<Record<string, { readonly evm: { readonly bytecode: { readonly object: string } } }>>,
  path: string,
  wanted: string | undefined,
): Result<string, Problem> {
  const names = Object.keys(contracts);
  const file = path.slice(path.lastIndexOf('/') + 1).replace(/\.sol$/, '');
  const deployable = names.filter((name) => contracts[name]!.evm.bytecode.object !== '');
  const found =
    wanted === undefined
      ? [file, ...(deployable.length === 1 ? deployable : []), ...(names.length === 1 ? names : [])].find((name) =>
          names.includes(name),
        )
      : names.find((name) => name === wanted);
  if (found !== undefined) return success(found);
  const list = names.join(', ') || '-';
  const message =
    wanted === undefined
      ? { en: `the file has several contracts: ${list}`, zh: `文件中有多个合约：${list}` }
      : { en: `the file has no contract ${wanted}, but ${list}`, zh: `文件中没有合约 ${wanted}，有：${list}` };
  const advice = { en: 'name one behind a colon', zh: '在冒号后写明合约名' };
  return failure(problem(PROBLEM.severalContracts, message, advice, `deploy ${file}.sol:${names[0] ?? 'Name'}`));
}

function isBefore(version: Version, other: Version): boolean {
  return (version[0] - other[0] || version[1] - other[1] || version[2] - other[2]) < 0;
}

function unusable({ path }: Compiler): Problem {
  const message = { en: `${path} is no compiler that can be run`, zh: `${path} 不是可用的编译器` };
  const advice = { en: 'install it anew, version 0.4.11 or later', zh: '请重新安装，版本不低于 0.4.11' };
  return problem(PROBLEM.noCompiler, message, advice);
}

import { readFileSync } from 'node:fs';
import { failure, type Result, success } from '@menglian/base/result';
import type { SuiteName } from '@menglian/crypto/suite';
import { compileForSuite } from '@menglian/solidity/compileForSuite';
import { COMPILE_PROBLEM, type CompileProblem } from '@menglian/solidity/problem';
import type { StandardOutput } from '@menglian/solidity/standardJson';
import { SuiteCompiler } from '@menglian/solidity/suiteCompiler';
import { PROBLEM, problem, type Problem } from '../problem.js';
import { type Contract, contractOf } from './artifact.js';
import type { Compiler } from './compilers.js';
import { versionText } from './pragma.js';
import type { Sources } from './sources.js';

/** Errors of the compiler that are repeated. */
const ERRORS_MAX = 5;

/**
 * Compiles all sources and picks a contract of the main one.
 * @param suite of the chain
 * @param wanted its name; else the only one, or that of the file
 */
export function compileContract(
  sources: Sources,
  compiler: Compiler,
  suite: SuiteName,
  wanted: string | undefined,
): Result<Contract, Problem> {
  const output = compileAll(sources, compiler, suite);
  if (!output.ok) return output;
  const contracts = output.value.contracts?.[sources.main] ?? {};
  const name = chosenName(contracts, sources.main, wanted);
  if (!name.ok) return name;
  const { abi, evm } = contracts[name.value]!;
  return contractOf(name.value, abi, evm.bytecode.object, sources.main);
}

function compileAll(sources: Sources, compiler: Compiler, suite: SuiteName): Result<StandardOutput, Problem> {
  const opened = open(compiler);
  if (!opened.ok) return failure(unusable(compiler));
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries([...sources.texts].map(([name, content]) => [name, { content }])),
    settings: { optimizer: { enabled: true, runs: 200 } },
  };
  const compilation = compileForSuite(input, opened.value, suite);
  return compilation.ok ? success(compilation.value.output) : failure(refused(compiler, compilation.reason));
}

const compilers = new Map<string, SuiteCompiler>();

function open({ path }: Compiler): Result<SuiteCompiler, CompileProblem> {
  const known = compilers.get(path);
  if (known !== undefined) return success(known);
  const opened = SuiteCompiler.open(readFileSync(path, 'utf8'));
  if (opened.ok) compilers.set(path, opened.value);
  return opened;
}

function refused({ version }: Compiler, problems: readonly CompileProblem[]): Problem {
  const shown = problems.slice(0, ERRORS_MAX).map(shownProblem).join('\n');
  const solc = versionText(version);
  const isUnknown = problems[0]!.code === COMPILE_PROBLEM.unknownCompiler;
  const title = isUnknown
    ? { en: `solc ${solc} cannot be used`, zh: `不能使用 solc ${solc}` }
    : { en: `the contract cannot be compiled with solc ${solc}`, zh: `solc ${solc} 编译失败` };
  const message = { en: `${title.en}:\n${shown}`, zh: `${title.zh}：\n${shown}` };
  const advice = isUnknown
    ? { en: 'install another version of solc', zh: '请安装其他版本的 solc' }
    : { en: 'correct the source', zh: '请修改源码' };
  return problem(isUnknown ? PROBLEM.noCompiler : PROBLEM.notCompiled, message, advice);
}

/** What the compiler says is shown as it is; what is ours has its number, its place and what to do. */
function shownProblem({ code, message, advice, at }: CompileProblem): string {
  if (code === COMPILE_PROBLEM.notCompiled) return message;
  const place = at === undefined ? '' : `${at.source}:${at.line}: `;
  return `${place}${code} ${message}\n  ${advice}`;
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

function unusable({ path }: Compiler): Problem {
  const message = { en: `${path} is no compiler that can be run`, zh: `${path} 不是可用的编译器` };
  const advice = { en: 'install it anew, version 0.4.11 or later', zh: '请重新安装，版本不低于 0.4.11' };
  return problem(PROBLEM.noCompiler, message, advice);
}

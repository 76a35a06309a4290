import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { failure, type Result, success } from '@menglian/base/result';
import type { SuiteName } from '@menglian/crypto/suite';
import { readAbi } from '@menglian/sdk/abi/abi';
import { PROBLEM, problem, type Problem } from '../problem.js';
import type { Deployment } from '../home.js';
import type { Session } from '../session.js';
import { badFile, type Contract, contractOf, readArtifact } from './artifact.js';
import { compileContract } from './compile.js';
import { type Compiler, compilersAt, installedCompilers, namesIn } from './compilers.js';
import { pragmas, recommended, satisfies, versionText } from './pragma.js';
import { readSources, type Sources } from './sources.js';

/** Where contracts lie in a project. */
const FOLDERS: readonly string[] = ['.', 'contracts', 'contracts/solidity'];

const EXTENSIONS: readonly string[] = ['.sol', '.json', '.abi'];

/** Artifacts of large projects are a few megabytes. */
const FILE_BYTES_MAX = 32_000_000;

/**
 * The contract that a word means: a file, `File.sol:Name`, or a name: of a file in the usual folders, or of a contract
 * that was deployed before.
 */
export async function findContract(session: Session, word: string): Promise<Result<Contract, Problem>> {
  const [, path = word, wanted] = /^(.*\.sol):(\w+)$/.exec(word) ?? [];
  const file = contractFile(session.options.folder, path);
  if (file?.endsWith('.sol') === true) return compiled(session, file, (await session.client()).suite.name, wanted);
  if (file !== undefined) return readContract(file);
  const deployed = (await session.deployments()).find(({ name }) => name === word);
  if (deployed !== undefined) return success({ name: word, abi: readAbi(deployed.abi), bytecode: undefined });
  const message = { en: `there is no contract ${word}`, zh: `找不到合约 ${word}` };
  const advice = {
    en: `give a path, or a file in ${FOLDERS.join(', ')} below ${session.options.folder}`,
    zh: `请给出路径，或放在 ${session.options.folder} 下的 ${FOLDERS.join('、')}`,
  };
  return failure(problem(PROBLEM.noContract, message, advice, 'deploy contracts/HelloWorld.sol'));
}

/** The file that a word means. @returns undefined when there is none */
function contractFile(folder: string, word: string): string | undefined {
  const candidates = FOLDERS.flatMap((one) =>
    ['', ...EXTENSIONS].map((extension) => resolve(folder, one, word + extension)),
  );
  return candidates.find((path) => existsSync(path) && statSync(path).isFile());
}

/** Words that mean a contract: files in the usual folders, and names of what was deployed. */
export function contractWords(folder: string, deployments: readonly Deployment[]): readonly string[] {
  const files = FOLDERS.flatMap((one) =>
    namesIn(resolve(folder, one))
      .filter((name) => /\.(sol|abi)$/.test(name))
      .map((name) => (one === '.' ? name : `${one}/${name}`)),
  );
  return [...new Set([...deployments.map(({ name }) => name), ...files])];
}

function readContract(path: string): Result<Contract, Problem> {
  if (isTooLarge(path)) return failure(tooLarge(path));
  const name = basename(path).replace(/\.(json|abi|bin)$/, '');
  if (path.endsWith('.json')) return readArtifact(readFileSync(path, 'utf8'), name, path);
  const stem = join(dirname(path), name);
  if (!existsSync(`${stem}.abi`)) return failure(badFile(path, 'is no contract', '不是合约文件'));
  const abi = readFileSync(`${stem}.abi`, 'utf8');
  const code = existsSync(`${stem}.bin`) ? readFileSync(`${stem}.bin`, 'utf8') : undefined;
  return contractOf(name, abi, code, path);
}

function isTooLarge(path: string): boolean {
  return statSync(path).size > FILE_BYTES_MAX;
}

function tooLarge(path: string): Problem {
  return badFile(path, `is larger than ${FILE_BYTES_MAX} bytes`, '过大');
}

function compiled(
  session: Session,
  path: string,
  suite: SuiteName,
  wanted: string | undefined,
): Result<Contract, Problem> {
  if (isTooLarge(path)) return failure(tooLarge(path));
  const sources = readSources(path);
  if (!sources.ok) return sources;
  const compiler = chooseCompiler(session, path, sources.value);
  if (!compiler.ok) return compiler;
  const version = versionText(compiler.value.version);
  session.options.terminal.progress(
    session.language === 'zh' ? `正在用 solc ${version} 编译` : `compiling with solc ${version}`,
  );
  const contract = compileContract(sources.value, compiler.value, suite, wanted);
  session.options.terminal.progress(undefined);
  return contract;
}

/** The newest that all pragmas allow. */
function chooseCompiler(session: Session, path: string, sources: Sources): Result<Compiler, Problem> {
  const { solc, folder, home } = session.options;
  const ranges = pragmas([...sources.texts.values()]);
  const own = join(home.folder, 'solc');
  const compilers =
    solc === undefined ? installedCompilers([dirname(path), folder], own) : compilersAt(resolve(folder, solc));
  const found = compilers.find(({ version }) => ranges.every((range) => satisfies(version, range)));
  return found === undefined ? failure(noCompiler(ranges, compilers, own)) : success(found);
}

function noCompiler(ranges: readonly string[], compilers: readonly Compiler[], own: string): Problem {
  const version = recommended(ranges) ?? '0.4.26';
  const there = compilers.map((one) => versionText(one.version)).join(', ');
  const wanted = ranges.join(', ') || '*';
  const message = {
    en: `the contract wants solc ${wanted}, and ${there === '' ? 'none is installed' : `there is only ${there}`}`,
    zh: `合约需要 solc ${wanted}，${there === '' ? '本机没有安装' : `本机只有 ${there}`}`,
  };
  const install = `npm install solc-${version}@npm:solc@${version} --prefix ${own}`;
  const advice = {
    en: `run: ${install} (or give .abi and .bin files, or --solc <path>)`,
    zh: `执行：${install}（或使用 .abi 与 .bin 文件，或 --solc <路径>）`,
  };
  return problem(PROBLEM.noCompiler, message, advice);
}

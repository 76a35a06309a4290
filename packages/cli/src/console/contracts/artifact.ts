import { parseHex } from '@menglian/base/bytes';
import { failure, type Result, success } from '@menglian/base/result';
import { type Abi, readAbi } from '@menglian/sdk/abi/abi';
import { SdkError } from '@menglian/sdk/sdkError';
import { PROBLEM, problem, type Problem } from '../problem.js';

/** A contract as a compiler leaves it. */
export interface Contract {
  readonly name: string;
  readonly abi: Abi;
  /** undefined where only the interface is known. */
  readonly bytecode: `0x${string}` | undefined;
}

/**
 * A JSON file with `abi` and the bytecode where solc, Truffle, Hardhat or Foundry put it, or an ABI alone.
 * @param path for errors
 */
export function readArtifact(text: string, name: string, path: string): Result<Contract, Problem> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return failure(badFile(path, 'is not JSON', '不是 JSON'));
  }
  if (Array.isArray(parsed)) return contractOf(name, parsed, undefined, path);
  if (typeof parsed !== 'object' || parsed === null) return failure(badFile(path, 'has no `abi`', '没有 abi'));
  const members = parsed as Readonly<Record<string, unknown>>;
  const own = typeof members['contractName'] === 'string' ? members['contractName'] : name;
  return contractOf(own, members['abi'], bytecodeOf(members), path);
}

/** What a compiler gave, checked. @param code hexadecimal, 0x or not */
export function contractOf(name: string, abi: unknown, code: unknown, path: string): Result<Contract, Problem> {
  let read: Abi;
  try {
    read = readAbi(abi);
  } catch (error) {
    if (!(error instanceof SdkError)) throw error;
    return failure(badFile(path, `has no ABI that can be read: ${error.message}`, `的 ABI 无法读取：${error.message}`));
  }
  if (typeof code !== 'string' || code.trim() === '' || code.trim() === '0x') {
    return success({ name, abi: read, bytecode: undefined });
  }
  const digits = code.trim().replace(/^0x/, '');
  if (digits.includes('__')) {
    const advice = {
      en: 'deploy the libraries and link their addresses with your build tool, then give the artifact',
      zh: '先部署库合约，用构建工具链接地址后再使用编译产物',
    };
    const message = { en: `${name} uses libraries that are not linked`, zh: `${name} 使用了未链接的库` };
    return failure(problem(PROBLEM.badContractFile, message, advice));
  }
  if (parseHex(digits) === undefined)
    return failure(badFile(path, 'has bytecode that is not hexadecimal', '的字节码不是十六进制'));
  return success({ name, abi: read, bytecode: `0x${digits.toLowerCase()}` });
}

export function badFile(path: string, en: string, zh: string): Problem {
  const advice = {
    en: 'give a .sol file, a .abi file with a .bin file beside it, or a .json file with `abi` and `bytecode`',
    zh: '请给出 .sol 文件，或同目录的 .abi 与 .bin 文件，或含 abi 与 bytecode 的 .json 文件',
  };
  return problem(
    PROBLEM.badContractFile,
    { en: `${path} ${en}`, zh: `${path} ${zh}` },
    advice,
    'deploy HelloWorld.sol',
  );
}

function bytecodeOf(members: Readonly<Record<string, unknown>>): unknown {
  const evm = members['evm'] as { readonly bytecode?: unknown } | undefined;
  const found = members['bytecode'] ?? members['bin'] ?? evm?.bytecode;
  return typeof found === 'object' && found !== null ? (found as { readonly object?: unknown }).object : found;
}

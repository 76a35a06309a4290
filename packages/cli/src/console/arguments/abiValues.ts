import { parseHex } from '@menglian/base/bytes';
import { failure, type Result, success } from '@menglian/base/result';
import { parseAbiType } from '@menglian/codec/abiType';
import type { Abi, AbiFunction, AbiParameter } from '@menglian/sdk/abi/abi';
import { signatureText } from '@menglian/sdk/abi/signature';
import { typeText } from '@menglian/sdk/abi/values';
import type { Localized } from '../../language.js';
import { PROBLEM, problem, type Problem } from '../problem.js';
import { address, EXAMPLE_ADDRESS } from './kinds.js';
import { echo } from './parameters.js';
import { listItems, type Token } from './tokens.js';

/** Arrays inside arrays, tuples inside tuples. */
const NESTING_MAX = 16;

/** What is wrong with one value, wherever in the argument it stands. */
interface Wrong {
  /** `to`, `list[2]`, `order.price` */
  readonly path: string;
  readonly type: string;
  readonly text: string;
  readonly expected: Localized;
  readonly example: string;
}

/**
 * The function that a name, or `name(types)`, and so many arguments mean.
 * @param line what stands before the name, for examples: `call HelloWorld latest`
 */
export function chooseFunction(
  abi: Abi,
  name: string,
  given: readonly Token[],
  line: string,
): Result<{ readonly found: AbiFunction; readonly values: readonly unknown[] }, Problem> {
  const functions = abi.filter((item): item is AbiFunction => item.type === 'function');
  const plain = name.replaceAll(/\s/g, '');
  const named = functions.filter((one) => one.name === plain || signatureText(one) === plain);
  if (named.length === 0) return failure(noFunction(name, functions));
  const fitting = named.filter(({ inputs }) => inputs.length === given.length);
  const candidates = fitting.length === 0 ? named : fitting;
  let refused: Problem | undefined;
  for (const found of candidates) {
    const values = readAbiValues(found.inputs, given, `${line} ${found.name}`);
    if (values.ok) return success({ found, values: values.value });
    refused ??= values.reason;
  }
  return failure(refused!);
}

/** @param line what stands before the arguments, for examples: `deploy HelloWorld.sol` */
export function readAbiValues(
  parameters: readonly AbiParameter[],
  given: readonly Token[],
  line: string,
): Result<readonly unknown[], Problem> {
  const strange = parameters.map(typeText).find((type) => parseAbiType(type) === undefined);
  if (strange !== undefined) return failure(unknownType(strange));
  const example = [line, ...parameters.map(exampleOf)].join(' ');
  if (given.length !== parameters.length) {
    const wanted = parameters.map((one) => `${typeText(one)} ${one.name ?? ''}`.trim()).join(', ');
    return failure(
      problem(
        PROBLEM.badContractArgument,
        {
          en: `the contract takes ${parameters.length} arguments here and got ${given.length}`,
          zh: `合约在此需要 ${parameters.length} 个参数，收到 ${given.length} 个`,
        },
        { en: `give (${wanted})`, zh: `参数为（${wanted}）` },
        example,
      ),
    );
  }
  const values: unknown[] = [];
  for (const [index, parameter] of parameters.entries()) {
    const read = readValue(parameter, given[index]!, parameter.name || String(index + 1), 0);
    if (!read.ok) return failure(badContractArgument(index, read.reason, example));
    values.push(read.value);
  }
  return success(values);
}

/** A value of the type that can be typed as it stands. Of types that the codec knows, which bounds its size. */
export function exampleOf(parameter: AbiParameter): string {
  const array = arrayItem(parameter);
  if (array !== undefined) {
    const count = Math.min(array.length ?? 2, 4);
    return `[${Array.from({ length: count }, () => exampleOf(array.item)).join(',')}]`;
  }
  const { type, components = [] } = parameter;
  if (type === 'tuple') return `(${components.map(exampleOf).join(',')})`;
  if (type === 'address') return EXAMPLE_ADDRESS;
  if (type === 'bool') return 'true';
  if (type === 'string') return '"text"';
  if (type === 'bytes') return '0x1234';
  const size = byteSize(type);
  return size === undefined ? '1' : `0x${'12'.repeat(size)}`;
}

function readValue(parameter: AbiParameter, token: Token, path: string, nesting: number): Result<unknown, Wrong> {
  const wrong = (en: string, zh: string) =>
    failure({ path, type: typeText(parameter), text: token.text, expected: { en, zh }, example: exampleOf(parameter) });
  if (nesting > NESTING_MAX) return wrong(`at most ${NESTING_MAX} levels`, `最多 ${NESTING_MAX} 层`);
  const array = arrayItem(parameter);
  if (array !== undefined) {
    const items = token.isQuoted || !token.text.startsWith('[') ? undefined : listItems(token.text);
    if (items === undefined) return wrong('values in brackets with commas', '方括号内以逗号分隔的值');
    if (array.length !== undefined && items.length !== array.length) {
      return wrong(`${array.length} values in brackets`, `方括号内 ${array.length} 个值`);
    }
    return readAll(items, (item, index) => readValue(array.item, item, `${path}[${index}]`, nesting + 1));
  }
  const { type, components = [] } = parameter;
  if (type === 'tuple') {
    const items = token.isQuoted ? undefined : listItems(token.text);
    if (items === undefined || items.length !== components.length) {
      return wrong(`${components.length} values in parentheses`, `圆括号内 ${components.length} 个值`);
    }
    const read = (item: Token, index: number) => {
      const component = components[index]!;
      return readValue(component, item, `${path}.${component.name || index}`, nesting + 1);
    };
    return readAll(items, read);
  }
  if (type === 'string') return success(token.text);
  if (type === 'bool') {
    const value = { true: true, false: false }[token.text];
    return value === undefined ? wrong('true or false', 'true 或 false') : success(value);
  }
  if (type === 'address') {
    const value = address.read(token);
    return value === undefined ? wrong(address.expected.en, address.expected.zh) : success(value);
  }
  if (type.startsWith('bytes') || type === 'function') {
    const size = byteSize(type);
    const bytes = token.text.startsWith('0x') ? parseHex(token.text) : undefined;
    if (bytes !== undefined && (size === undefined || bytes.length === size)) return success(token.text);
    return size === undefined
      ? wrong('0x and two digits for each byte', '0x 加偶数位十六进制')
      : wrong(`0x and ${2 * size} digits`, `0x 加 ${2 * size} 位十六进制`);
  }
  return readInteger(type, token, wrong);
}

function readInteger(
  type: string,
  { text, isQuoted }: Token,
  wrong: (en: string, zh: string) => Result<never, Wrong>,
): Result<bigint, Wrong> {
  const isSigned = type.startsWith('int');
  const bits = Number(type.slice(isSigned ? 3 : 4) || 256);
  const isNumber = !isQuoted && text.length <= 80 && /^-?(\d+|0x[0-9a-fA-F]+)$/.test(text);
  const value = isNumber ? (text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text)) : undefined;
  const cut = isSigned ? BigInt.asIntN(bits, value ?? 0n) : BigInt.asUintN(bits, value ?? 0n);
  if (value !== undefined && cut === value) return success(value);
  return isSigned
    ? wrong(`a whole number of at most ${bits} bits`, `${bits} 位以内的整数`)
    : wrong(`a whole number of at most ${bits} bits that is not negative`, `${bits} 位以内的非负整数`);
}

function readAll(
  items: readonly Token[],
  read: (item: Token, index: number) => Result<unknown, Wrong>,
): Result<readonly unknown[], Wrong> {
  const values: unknown[] = [];
  for (const [index, item] of items.entries()) {
    const value = read(item, index);
    if (!value.ok) return value;
    values.push(value.value);
  }
  return success(values);
}

function arrayItem(parameter: AbiParameter): { item: AbiParameter; length: number | undefined } | undefined {
  const match = /^(.*)\[(\d*)\]$/.exec(parameter.type);
  if (match === null) return undefined;
  return { item: { ...parameter, type: match[1]! }, length: match[2] === '' ? undefined : Number(match[2]) };
}

/** Of `bytes4` 4; a function is an address and a selector. */
function byteSize(type: string): number | undefined {
  if (type === 'function') return 24;
  return /^bytes\d+$/.test(type) ? Number(type.slice('bytes'.length)) : undefined;
}

function badContractArgument(index: number, { path, type, text, expected, example }: Wrong, line: string): Problem {
  return problem(
    PROBLEM.badContractArgument,
    {
      en: `argument ${index + 1}: ${path} is ${echo(text)}, and ${type} is wanted`,
      zh: `第 ${index + 1} 个参数：${path} 为 ${echo(text)}，类型应为 ${type}`,
    },
    { en: `give ${expected.en}, for example ${example}`, zh: `应为${expected.zh}，例如 ${example}` },
    line,
  );
}

/** ABIs come from files and from the chain: their types may be anything. */
function unknownType(type: string): Problem {
  const message = {
    en: `the ABI has a type that is not supported: ${echo(type)}`,
    zh: `ABI 中有不支持的类型：${echo(type)}`,
  };
  const advice = { en: 'see that it is the ABI of the contract', zh: '检查是否为该合约的 ABI' };
  return problem(PROBLEM.badContractArgument, message, advice);
}

function noFunction(name: string, functions: readonly AbiFunction[]): Problem {
  const known = functions.map(signatureText).join(', ') || '-';
  return problem(
    PROBLEM.noFunction,
    { en: `the contract has no function ${echo(name)}`, zh: `合约没有函数 ${echo(name)}` },
    { en: `it has ${known}`, zh: `其函数为 ${known}` },
  );
}

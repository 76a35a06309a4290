import { parseAbiType } from '@menglian/codec/abiType';
import { echo } from '../hex.js';
import { type SdkError, sdkError } from '../sdkError.js';
import type { AbiFunction, AbiParameter } from './abi.js';

/** Signature texts: `transfer(address,uint256)`, tuples as their components in parentheses. */

/** Characters of a signature that is read. */
const SIGNATURE_CHARACTERS_MAX = 8192;

/** The text as TypeScript computes it from an ABI that is declared `as const`. */
export type SignatureOf<Item extends { readonly name: string; readonly inputs: readonly AbiParameter[] }> =
  `${Item['name']}(${TypeTexts<Item['inputs']>})`;

/** What is done goes along, so that the compiler does not nest: structs may have hundreds of members. */
type TypeTexts<P extends readonly AbiParameter[], Done extends string = ''> = P extends readonly [
  infer First extends AbiParameter,
  ...infer Others extends readonly AbiParameter[],
]
  ? TypeTexts<Others, Done extends '' ? TypeText<First> : `${Done},${TypeText<First>}`>
  : Done;

type TypeText<P extends AbiParameter> = P['type'] extends `tuple${infer Arrays}`
  ? `(${P['components'] extends readonly AbiParameter[] ? TypeTexts<P['components']> : ''})${Arrays}`
  : P['type'];

export function signatureText({ name, inputs }: { name: string; inputs: readonly AbiParameter[] }): string {
  return `${name}(${inputs.map(signatureType).join(',')})`;
}

function signatureType({ type, components = [] }: AbiParameter): string {
  if (!type.startsWith('tuple')) return type;
  return `(${components.map(signatureType).join(',')})${type.slice('tuple'.length)}`;
}

/**
 * The function that a signature describes, for calls without an ABI. Structs are lists then: their members have no names.
 * @param outputs types of what it returns. @throws SdkError `BadArgument`
 */
export function functionOf(signature: string, outputs: readonly string[] = []): AbiFunction {
  const open = typeof signature === 'string' ? signature.indexOf('(') : -1;
  const isBounded = open > 0 && signature.length <= SIGNATURE_CHARACTERS_MAX && signature.endsWith(')');
  if (!isBounded || !/^[A-Za-z_$][\w$]*$/.test(signature.slice(0, open))) throw refusal(signature);
  const list = signature.slice(open + 1, -1);
  return {
    type: 'function',
    name: signature.slice(0, open),
    inputs: list === '' ? [] : parametersOf(list, signature),
    outputs: outputs.map((type) => parameterOf(type, signature)),
    stateMutability: 'nonpayable',
  };
}

/** Types between commas, those inside of parentheses as one. */
function parametersOf(list: string, signature: string): AbiParameter[] {
  const parameters: AbiParameter[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index <= list.length; index++) {
    const character = list[index];
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (depth === 0 && (character === ',' || character === undefined)) {
      parameters.push(parameterOf(list.slice(start, index), signature));
      start = index + 1;
    }
  }
  if (depth !== 0) throw refusal(signature);
  return parameters;
}

/** The codec bounds how long and how deep a type is, so that this ends. */
function parameterOf(type: string, signature: string): AbiParameter {
  if (parseAbiType(type) === undefined) throw refusal(signature);
  const close = type.lastIndexOf(')');
  if (close < 0) return { type };
  const components = parametersOf(type.slice(1, close), signature);
  return { type: `tuple${type.slice(close + 1)}`, components };
}

function refusal(signature: string): SdkError {
  const problem = `not the signature of a function: ${echo(signature)}`;
  return sdkError('BadArgument', problem, 'write it like transfer(address,uint256), without names and spaces');
}

import { fromByteString, toByteString, utf8Bytes, utf8Text } from '@menglian/base/bytes';
import { type AbiValue, decodeAbi, encodeAbi } from '@menglian/codec/abi';
import { abiType } from '@menglian/codec/abiType';
import { addressOf, bareAddress, bytesOf, echo, hexOf } from '../hex.js';
import { sdkError } from '../sdkError.js';
import type { AbiParameter } from './abi.js';

/** Values as callers write them, to and from the bytes of the ABI. */

/** The type as the codec takes it: a tuple is its components in parentheses, a function of a contract 24 bytes. */
export function typeText({ type, components = [] }: AbiParameter): string {
  if (!type.startsWith('tuple')) return type === 'function' ? 'bytes24' : type;
  return `(${components.map(typeText).join(',')})${type.slice('tuple'.length)}`;
}

/** @throws SdkError `BadArgument` that names the argument */
export function encodeValues(
  parameters: readonly AbiParameter[],
  values: readonly unknown[],
  what: string,
): Uint8Array {
  if (!Array.isArray(values) || values.length !== parameters.length) {
    const signature = parameters.map((one) => `${one.type} ${one.name ?? ''}`.trim()).join(', ');
    const count = Array.isArray(values) ? values.length : 'no list of';
    throw sdkError('BadArgument', `${what} got ${count} arguments`, `give these in an array: (${signature})`);
  }
  const types = parameters.map(checkedType);
  const encoded = parameters.map((parameter, index) =>
    toAbiValue(parameter, values[index], `${what}, argument ${parameter.name || index}`),
  );
  return encodeAbi(types, encoded);
}

/** @returns undefined when the bytes are not of these types */
export function decodeValues(parameters: readonly AbiParameter[], data: Uint8Array): readonly unknown[] | undefined {
  const decoded = decodeAbi(parameters.map(checkedType), data);
  if (!decoded.ok) return undefined;
  return parameters.map((parameter, index) => fromAbiValue(parameter, decoded.value[index]!));
}

/** Whether values could be meant for these parameters: how one of several functions of a name is found. */
export function fits(parameters: readonly AbiParameter[], values: readonly unknown[]): boolean {
  if (parameters.length !== values.length) return false;
  try {
    encodeValues(parameters, values, '');
    return true;
  } catch {
    return false;
  }
}

function checkedType(parameter: AbiParameter): string {
  const type = typeText(parameter);
  try {
    abiType(type);
  } catch (error) {
    const problem = `the ABI has a type that is not supported: ${echo(type)}`;
    throw sdkError('BadArgument', problem, 'call this function with data that you encoded yourself', error);
  }
  return type;
}

/** The item of an array, or undefined for what is none. */
function arrayItem(parameter: AbiParameter): { item: AbiParameter; length: number | undefined } | undefined {
  if (!parameter.type.endsWith(']')) return undefined;
  const match = /^(.*)\[(\d*)\]$/.exec(parameter.type);
  if (match === null) return undefined;
  const [, type, digits] = match;
  return { item: { ...parameter, type: type! }, length: digits === '' ? undefined : Number(digits) };
}

function toAbiValue(parameter: AbiParameter, value: unknown, what: string): AbiValue {
  const array = arrayItem(parameter);
  if (array !== undefined) {
    if (!Array.isArray(value)) refuse(what, 'an array', value);
    if (array.length !== undefined && value.length !== array.length) refuse(what, `${array.length} values`, value);
    return value.map((one, index) => toAbiValue(array.item, one, `${what}[${index}]`));
  }
  const { type } = parameter;
  if (type === 'tuple') return toTuple(parameter, value, what);
  if (type === 'address') return bareAddress(value as string, what);
  if (type === 'bool') return typeof value === 'boolean' ? value : refuse(what, 'true or false', value);
  if (type === 'string')
    return typeof value === 'string' ? toByteString(utf8Bytes(value)) : refuse(what, 'text', value);
  if (type === 'bytes') return bytesOf(value as string, what);
  if (type.startsWith('bytes')) return bytesOf(value as string, what, Number(type.slice('bytes'.length)));
  if (type === 'function') return bytesOf(value as string, what, 24);
  return toInteger(type, value, what);
}

function toTuple({ components = [] }: AbiParameter, value: unknown, what: string): AbiValue {
  if (typeof value !== 'object' || value === null) refuse(what, 'an object with the members of the struct', value);
  const isList = Array.isArray(value);
  if (isList && value.length !== components.length) refuse(what, `${components.length} values`, value);
  const members = value as Readonly<Record<string, unknown>>;
  return components.map((component, index) => {
    const key = isList ? String(index) : (component.name ?? '');
    return toAbiValue(component, members[key], `${what}.${component.name || index}`);
  });
}

function toInteger(type: string, value: unknown, what: string): bigint {
  const isSigned = type.startsWith('int');
  const bits = Number(type.slice(isSigned ? 3 : 4) || 256);
  if (typeof value !== 'bigint') refuse(what, 'a bigint like 1n', value);
  const cut = isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
  return cut === value ? value : refuse(what, `a number that ${type} holds`, value);
}

function fromAbiValue(parameter: AbiParameter, value: AbiValue): unknown {
  const array = arrayItem(parameter);
  if (array !== undefined) return (value as readonly AbiValue[]).map((one) => fromAbiValue(array.item, one));
  const { type, components = [] } = parameter;
  if (type === 'tuple') {
    const values = (value as readonly AbiValue[]).map((one, index) => fromAbiValue(components[index]!, one));
    const isNamed = components.every(({ name }) => name !== undefined && name !== '');
    return isNamed ? Object.fromEntries(components.map(({ name }, index) => [name, values[index]])) : values;
  }
  if (type === 'address') return addressOf(`0x${value as string}`);
  if (type === 'string') return utf8Text(fromByteString(value as string));
  return value instanceof Uint8Array ? hexOf(value) : value;
}

function refuse(what: string, wanted: string, value: unknown): never {
  const shown = typeof value === 'object' && value !== null ? 'an object' : echo(value);
  throw sdkError('BadArgument', `${what} is ${shown}`, `give ${wanted}`);
}

import { concatBytes, equalBytes } from '@menglian/base/bytes';
import { selector } from '@menglian/codec/abi';
import type { CryptoSuite, SuiteName } from '@menglian/crypto/suite';
import { bytesOf, type Hex, hexOf } from '../hex.js';
import { sdkError } from '../sdkError.js';
import type { Abi, AbiConstructor, AbiError, AbiFunction } from './abi.js';
import { signatureText } from './signature.js';
import { decodeValues, encodeValues, fits } from './values.js';

const SELECTOR_BYTES = 4;

/**
 * The function of this name that takes these arguments: the only one that does.
 * @param name or the whole signature, `set(uint256)`. @throws SdkError `BadArgument`
 */
export function functionFor(abi: Abi, name: string, values: readonly unknown[]): AbiFunction {
  const functions = abi.filter((item): item is AbiFunction => item.type === 'function');
  const isMeant = name.endsWith(')') ? (one: AbiFunction) => signatureText(one) === name : ofName(name);
  const named = functions.filter(isMeant);
  if (named.length === 0) {
    throw sdkError('BadArgument', `the ABI has no function ${name}`, 'see that it is the ABI of this contract');
  }
  // With one candidate encoding says what is wrong; with several none of them may be meant.
  if (named.length === 1) return named[0]!;
  const fitting = named.filter(({ inputs }) => fits(inputs, values));
  if (fitting.length === 1) return fitting[0]!;
  const signatures = (fitting.length === 0 ? named : fitting).map(signatureText).join(' or ');
  if (fitting.length === 0) {
    throw sdkError('BadArgument', `no function ${name} takes these arguments`, `give those of ${signatures}`);
  }
  throw sdkError('BadArgument', `several functions ${name} take these arguments`, `call ${signatures} by that text`);
}

function ofName(name: string): (item: AbiFunction) => boolean {
  return (item) => item.name === name;
}

/** Selector and arguments. */
export function encodeCall(suite: CryptoSuite, abiFunction: AbiFunction, values: readonly unknown[]): Hex {
  return hexOf(callData(suite, abiFunction, values));
}

/** The same as bytes, for those who sign many. */
export function callData(suite: CryptoSuite, abiFunction: AbiFunction, values: readonly unknown[]): Uint8Array {
  return concatBytes(selectorOf(suite, abiFunction), encodeValues(abiFunction.inputs, values, abiFunction.name));
}

/** By function, one for each suite: whoever signs many transactions calls few functions. */
const selectors = new WeakMap<AbiFunction, Partial<Record<SuiteName, Uint8Array>>>();

function selectorOf(suite: CryptoSuite, abiFunction: AbiFunction): Uint8Array {
  let known = selectors.get(abiFunction);
  if (known === undefined) selectors.set(abiFunction, (known = {}));
  return (known[suite.name] ??= selector((bytes) => suite.hash(bytes), signatureText(abiFunction)));
}

/** Init code and arguments of the constructor. */
export function encodeDeployment(abi: Abi, bytecode: Hex, values: readonly unknown[]): Hex {
  const constructor = abi.find((item): item is AbiConstructor => item.type === 'constructor');
  const code = bytesOf(bytecode, 'the bytecode');
  if (code.length === 0) throw sdkError('BadArgument', 'the bytecode is empty', 'compile a contract, not an interface');
  return hexOf(concatBytes(code, encodeValues(constructor?.inputs ?? [], values, 'the constructor')));
}

/** @returns nothing, the only value, or all. @throws SdkError `BadAnswer` when the output is not of the ABI */
export function decodeOutput({ name, outputs }: AbiFunction, output: Hex): unknown {
  const data = bytesOf(output, 'the output');
  const values = decodeValues(outputs, data);
  if (values === undefined) {
    throw sdkError('BadAnswer', `the output of ${name} is not of its ABI`, 'see that it is the ABI of this contract');
  }
  return outputs.length <= 1 ? values[0] : values;
}

/** Why a contract failed: a text, or an error that it declares. */
export interface RevertReason {
  readonly name: string;
  readonly arguments: readonly unknown[];
  /** `Error("not today")` becomes `not today`, others look like a call. */
  readonly text: string;
}

const REVERT: AbiError = { type: 'error', name: 'Error', inputs: [{ name: 'message', type: 'string' }] };
const PANIC: AbiError = { type: 'error', name: 'Panic', inputs: [{ name: 'code', type: 'uint256' }] };

/** Numbers of `Panic`, from the Solidity documentation, "Panic via assert and Error via require". */
const PANICS: Readonly<Record<string, string>> = {
  '1': 'an assertion failed',
  '17': 'an arithmetic overflow',
  '18': 'a division by zero',
  '33': 'a number that is no value of the enum',
  '34': 'a damaged byte array in storage',
  '49': 'pop of an empty array',
  '50': 'an index out of bounds',
  '65': 'too much memory',
  '81': 'a call of a function that was never set',
};

/** @returns undefined when the output says nothing that can be read */
export function revertReason(suite: CryptoSuite, output: Hex, abi: Abi = []): RevertReason | undefined {
  const data = bytesOf(output, 'the output');
  const found = [REVERT, PANIC, ...abi.filter((item): item is AbiError => item.type === 'error')].find((error) =>
    equalBytes(
      selector((bytes) => suite.hash(bytes), signatureText(error)),
      data.subarray(0, SELECTOR_BYTES),
    ),
  );
  if (found === undefined || data.length < SELECTOR_BYTES) return undefined;
  const values = decodeValues(found.inputs, data.subarray(SELECTOR_BYTES));
  if (values === undefined) return undefined;
  return { name: found.name, arguments: values, text: reasonText(found, values) };
}

function reasonText(error: AbiError, values: readonly unknown[]): string {
  if (error === REVERT) return String(values[0]);
  if (error === PANIC) return PANICS[String(values[0])] ?? `panic ${String(values[0])}`;
  return `${error.name}(${values.map(String).join(', ')})`;
}

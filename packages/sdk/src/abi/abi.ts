import { sdkError } from '../sdkError.js';

/** The interface of a contract as solc writes it. Declare it `as const` and calls are typed. */
export interface AbiParameter {
  readonly type: string;
  readonly name?: string;
  /** Of `tuple` and arrays of it. */
  readonly components?: readonly AbiParameter[];
  /** Of events. */
  readonly indexed?: boolean;
  readonly internalType?: string;
}

export type StateMutability = 'pure' | 'view' | 'nonpayable' | 'payable';

export interface AbiFunction {
  readonly type: 'function';
  readonly name: string;
  readonly inputs: readonly AbiParameter[];
  readonly outputs: readonly AbiParameter[];
  readonly stateMutability: StateMutability;
}

export interface AbiConstructor {
  readonly type: 'constructor';
  readonly inputs: readonly AbiParameter[];
  readonly stateMutability: StateMutability;
}

export interface AbiEvent {
  readonly type: 'event';
  readonly name: string;
  readonly inputs: readonly AbiParameter[];
  readonly anonymous?: boolean;
}

export interface AbiError {
  readonly type: 'error';
  readonly name: string;
  readonly inputs: readonly AbiParameter[];
}

export interface AbiFallback {
  readonly type: 'fallback' | 'receive';
  readonly stateMutability?: StateMutability;
}

export type AbiItem = AbiFunction | AbiConstructor | AbiEvent | AbiError | AbiFallback;

export type Abi = readonly AbiItem[];

/** Entries of one interface. */
const ITEMS_MAX = 4096;

/** Tuples inside tuples. */
const NESTING_MAX = 8;

/**
 * Reads the interface that a file, a compiler or CNS gave: calls of it are not typed, but checked.
 * @param source JSON text, or what was parsed from it
 * @throws SdkError `BadArgument`
 */
export function readAbi(source: unknown): Abi {
  const items = typeof source === 'string' ? parse(source) : source;
  if (!Array.isArray(items) || items.length > ITEMS_MAX) {
    throw sdkError('BadArgument', 'the ABI is not an array of entries', 'give the member `abi` of what solc wrote');
  }
  return items.map((item, index) => readItem(item, `abi[${index}]`));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw sdkError('BadArgument', 'the ABI is not JSON', 'give the member `abi` of what solc wrote', error);
  }
}

function readItem(item: unknown, path: string): AbiItem {
  const {
    type = 'function',
    name,
    inputs = [],
    outputs = [],
    ...rest
  } = (item ?? {}) as Readonly<Record<string, unknown>>;
  // Before solc 0.4.16 there was no stateMutability.
  const stateMutability = (rest['stateMutability'] ??
    (rest['constant'] === true ? 'view' : 'nonpayable')) as StateMutability;
  switch (type) {
    case 'function':
      return {
        type,
        name: readName(name, path),
        inputs: readParameters(inputs, path, 0),
        outputs: readParameters(outputs, path, 0),
        stateMutability,
      };
    case 'constructor':
      return { type, inputs: readParameters(inputs, path, 0), stateMutability };
    case 'event':
      return {
        type,
        name: readName(name, path),
        inputs: readParameters(inputs, path, 0),
        anonymous: rest['anonymous'] === true,
      };
    case 'error':
      return { type, name: readName(name, path), inputs: readParameters(inputs, path, 0) };
    case 'fallback':
    case 'receive':
      return { type, stateMutability };
    default:
      throw refuse(path, `has the type ${JSON.stringify(type)}`);
  }
}

function readParameters(value: unknown, path: string, nesting: number): AbiParameter[] {
  if (!Array.isArray(value) || nesting > NESTING_MAX) throw refuse(path, 'has parameters that are no list');
  return value.map((one: unknown) => {
    const { type, name, components, indexed } = (one ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof type !== 'string') throw refuse(path, 'has a parameter without a type');
    return {
      type,
      ...(typeof name === 'string' && { name }),
      ...(components !== undefined && { components: readParameters(components, path, nesting + 1) }),
      ...(indexed === true && { indexed }),
    };
  });
}

function readName(name: unknown, path: string): string {
  if (typeof name !== 'string') throw refuse(path, 'has no name');
  return name;
}

function refuse(path: string, problem: string) {
  return sdkError('BadArgument', `${path} ${problem}`, 'give the member `abi` of what solc wrote');
}

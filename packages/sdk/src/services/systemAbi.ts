import type { AbiParameter } from '../abi/abi.js';

/** ABIs of system contracts, whose parameters have no names, from lists of types. */
type Unnamed<T extends readonly string[]> = { readonly [I in keyof T]: { readonly type: T[I] } };

function unnamed<const T extends readonly string[]>(types: T): Unnamed<T> {
  return types.map((type): AbiParameter => ({ type })) as unknown as Unnamed<T>;
}

/** A function that answers one code: negative is a refusal. */
export function changes<const N extends string, const I extends readonly string[]>(name: N, inputs: I) {
  const outputs = [{ type: 'int256' }] as const;
  return { type: 'function', name, inputs: unnamed(inputs), outputs, stateMutability: 'nonpayable' } as const;
}

/** A function that is called without a transaction. */
export function reads<const N extends string, const I extends readonly string[], const O extends readonly string[]>(
  name: N,
  inputs: I,
  outputs: O,
) {
  return {
    type: 'function',
    name,
    inputs: unnamed(inputs),
    outputs: unnamed(outputs),
    stateMutability: 'view',
  } as const;
}

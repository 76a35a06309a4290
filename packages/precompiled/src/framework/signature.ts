import type { Address } from '@menglian/types/address';

/** What an argument of an ABI type arrives as. `string` is a byte string. */
type ArgumentOf<Type extends string> = Type extends 'string'
  ? string
  : Type extends 'address'
    ? Address
    : Type extends 'int256' | 'uint256'
      ? bigint
      : Type extends 'bytes' | 'bytes32'
        ? Uint8Array
        : Type extends 'bool'
          ? boolean
          : never;

type ArgumentsOfList<List extends string> = List extends ''
  ? []
  : List extends `${infer First},${infer Rest}`
    ? [ArgumentOf<First>, ...ArgumentsOfList<Rest>]
    : [ArgumentOf<List>];

/** The arguments of `insert(string,address)` are [string, Address], and so on. */
export type ArgumentsOf<Signature extends string> = Signature extends `${string}(${infer List})`
  ? ArgumentsOfList<List>
  : never;

/** `insert(string,address)` → ['string', 'address'] */
export function parameterTypes(signature: string): readonly string[] {
  const list = signature.slice(signature.indexOf('(') + 1, -1);
  return list === '' ? [] : list.split(',');
}

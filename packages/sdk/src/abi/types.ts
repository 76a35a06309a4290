import type { Hex } from '../hex.js';
import type { Abi, AbiEvent, AbiFunction, AbiItem, AbiParameter, StateMutability } from './abi.js';
import type { SignatureOf } from './signature.js';

/**
 * TypeScript types of Solidity values, computed from an ABI that is declared `as const`. Integers of all widths are
 * bigints, so that a contract that widens one breaks nobody. Without `as const` values are `unknown` and checked when
 * they are used.
 */

/** The value of one parameter. */
export type ValueOf<P extends AbiParameter> = string extends P['type']
  ? unknown
  : P['type'] extends `${string}]`
    ? ArrayOf<P, ArrayParts<P['type']>>
    : P['type'] extends 'tuple'
      ? TupleOf<P['components'] extends readonly AbiParameter[] ? P['components'] : readonly AbiParameter[]>
      : P['type'] extends `uint${string}` | `int${string}`
        ? bigint
        : P['type'] extends 'bool'
          ? boolean
          : P['type'] extends 'string'
            ? string
            : P['type'] extends 'address' | `bytes${string}`
              ? Hex
              : unknown;

/** Values in order. */
export type ValuesOf<P extends readonly AbiParameter[]> = { readonly [I in keyof P]: ValueOf<P[I]> };

/** An object when every component has a name, else the values in order. */
export type TupleOf<P extends readonly AbiParameter[]> = P[number] extends { readonly name: infer Name extends string }
  ? '' extends Name
    ? ValuesOf<P>
    : { readonly [C in P[number] as C['name'] & string]: ValueOf<C> }
  : ValuesOf<P>;

/** `['uint256[2]', '']` of `uint256[2][]`: the last bracket is the outermost array. */
type ArrayParts<T extends string, Head extends string = ''> = T extends `${infer Before}[${infer After}`
  ? After extends `${string}[${string}`
    ? ArrayParts<After, `${Head}${Before}[`>
    : After extends `${infer Length}]`
      ? readonly [`${Head}${Before}`, Length]
      : never
  : never;

type ArrayOf<P extends AbiParameter, Parts> = Parts extends readonly [infer Item extends string, infer Length]
  ? Length extends ''
    ? readonly ItemOf<P, Item>[]
    : Repeat<ItemOf<P, Item>, Length>
  : unknown;

type ItemOf<P extends AbiParameter, Item extends string> = ValueOf<
  P['components'] extends readonly AbiParameter[]
    ? { readonly type: Item; readonly components: P['components'] }
    : { readonly type: Item }
>;

/** Longer ones are arrays of any length to the compiler. */
type Repeat<T, Length, Items extends readonly T[] = readonly []> = `${Items['length']}` extends Length
  ? Items
  : Items['length'] extends 32
    ? readonly T[]
    : Repeat<T, Length, readonly [...Items, T]>;

/** Nothing, the one value, or all in order. */
export type OutputOf<P extends readonly AbiParameter[]> = P extends readonly []
  ? undefined
  : P extends readonly [infer Only extends AbiParameter]
    ? ValueOf<Only>
    : number extends P['length']
      ? unknown
      : ValuesOf<P>;

export type FunctionOf<A extends Abi, M extends StateMutability = StateMutability> = Extract<
  A[number],
  { readonly type: 'function'; readonly stateMutability: M }
>;

/** A typed ABI has literal names; any other has functions of any name. */
export type FunctionName<A extends Abi, M extends StateMutability = StateMutability> = AbiItem extends A[number]
  ? string
  : FunctionOf<A, M>['name'];

export type FunctionNamed<
  A extends Abi,
  Name extends string,
  M extends StateMutability = StateMutability,
> = AbiItem extends A[number] ? AbiFunction : Extract<FunctionOf<A, M>, { readonly name: Name }>;

type EventOf<A extends Abi> = Extract<A[number], { readonly type: 'event' }>;

type IsUnion<U, Each = U> = [U] extends [never]
  ? false
  : Each extends unknown
    ? [U] extends [Each]
      ? false
      : true
    : never;

/** Overloads by their signature. */
export type OverloadedFunctions<A extends Abi, M extends StateMutability> = AbiItem extends A[number]
  ? Readonly<Record<never, never>>
  : {
      readonly [
        F in FunctionOf<A, M> as IsUnion<Extract<FunctionOf<A, M>, { readonly name: F['name'] }>> extends true
          ? SignatureOf<F>
          : never
      ]: F;
    };

/** Events by their name; those that share it, by their signature. */
type EventsByName<A extends Abi> = {
  readonly [
    E in EventOf<A> as IsUnion<Extract<EventOf<A>, { readonly name: E['name'] }>> extends true
      ? SignatureOf<E>
      : E['name']
  ]: E;
};

export type EventName<A extends Abi> = AbiItem extends A[number] ? string : keyof EventsByName<A> & string;

export type EventNamed<A extends Abi, Name extends string> = AbiItem extends A[number]
  ? AbiEvent
  : Extract<EventsByName<A>[Name & keyof EventsByName<A>], AbiEvent>;

/** Arguments of an event by name. What is indexed and dynamic is on the chain as its hash only. */
export type EventArguments<E extends AbiEvent> = string extends E['name']
  ? Readonly<Record<string, unknown>>
  : { readonly [P in E['inputs'][number] as P['name'] & string]: EventValue<P> };

type EventValue<P extends AbiParameter> = P extends { readonly indexed: true }
  ? P['type'] extends 'string' | 'bytes' | 'tuple' | `${string}]`
    ? Hex
    : ValueOf<P>
  : ValueOf<P>;

/** What a filter may ask for: a value, or any of several, of each indexed argument. */
export type EventFilter<E extends AbiEvent> = string extends E['name']
  ? Readonly<Record<string, unknown>>
  : {
      readonly [P in Extract<E['inputs'][number], { readonly indexed: true }> as P['name'] & string]?:
        | FilterValue<P>
        | readonly FilterValue<P>[];
    };

/** Dynamic values are asked for as they are; the hash is ours to make. */
type FilterValue<P extends AbiParameter> = ValueOf<P>;

export type ConstructorArguments<A extends Abi> = AbiItem extends A[number]
  ? readonly unknown[]
  : Extract<A[number], { readonly type: 'constructor' }> extends never
    ? readonly []
    : ValuesOf<Extract<A[number], { readonly type: 'constructor' }>['inputs']>;

/** One signature a function, overloads joined. */
export type UnionToIntersection<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer I) => void
  ? I
  : never;

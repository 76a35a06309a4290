import { describe, expectTypeOf, it } from 'vitest';
import type { Contract, Executed } from '../contract.js';
import type { Hash, Hex } from '../hex.js';
import type { Abi } from './abi.js';
import type { SignatureOf } from './signature.js';
import type {
  ConstructorArguments,
  EventArguments,
  EventFilter,
  EventName,
  EventNamed,
  FunctionName,
  ValueOf,
} from './types.js';

const abi = [
  {
    type: 'constructor',
    inputs: [
      { name: 'owner', type: 'address' },
      { name: 'supply', type: 'uint256' },
    ],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    name: 'balanceOf',
    inputs: [{ name: 'who', type: 'address' }],
    outputs: [{ name: '', type: 'uint256' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    name: 'order',
    inputs: [{ name: 'id', type: 'bytes32' }],
    outputs: [
      {
        name: 'order',
        type: 'tuple',
        components: [
          { name: 'buyer', type: 'address' },
          {
            name: 'items',
            type: 'tuple[]',
            components: [
              { name: 'name', type: 'string' },
              { name: 'count', type: 'uint8' },
            ],
          },
        ],
      },
      { name: 'isOpen', type: 'bool' },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    name: 'set',
    inputs: [{ name: 'value', type: 'string' }],
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    name: 'set',
    inputs: [
      { name: 'value', type: 'uint256' },
      { name: 'note', type: 'bytes' },
    ],
    outputs: [{ name: '', type: 'bool' }],
    stateMutability: 'nonpayable',
  },
  {
    type: 'event',
    name: 'Changed',
    inputs: [
      { name: 'who', type: 'address', indexed: true },
      { name: 'note', type: 'string', indexed: true },
      { name: 'value', type: 'int64' },
    ],
  },
] as const;

type Typed = Contract<typeof abi>;

type Members<Count extends number, Done extends readonly { type: 'bool' }[] = []> = Done['length'] extends Count
  ? Done
  : Members<Count, [...Done, { type: 'bool' }]>;

describe('types of an ABI', () => {
  it('are those of its values', () => {
    expectTypeOf<ValueOf<{ type: 'uint8' }>>().toEqualTypeOf<bigint>();
    expectTypeOf<ValueOf<{ type: 'int256' }>>().toEqualTypeOf<bigint>();
    expectTypeOf<ValueOf<{ type: 'bytes32' }>>().toEqualTypeOf<Hex>();
    expectTypeOf<ValueOf<{ type: 'bytes' }>>().toEqualTypeOf<Hex>();
    expectTypeOf<ValueOf<{ type: 'bool[]' }>>().toEqualTypeOf<readonly boolean[]>();
    expectTypeOf<ValueOf<{ type: 'string[2]' }>>().toEqualTypeOf<readonly [string, string]>();
    expectTypeOf<ValueOf<{ type: 'uint256[2][]' }>>().toEqualTypeOf<readonly (readonly [bigint, bigint])[]>();
    expectTypeOf<ValueOf<{ type: 'uint256[][2]' }>>().toEqualTypeOf<readonly [readonly bigint[], readonly bigint[]]>();
    expectTypeOf<ValueOf<{ type: string }>>().toEqualTypeOf<unknown>();
    expectTypeOf<
      ValueOf<{ type: 'tuple'; components: readonly [{ name: 'a'; type: 'bool' }, { name: 'b'; type: 'string' }] }>
    >().toEqualTypeOf<{ readonly a: boolean; readonly b: string }>();
    expectTypeOf<ValueOf<{ type: 'tuple'; components: readonly [{ name: ''; type: 'bool' }] }>>().toEqualTypeOf<
      readonly [boolean]
    >();
  });

  it('tell reading from changing', () => {
    expectTypeOf<FunctionName<typeof abi, 'view' | 'pure'>>().toEqualTypeOf<'balanceOf' | 'order'>();
    expectTypeOf<keyof Typed['read']>().toEqualTypeOf<'balanceOf' | 'order'>();
    expectTypeOf<keyof Typed['write']>().toEqualTypeOf<'set' | 'set(string)' | 'set(uint256,bytes)'>();
    expectTypeOf<keyof Typed['events']>().toEqualTypeOf<'Changed'>();
  });

  it('are those of arguments and results', () => {
    expectTypeOf<Parameters<Typed['read']['balanceOf']>[0]>().toEqualTypeOf<readonly [Hex]>();
    expectTypeOf<ReturnType<Typed['read']['balanceOf']>>().toEqualTypeOf<Promise<bigint>>();
    expectTypeOf<Awaited<ReturnType<Typed['read']['order']>>>().toEqualTypeOf<
      readonly [
        { readonly buyer: Hex; readonly items: readonly { readonly name: string; readonly count: bigint }[] },
        boolean,
      ]
    >();
    expectTypeOf<ConstructorArguments<typeof abi>>().toEqualTypeOf<readonly [Hex, bigint]>();
  });

  it('join overloads', () => {
    const tryOut = (contract: Typed) => {
      expectTypeOf(contract.write.set(['text'])).toEqualTypeOf<Promise<Hash>>();
      expectTypeOf(contract.execute.set([1n, '0x'])).toEqualTypeOf<Promise<Executed<boolean>>>();
      expectTypeOf(contract.simulate.set([1n, '0x'])).toEqualTypeOf<Promise<boolean>>();
      expectTypeOf(contract.simulate.set(['text'])).toEqualTypeOf<Promise<undefined>>();
    };
    expectTypeOf(tryOut).toBeFunction();
  });

  it('name overloads by their signature', () => {
    const tryOut = (contract: Typed) => {
      expectTypeOf(contract.execute['set(uint256,bytes)']([1n, '0x'])).toEqualTypeOf<Promise<Executed<boolean>>>();
      expectTypeOf(contract.simulate['set(string)']).parameter(0).toEqualTypeOf<readonly [string]>();
    };
    expectTypeOf(tryOut).toBeFunction();
    expectTypeOf<
      SignatureOf<{
        name: 'place';
        inputs: readonly [
          { type: 'tuple[2]'; components: readonly [{ type: 'uint8[]' }, { type: 'bool' }] },
          { type: 'address' },
        ];
      }>
    >().toEqualTypeOf<'place((uint8[],bool)[2],address)'>();
    type Wide = SignatureOf<{ name: 'put'; inputs: readonly [{ type: 'tuple'; components: Members<200> }] }>;
    expectTypeOf<Wide extends `put((bool,bool,${string},bool))` ? true : false>().toEqualTypeOf<true>();
    expectTypeOf<SignatureOf<{ name: 'get'; inputs: readonly [] }>>().toEqualTypeOf<'get()'>();
  });

  it('know each of several events of one name', () => {
    type Twins = readonly [
      { type: 'event'; name: 'Changed'; inputs: readonly [{ name: 'to'; type: 'bool' }] },
      { type: 'event'; name: 'Changed'; inputs: readonly [{ name: 'to'; type: 'string' }] },
      { type: 'event'; name: 'Closed'; inputs: readonly [] },
    ];
    expectTypeOf<EventName<Twins>>().toEqualTypeOf<'Changed(bool)' | 'Changed(string)' | 'Closed'>();
    expectTypeOf<EventArguments<EventNamed<Twins, 'Changed(string)'>>>().toEqualTypeOf<{ readonly to: string }>();
  });

  it('are those of events', () => {
    type Changed = EventNamed<typeof abi, 'Changed'>;
    expectTypeOf<EventArguments<Changed>>().toEqualTypeOf<{
      readonly who: Hex;
      readonly note: Hex;
      readonly value: bigint;
    }>();
    expectTypeOf<EventFilter<Changed>>().toEqualTypeOf<{
      readonly who?: Hex | readonly Hex[];
      readonly note?: string | readonly string[];
    }>();
  });

  it('are open where the ABI is', () => {
    type Open = Contract<Abi>;
    expectTypeOf<Open['read'][string]>().parameter(0).toEqualTypeOf<readonly unknown[] | undefined>();
    expectTypeOf<ReturnType<Open['read'][string]>>().toEqualTypeOf<Promise<unknown>>();
    expectTypeOf<ConstructorArguments<Abi>>().toEqualTypeOf<readonly unknown[]>();
  });
});

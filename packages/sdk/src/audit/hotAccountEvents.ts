/** What the contracts of hot accounts write down, read out of logs that were proven. Told in docs/hot-accounts.md, "Events". */
import { toBigInt, utf8Bytes } from '@menglian/base/bytes';
import { type AbiValue, decodeAbi } from '@menglian/codec/abi';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { type Address, bytesOf, type Hash, hexOf } from '../hex.js';
import type { Log } from '../logs/log.js';
import { systemAddress } from '../services/systemContract.js';

export const SHADOW_ACCOUNTS = systemAddress(0x2006);
export const HOT_ACCOUNTS = systemAddress(0x2007);

/** On a chain of users. */
export type ShadowEvent =
  | { readonly kind: 'opened'; readonly hotChain: Hash; readonly owner: Address }
  /** A grant of the hot chain arrived. Grants to one shadow account are numbered from 1. */
  | { readonly kind: 'granted'; readonly hotChain: Hash; readonly number: bigint; readonly amount: bigint }
  | { readonly kind: 'paid' | 'paidOut'; readonly epoch: bigint; readonly amount: bigint }
  | { readonly kind: 'closed'; readonly epoch: bigint; readonly recordHash: Hash; readonly record: Uint8Array }
  /** The hot chain has said that it booked the epoch. */
  | { readonly kind: 'confirmed'; readonly epoch: bigint; readonly recordHash: Hash };

/** On the hot chain. */
export type HotEvent =
  | { readonly kind: 'created'; readonly owner: Address }
  /** A shadow account was asked for; it is open once the chain has answered. */
  | { readonly kind: 'attached'; readonly chain: Hash }
  | { readonly kind: 'granted'; readonly chain: Hash; readonly number: bigint; readonly amount: bigint }
  | {
      readonly kind: 'settled';
      readonly chain: Hash;
      readonly epoch: bigint;
      readonly amountIn: bigint;
      readonly amountOut: bigint;
      readonly payments: bigint;
      readonly recordHash: Hash;
    }
  | { readonly kind: 'withdrawn'; readonly amount: bigint };

interface Shape<E> {
  readonly signature: string;
  /** Topics after those of the event and of the account. */
  readonly topics: number;
  /** Types of the data. */
  readonly data: readonly string[];
  readonly make: (topics: readonly Uint8Array[], data: readonly AbiValue[]) => E;
}

const hash = (value: AbiValue | undefined): Hash => hexOf(value as Uint8Array);
const address = (value: AbiValue | undefined): Address => `0x${value as string}`;
const amount = (value: AbiValue | undefined): bigint => value as bigint;

function payment(kind: 'paid' | 'paidOut', name: string): Shape<ShadowEvent> {
  return {
    signature: `${name}(bytes32,address,uint256,uint256,bytes32)`,
    topics: 2,
    data: ['uint256', 'bytes32'],
    make: ([, epoch], [paid]) => ({ kind, epoch: toBigInt(epoch!), amount: amount(paid) }),
  };
}

const SHADOW_SHAPES: readonly Shape<ShadowEvent>[] = [
  {
    signature: 'Opened(bytes32,bytes32,address,string)',
    topics: 1,
    data: ['address', 'string'],
    make: ([hotChain], [owner]) => ({ kind: 'opened', hotChain: hash(hotChain), owner: address(owner) }),
  },
  {
    signature: 'Granted(bytes32,bytes32,uint256,uint256)',
    topics: 2,
    data: ['uint256'],
    make: ([hotChain, number], [granted]) => ({
      kind: 'granted',
      hotChain: hash(hotChain),
      number: toBigInt(number!),
      amount: amount(granted),
    }),
  },
  payment('paid', 'Paid'),
  payment('paidOut', 'PaidOut'),
  {
    signature: 'Closed(bytes32,uint256,bytes32,bytes)',
    topics: 1,
    data: ['bytes32', 'bytes'],
    make: ([epoch], [recordHash, record]) => ({
      kind: 'closed',
      epoch: toBigInt(epoch!),
      recordHash: hash(recordHash),
      record: record as Uint8Array,
    }),
  },
  {
    signature: 'Confirmed(bytes32,uint256,bytes32)',
    topics: 1,
    data: ['bytes32'],
    make: ([epoch], [recordHash]) => ({ kind: 'confirmed', epoch: toBigInt(epoch!), recordHash: hash(recordHash) }),
  },
];

const HOT_SHAPES: readonly Shape<HotEvent>[] = [
  {
    signature: 'AccountCreated(bytes32,address,string)',
    topics: 1,
    data: ['string'],
    make: ([owner]) => ({ kind: 'created', owner: hexOf(owner!.subarray(12)) }),
  },
  {
    signature: 'Attached(bytes32,bytes32)',
    topics: 1,
    data: [],
    make: ([chain]) => ({ kind: 'attached', chain: hash(chain) }),
  },
  {
    signature: 'Granted(bytes32,bytes32,uint256,uint256)',
    topics: 2,
    data: ['uint256'],
    make: ([chain, number], [granted]) => ({
      kind: 'granted',
      chain: hash(chain),
      number: toBigInt(number!),
      amount: amount(granted),
    }),
  },
  {
    signature: 'Settled(bytes32,bytes32,uint256,uint256,uint256,uint256,bytes32)',
    topics: 2,
    data: ['uint256', 'uint256', 'uint256', 'bytes32'],
    make: ([chain, epoch], [amountIn, amountOut, payments, recordHash]) => ({
      kind: 'settled',
      chain: hash(chain),
      epoch: toBigInt(epoch!),
      amountIn: amount(amountIn),
      amountOut: amount(amountOut),
      payments: amount(payments),
      recordHash: hash(recordHash),
    }),
  },
  {
    signature: 'Withdrawn(bytes32,address,uint256)',
    topics: 1,
    data: ['uint256'],
    make: (_, [withdrawn]) => ({ kind: 'withdrawn', amount: amount(withdrawn) }),
  },
];

/** @returns the event, or that it cannot be read; undefined for what is of another account, contract or event */
export type EventReader<E> = (log: Log) => E | 'malformed' | undefined;

/** @param account name of the hot account */
export function shadowEventReader(suite: CryptoSuite, account: string): EventReader<ShadowEvent> {
  return eventReader(suite, account, SHADOW_ACCOUNTS, SHADOW_SHAPES);
}

/** @param account name of the hot account */
export function hotEventReader(suite: CryptoSuite, account: string): EventReader<HotEvent> {
  return eventReader(suite, account, HOT_ACCOUNTS, HOT_SHAPES);
}

function eventReader<E>(
  suite: CryptoSuite,
  account: string,
  contract: Address,
  shapes: readonly Shape<E>[],
): EventReader<E> {
  const accountHash = hexOf(suite.hash(utf8Bytes(account)));
  const byTopic = new Map(shapes.map((shape) => [hexOf(suite.hash(utf8Bytes(shape.signature))), shape]));
  return (log) => {
    const [event, named, ...topics] = log.topics;
    const shape = event === undefined ? undefined : byTopic.get(event);
    if (shape === undefined || log.address !== contract || named !== accountHash) return undefined;
    const decoded = decodeAbi(shape.data, bytesOf(log.data, 'the data'));
    if (!decoded.ok || topics.length !== shape.topics) return 'malformed';
    return shape.make(
      topics.map((topic) => bytesOf(topic, 'a topic')),
      decoded.value,
    );
  };
}

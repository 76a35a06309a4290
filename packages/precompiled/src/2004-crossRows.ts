import { concatBytes, equalBytes, fromBigInt, fromHex, toHex } from '@menglian/base/bytes';
import type { Address } from '@menglian/types/address';
import type { FunctionContext } from './framework/systemContract.js';
import type { TableDefinition } from './ports.js';
import { readRow, writeRow } from './tables/ownRows.js';

type Context = FunctionContext<undefined>;

/** By id, those begun here and those of other chains. */
const TRANSACTIONS: TableDefinition = {
  name: '_sys_cross_transactions_',
  keyField: 'id',
  valueFields: ['state', 'chain', 'participant', 'remote', 'initiator', 'deadline'],
};

/** How many were begun here. */
const BEGUN: TableDefinition = { name: '_sys_cross_begun_', keyField: 'of', valueFields: ['last'] };
const BEGUN_HERE = 'here';

/** Of an id: the beginning of the identity of the chain where it was begun, and its number there. */
const PREFIX_BYTES = 24;
const NUMBER_BYTES = 8;

/** How far a transaction is on one of its chains. docs/cross-transactions.md draws it. */
export const CrossState = {
  /** Begun here: held by the participant, and the other chain is asked. */
  preparing: 1,
  /** Begun there: held by the participant, and the other chain decides. */
  ready: 2,
  /** Begun there: the participant did not want it. */
  refused: 3,
  /** Decided; the participant could not confirm yet. */
  confirming: 4,
  confirmed: 5,
  /** Decided; the participant could not cancel yet. */
  cancelling: 6,
  cancelled: 7,
} as const;
export type CrossState = (typeof CrossState)[keyof typeof CrossState];

export interface CrossTransaction {
  readonly id: Uint8Array;
  readonly state: CrossState;
  /** Identity of the other chain. */
  readonly chain: Uint8Array;
  /** Of this chain. */
  readonly participant: Address;
  /** Of the other chain. */
  readonly remote: Address;
  /** Who began it here; zero where it was begun there. */
  readonly initiator: Address;
  /** The block from which it can be cancelled; 0 where it was begun there. */
  readonly deadline: number;
}

/** Gives the next transaction of this chain its id. */
export function nextId(context: Context): Uint8Array {
  const last = Number(readRow(context, BEGUN, BEGUN_HERE)?.get('last') ?? '0') + 1;
  writeRow(context, BEGUN, BEGUN_HERE, new Map([['last', String(last)]]));
  return concatBytes(prefixOf(context.host.chainIdentity()), fromBigInt(BigInt(last), NUMBER_BYTES));
}

function prefixOf(chain: Uint8Array): Uint8Array {
  return chain.subarray(0, PREFIX_BYTES);
}

/** Whether this chain gives such ids. So no chain can take an id of another one. */
export function isIdOf(chain: Uint8Array, id: Uint8Array): boolean {
  return equalBytes(prefixOf(id), prefixOf(chain));
}

export function readCross(context: Context, id: Uint8Array): CrossTransaction | undefined {
  const fields = readRow(context, TRANSACTIONS, toHex(id));
  if (fields === undefined) return undefined;
  const field = (name: string): string => fields.get(name) ?? '';
  return {
    id,
    state: Number(field('state')) as CrossState,
    chain: fromHex(field('chain')),
    participant: field('participant'),
    remote: field('remote'),
    initiator: field('initiator'),
    deadline: Number(field('deadline')),
  };
}

export function writeCross(context: Context, transaction: CrossTransaction): void {
  const { id, state, chain, participant, remote, initiator, deadline } = transaction;
  const fields = new Map([
    ['state', String(state)],
    ['chain', toHex(chain)],
    ['participant', participant],
    ['remote', remote],
    ['initiator', initiator],
    ['deadline', String(deadline)],
  ]);
  writeRow(context, TRANSACTIONS, toHex(id), fields);
}

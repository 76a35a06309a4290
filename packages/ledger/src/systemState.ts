/**
 * Readers of what the chain says about itself. A change made by block N carries `enable_num` N, and a reader at height H
 * sees the rows with enable_num ≤ H. Executing block N reads at N − 1, so a change counts from the next block; whoever
 * asks for the rules of the block after the head reads at head + 1. A row has one enable_num: between a change and its
 * effect, inside block N itself, the old value is gone too.
 */
import type { Address, NodeId } from '@menglian/types/address';
import type { Row } from './stateRecords.js';
import type { StateView } from './stateView.js';
import { ACCESS_TABLE, CONFIG_TABLE, CONSENSUS_KEY, CONSENSUS_TABLE, readRows } from './systemTables.js';

export interface Membership {
  /** Who votes, ascending by node id: the order of indexes in headers and votes. In rPBFT the working sealers. */
  readonly sealers: readonly NodeId[];
  /** Who follows and does not vote: in rPBFT the sealers that wait for their turn, then observers; in storage order. */
  readonly observers: readonly NodeId[];
  /** Nodes of each role as the rows lie, which is the order RPC shows. */
  readonly inStorageOrder: {
    /** only in rPBFT */
    readonly workingSealers: readonly NodeId[];
    /** working or not, those that work first */
    readonly sealers: readonly NodeId[];
    readonly observers: readonly NodeId[];
  };
}

/** @returns the value in force at height `number`; '' if never set or not in force yet */
export function readSystemConfig(view: StateView, key: string, number: number): string {
  const row = readRows(view, CONFIG_TABLE, key).find((row) => isInForce(row, number));
  return row?.fields.get('value') ?? '';
}

export function readMembership(view: StateView, number: number): Membership {
  const rows = readRows(view, CONSENSUS_TABLE, CONSENSUS_KEY).filter((row) => isInForce(row, number));
  const workingSealers = nodesOfType(rows, 'wSealer');
  const others = nodesOfType(rows, 'sealer');
  const observers = nodesOfType(rows, 'observer');
  // When the last working sealer was removed, all others vote, so that the next block can fill the working set again.
  const isRotating = workingSealers.length > 0;
  return {
    sealers: (isRotating ? workingSealers : others).toSorted(),
    observers: isRotating ? [...others, ...observers] : observers,
    inStorageOrder: { workingSealers, sealers: [...workingSealers, ...others], observers },
  };
}

/**
 * Accounts that may write the table; none means everybody. Texts are lower-cased and lose their 0x. Permission rows may
 * hold texts of a wrong length (2.x admits them): they match nobody, but they make the list count.
 */
export function readTableAccess(view: StateView, table: string, number: number): Address[] {
  return readRows(view, ACCESS_TABLE, table)
    .filter((row) => isInForce(row, number))
    .map((row) => (row.fields.get('address') ?? '').toLowerCase().replace(/^0x/, ''));
}

const DECIMAL = /^[0-9]+$/;

/** A row whose enable_num is no number never comes into force; system contracts write none. */
function isInForce(row: Row, number: number): boolean {
  const enableNumber = row.fields.get('enable_num') ?? '';
  return DECIMAL.test(enableNumber) && Number(enableNumber) <= number;
}

function nodesOfType(rows: readonly Row[], type: string): NodeId[] {
  return rows.filter((row) => row.fields.get('type') === type).map((row) => row.fields.get('node_id') ?? '');
}

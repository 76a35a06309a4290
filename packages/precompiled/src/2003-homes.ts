import { concatBytes, fromByteString, toBigInt } from '@menglian/base/bytes';
import { countUser, type GroupRule, hasUsers, readGroups } from './2003-groups.js';
import type { FunctionContext } from './framework/systemContract.js';
import { ROUTED_KEY_BYTES_MAX } from './limits.js';
import type { TableDefinition } from './ports.js';
import { readRow, removeRow, writeRow } from './tables/ownRows.js';

type Context = FunctionContext<undefined>;

/** The group of a user, from the registration on. */
const HOMES: TableDefinition = { name: '_sys_router_homes_', keyField: 'user', valueFields: ['group'] };
/** What the committee decided for one key, by kind and key. */
const ASSIGNED: TableDefinition = { name: '_sys_router_assigned_', keyField: 'key', valueFields: ['group'] };

/** What a key can be that the committee assigns a group to. */
const ASSIGNABLE = ['user', 'organisation', 'contract'] as const;
export type AssignableKind = (typeof ASSIGNABLE)[number];

/** A group, and by which rule. */
export interface Choice {
  readonly group: number;
  readonly why: 'home' | 'assigned' | 'organisation' | 'weight' | 'period';
}

export function isAssignable(kind: string): kind is AssignableKind {
  return (ASSIGNABLE as readonly string[]).includes(kind);
}

export function isKey(text: string): boolean {
  return text.length > 0 && text.length <= ROUTED_KEY_BYTES_MAX;
}

function groupOf(context: Context, table: TableDefinition, key: string): number | undefined {
  const group = readRow(context, table, key)?.get('group');
  return group === undefined ? undefined : Number(group);
}

export function homeOf(context: Context, user: string): number | undefined {
  return groupOf(context, HOMES, user);
}

export function assignedGroup(context: Context, kind: AssignableKind, key: string): number | undefined {
  return groupOf(context, ASSIGNED, `${kind}:${key}`);
}

export function assignGroup(context: Context, kind: AssignableKind, key: string, group: bigint): void {
  writeRow(context, ASSIGNED, `${kind}:${key}`, new Map([['group', group.toString()]]));
}

/** @returns whether there was one */
export function removeAssignment(context: Context, kind: AssignableKind, key: string): boolean {
  if (assignedGroup(context, kind, key) === undefined) return false;
  removeRow(context, ASSIGNED, `${kind}:${key}`);
  return true;
}

/** Where a user without a home would get it. @param organisation '' for none */
export function chooseHome(context: Context, user: string, organisation: string): Choice | undefined {
  const own = assignedGroup(context, 'user', user);
  if (own !== undefined) return { group: own, why: 'assigned' };
  const shared = organisation === '' ? undefined : assignedGroup(context, 'organisation', organisation);
  if (shared !== undefined) return { group: shared, why: 'organisation' };
  const group = groupByWeight(context, user);
  return group === undefined ? undefined : { group, why: 'weight' };
}

/** The hash of the user falls on one of as many places as the groups have weights together, those that are full left out. */
function groupByWeight(context: Context, user: string): number | undefined {
  const open = readGroups(context).filter(
    ({ group, weight, capacity }) => weight > 0 && !hasUsers(context, group, capacity),
  );
  const total = open.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return undefined;
  const digest = context.host.suite.hash(concatBytes(fromByteString('home:'), fromByteString(user)));
  let place = Number(toBigInt(digest) % BigInt(total));
  return open.find(({ weight }) => {
    const isHere = place < weight;
    place -= weight;
    return isHere;
  })?.group;
}

/** Moves the user out of the home before, if there is one. @returns the rule of the group that has as many users now as it warns at */
export function setHome(context: Context, user: string, group: number, before?: number): GroupRule | undefined {
  const rule = readGroups(context).find((one) => one.group === group);
  const { warnAt } = rule!;
  const isReached = (count: number): boolean => hasUsers(context, group, count);
  const warns = warnAt > 0 && isReached(warnAt - 1) && !isReached(warnAt);
  writeRow(context, HOMES, user, new Map([['group', String(group)]]));
  if (before !== undefined) countUser(context, before, -1n);
  countUser(context, group, 1n);
  return warns ? rule : undefined;
}

import { fromHex, toHex } from '@menglian/base/bytes';
import { GROUP_ARGUMENT_INVALID, GROUPS_FULL } from './codes.js';
import type { FunctionContext } from './framework/systemContract.js';
import { recordsLine } from './json/writeJson.js';
import { ROUTED_GROUPS_MAX, ROUTED_USERS_MAX, ROUTED_WEIGHT_MAX, ROUTED_GROUP_NUMBER_MAX } from './limits.js';
import type { TableDefinition } from './ports.js';
import { readRow, writeRow } from './tables/ownRows.js';
import { UNCHECKED } from './tables/rows.js';

type Context = FunctionContext<undefined>;

/** The rules of all groups in one row, as every registration weighs them against one another. */
const RULES: TableDefinition = { name: '_sys_router_rules_', keyField: 'of', valueFields: ['rules'] };
const GROUP_RULES = 'groups';

/** Which chain a group is, and how many users have their home there. */
const GROUPS: TableDefinition = { name: '_sys_router_groups_', keyField: 'group', valueFields: ['chain', 'users'] };
const USERS = 'users';

/** The counter of users tells by an overflow of this that it reached a number, without being read. */
const UINT256_LIMIT = 2n ** 256n;

/** What the committee set for a group. Users come to it in proportion to its weight, until `capacity` live there. */
export interface GroupRule {
  readonly group: number;
  readonly weight: number;
  readonly capacity: number;
  readonly warnAt: number;
}

export function readRules(context: Context, of: string): string {
  return readRow(context, RULES, of)?.get('rules') ?? '';
}

export function writeRules(context: Context, of: string, rules: string): void {
  writeRow(context, RULES, of, new Map([['rules', rules]]));
}

/** In the order of their numbers. */
export function readGroups(context: Context): readonly GroupRule[] {
  const text = readRules(context, GROUP_RULES);
  const rules = text === '' ? [] : text.split(';').map((rule) => parseRule(rule));
  context.gas.charge('field', rules.length);
  return rules;
}

function parseRule(text: string): GroupRule {
  const [group, weight, capacity, warnAt] = text.split(',').map(Number) as [number, number, number, number];
  return { group, weight, capacity, warnAt };
}

/**
 * Sets a new group or another rule for one that is there; its users stay.
 * @returns the code of refusal
 */
export function putGroup(context: Context, numbers: readonly bigint[], chain: Uint8Array): number | undefined {
  if (!isAllowed(numbers) || chain.every((byte) => byte === 0)) return GROUP_ARGUMENT_INVALID;
  const [group, weight, capacity, warnAt] = numbers.map(Number) as [number, number, number, number];
  const others = readGroups(context).filter((one) => one.group !== group);
  if (others.length >= ROUTED_GROUPS_MAX) return GROUPS_FULL;
  const rules = [...others, { group, weight, capacity, warnAt }].toSorted((a, b) => a.group - b.group);
  writeRules(context, GROUP_RULES, rules.map((rule) => ruleText(rule)).join(';'));
  const key = String(group);
  const isNew = readRow(context, GROUPS, key) === undefined;
  const counted: readonly [string, string][] = isNew ? [[USERS, '0']] : [];
  writeRow(context, GROUPS, key, new Map([['chain', toHex(chain)], ...counted]));
  return undefined;
}

function isAllowed(numbers: readonly bigint[]): boolean {
  const [group, weight, capacity, warnAt] = numbers as [bigint, bigint, bigint, bigint];
  const isNumber = group >= 1n && group <= ROUTED_GROUP_NUMBER_MAX;
  return isNumber && weight <= ROUTED_WEIGHT_MAX && capacity <= ROUTED_USERS_MAX && warnAt <= capacity;
}

function ruleText({ group, weight, capacity, warnAt }: GroupRule): string {
  return [group, weight, capacity, warnAt].join(',');
}

/** Whether at least so many users live there. Registrations in one block that ask this do not wait for one another. */
export function hasUsers({ host, gas }: Context, group: number, count: number): boolean {
  gas.charge('select');
  return host.canAdd(GROUPS.name, String(group), USERS, UINT256_LIMIT - BigInt(count)) === 'overflow';
}

/** @param change 1 or −1 */
export function countUser({ host, gas }: Context, group: number, change: bigint): void {
  gas.charge('update');
  host.add(GROUPS.name, String(group), USERS, change, UNCHECKED);
}

/** @returns undefined for a group that nobody set */
export function chainOfGroup(context: Context, group: bigint): Uint8Array | undefined {
  const chain = readRow(context, GROUPS, group.toString())?.get('chain');
  return chain === undefined ? undefined : fromHex(chain);
}

/** JSON of all groups. */
export function groupsText(context: Context): string {
  const records = readGroups(context).map(({ group, weight, capacity, warnAt }) => {
    const row = readRow(context, GROUPS, String(group));
    return {
      group: String(group),
      chain: row?.get('chain') ?? '',
      weight: String(weight),
      capacity: String(capacity),
      warn_at: String(warnAt),
      users: row?.get(USERS) ?? '0',
    };
  });
  return recordsLine(records);
}

import { fromByteString } from '@menglian/base/bytes';
import { type AbiValue, encodeAbi } from '@menglian/codec/abi';
import { chainOfGroup, groupsText, putGroup } from './2003-groups.js';
import {
  assignedGroup,
  assignGroup,
  chooseHome,
  type Choice,
  homeOf,
  isAssignable,
  isKey,
  removeAssignment,
  setHome,
} from './2003-homes.js';
import { addPeriod, groupAt, periodProblem, periodsText, removePeriod } from './2003-periods.js';
import { systemAddress } from './addresses.js';
import {
  ASSIGNMENT_MISSING,
  GROUP_UNKNOWN,
  NO_GROUP_OPEN,
  ROUTED_KEY_INVALID,
  ROUTED_KIND_UNKNOWN,
  USER_HAS_HOME,
  USER_WITHOUT_HOME,
} from './codes.js';
import { emitEvent } from './framework/event.js';
import { textOutput, word } from './framework/output.js';
import { ContractKind, type FunctionContext, functionsOf } from './framework/systemContract.js';
import { SystemError } from './framework/systemError.js';
import { NO_PERMISSION } from './ports.js';
import { CONFIG_TABLE } from './tables/systemTables.js';

const define = functionsOf<undefined>();

type Context = FunctionContext<undefined>;

const DONE = 1;
const OWN_ADDRESS = systemAddress(0x2003);

/** Who may write the settings of the chain makes the rules: the committee; without one, anybody. */
function permissionProblem({ host }: Context): number | undefined {
  return host.isAuthorized(CONFIG_TABLE) ? undefined : NO_PERMISSION;
}

function groupMissing(context: Context, group: bigint): number | undefined {
  return chainOfGroup(context, group) === undefined ? GROUP_UNKNOWN : undefined;
}

function setGroup(context: Context, chain: Uint8Array, rule: readonly [bigint, bigint, bigint, bigint]): number {
  const problem = permissionProblem(context) ?? putGroup(context, rule, chain);
  if (problem !== undefined) return problem;
  announce(context, 'GroupSet(uint256,bytes32,uint256,uint256,uint256)', [word(rule[0])], [chain, ...rule.slice(1)]);
  return DONE;
}

/** Group 0 takes an assignment back. A user who has a home is moved instead. */
function assign(context: Context, kind: string, key: string, group: bigint): number {
  if (!isAssignable(kind)) return ROUTED_KIND_UNKNOWN;
  if (!isKey(key)) return ROUTED_KEY_INVALID;
  const problem = permissionProblem(context) ?? (group === 0n ? undefined : groupMissing(context, group));
  if (problem !== undefined) return problem;
  if (group === 0n) {
    if (!removeAssignment(context, kind, key)) return ASSIGNMENT_MISSING;
  } else {
    if (kind === 'user' && homeOf(context, key) !== undefined) return USER_HAS_HOME;
    assignGroup(context, kind, key, group);
  }
  announce(context, 'Assigned(bytes32,uint256,string,string)', [textHash(context, key), word(group)], [kind, key]);
  return DONE;
}

/** Group 0 takes a period back. */
function setPeriod(context: Context, fromMs: bigint, untilMs: bigint, group: bigint): number {
  const problem =
    permissionProblem(context) ??
    periodProblem(fromMs, untilMs) ??
    (group === 0n ? undefined : groupMissing(context, group)) ??
    (group === 0n
      ? removePeriod(context, fromMs, untilMs)
      : addPeriod(context, { fromMs: Number(fromMs), untilMs: Number(untilMs), group: Number(group) }));
  if (problem !== undefined) return problem;
  announce(context, 'PeriodSet(uint256,uint256,uint256)', [word(group)], [fromMs, untilMs]);
  return DONE;
}

/** @returns the number of the group, the same for ever, or a code */
function register(context: Context, user: string, organisation: string): number {
  if (!isKey(user) || (organisation !== '' && !isKey(organisation))) return ROUTED_KEY_INVALID;
  const home = homeOf(context, user);
  if (home !== undefined) return home;
  const choice = chooseHome(context, user, organisation);
  if (choice === undefined) return NO_GROUP_OPEN;
  settle(context, user, choice.group);
  announce(
    context,
    'Registered(bytes32,uint256,string,string)',
    [textHash(context, user), word(choice.group)],
    [user, choice.why],
  );
  return choice.group;
}

function move(context: Context, user: string, group: bigint): number {
  const problem = permissionProblem(context) ?? groupMissing(context, group);
  if (problem !== undefined) return problem;
  const before = homeOf(context, user);
  if (before === undefined) return USER_WITHOUT_HOME;
  if (BigInt(before) === group) return DONE;
  settle(context, user, Number(group), before);
  announce(
    context,
    'Moved(bytes32,uint256,uint256,string)',
    [textHash(context, user), word(before), word(group)],
    [user],
  );
  return DONE;
}

function settle(context: Context, user: string, group: number, before?: number): void {
  const warning = setHome(context, user, group, before);
  if (warning === undefined) return;
  const counts = [warning.warnAt, warning.capacity].map(BigInt);
  announce(context, 'CapacityWarning(uint256,uint256,uint256)', [word(group)], counts);
}

/** A user without a home is shown the one that `register` would give now, if it named no organisation. */
function choose(context: Context, kind: string, key: string, timeMs: bigint): Choice | undefined {
  if (kind === 'user') {
    const home = homeOf(context, key);
    return home === undefined ? chooseHome(context, key, '') : { group: home, why: 'home' };
  }
  if (kind !== 'time' && !isAssignable(kind)) {
    throw new SystemError('the kind is none of user, organisation, contract and time');
  }
  const assigned = kind === 'time' ? undefined : assignedGroup(context, kind, key);
  if (assigned !== undefined) return { group: assigned, why: 'assigned' };
  const group = timeMs === 0n ? undefined : groupAt(context, timeMs);
  return group === undefined ? undefined : { group, why: 'period' };
}

function route(context: Context, kind: string, key: string, timeMs: bigint): Uint8Array {
  const choice = choose(context, kind, key, timeMs);
  return encodeAbi(['uint256', 'string'], [BigInt(choice?.group ?? 0), choice?.why ?? 'none']);
}

function textHash({ host }: Context, text: string): Uint8Array {
  return host.suite.hash(fromByteString(text));
}

function announce({ host }: Context, event: string, topics: readonly Uint8Array[], values: readonly AbiValue[]): void {
  emitEvent(host, OWN_ADDRESS, event, topics, values);
}

/**
 * Which group a user, an organisation, a contract or a time belongs to: docs/routing.md. Not of 2.x. Changes count at once, and
 * for users without a home only.
 */
export const groupRouter = new ContractKind<undefined>({
  name: 'GroupRouter',
  countsInput: true,
  unknown: new Uint8Array(0),
  functions: [
    define('setGroup(uint256,bytes32,uint256,uint256,uint256)', (context, group, chain, weight, capacity, warnAt) =>
      word(setGroup(context, chain, [group, weight, capacity, warnAt])),
    ),
    define('assign(string,string,uint256)', (context, kind, key, group) => word(assign(context, kind, key, group))),
    define('setPeriod(uint256,uint256,uint256)', (context, fromMs, untilMs, group) =>
      word(setPeriod(context, fromMs, untilMs, group)),
    ),
    define('register(string,string)', (context, user, organisation) => word(register(context, user, organisation))),
    define('move(string,uint256)', (context, user, group) => word(move(context, user, group))),
    define('route(string,string,uint256)', route),
    define('chainOf(uint256)', (context, group) => chainOfGroup(context, group) ?? word(0)),
    define('groups()', (context) => textOutput(groupsText(context))),
    define('periods()', (context) => textOutput(periodsText(context))),
  ],
});

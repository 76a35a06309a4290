import type { Address } from '@menglian/types/address';
import {
  groupVotes,
  THRESHOLD_VOTE_KEY,
  thresholdPercent,
  thresholdText,
  voteRecord,
  VoteTable,
  weightVoteKey,
} from './1008-votes.js';
import {
  CALLER_NOT_MEMBER,
  MEMBER_EXISTS,
  MEMBER_MISSING,
  OPERATOR_AS_MEMBER,
  THRESHOLD_INVALID,
  VALUE_UNCHANGED,
} from './codes.js';
import { SystemError } from './framework/systemError.js';
import { groupsLine } from './json/writeJson.js';
import type { SystemHost } from './ports.js';
import {
  accessRows,
  accessRowsOf,
  addressText,
  grantAccess,
  isCommitteeMember,
  revokeAccess,
} from './tables/accessRows.js';
import { UNCHECKED } from './tables/rows.js';
import { ACCESS_TABLE, CNS_TABLE, CONFIG_TABLE, CONSENSUS_TABLE, TABLES_TABLE } from './tables/systemTables.js';

/** A member may write these; the row for the first one is the membership itself. */
const MEMBER_TABLES = [ACCESS_TABLE, CONFIG_TABLE, CONSENSUS_TABLE] as const;
const INITIAL_WEIGHT = '1';
const MAX_THRESHOLD_PERCENT = 99n;

/** The vote decided, or it was only counted. Clients show both as success. */
const DECIDED = 1;
const RECORDED = 0;

function enroll(host: SystemHost, votes: VoteTable, member: string): void {
  for (const table of MEMBER_TABLES) {
    if (accessRowsOf(host, table, member).length === 0) grantAccess(host, table, member, UNCHECKED);
  }
  votes.setWeight(member, INITIAL_WEIGHT);
}

/** Without any member the first caller decides: the founding of the committee, or its new beginning. */
export function grantMember(host: SystemHost, user: Address): number {
  const votes = new VoteTable(host);
  const member = addressText(user);
  const isOperator = [TABLES_TABLE, CNS_TABLE].some((table) => accessRowsOf(host, table, member).length > 0);
  if (isOperator) return OPERATOR_AS_MEMBER;
  const isFirst = accessRows(host, ACCESS_TABLE).length === 0;
  if (!isFirst) {
    if (isCommitteeMember(host, user)) return MEMBER_EXISTS;
    if (!isCommitteeMember(host, host.origin)) return CALLER_NOT_MEMBER;
    if (!votes.cast(member, 'grant')) return RECORDED;
  }
  enroll(host, votes, member);
  return DECIDED;
}

/** Also of the last member. */
export function revokeMember(host: SystemHost, user: Address): number {
  const votes = new VoteTable(host);
  const member = addressText(user);
  if (!isCommitteeMember(host, user)) return MEMBER_MISSING;
  if (!isCommitteeMember(host, host.origin)) return CALLER_NOT_MEMBER;
  if (!votes.cast(member, 'revoke')) return RECORDED;
  for (const table of MEMBER_TABLES) revokeAccess(host, table, member, UNCHECKED);
  votes.removeWeight(member);
  return DECIDED;
}

export function updateWeight(host: SystemHost, user: Address, weight: bigint): number {
  if (weight <= 0n) {
    throw new SystemError(
      `updateCommitteeMemberWeight failed for invalid weight "${weight}", the weight must be greater than 0`,
    );
  }
  const votes = new VoteTable(host);
  const member = addressText(user);
  const value = weight.toString();
  if (!isCommitteeMember(host, user)) return MEMBER_MISSING;
  if (votes.weight(member) === value) return VALUE_UNCHANGED;
  if (!isCommitteeMember(host, host.origin)) return CALLER_NOT_MEMBER;
  if (!votes.cast(weightVoteKey(member), value)) return RECORDED;
  votes.setWeight(member, value);
  return DECIDED;
}

/** @param percent a decision needs more than this share of all weights */
export function updateThreshold(host: SystemHost, percent: bigint): number {
  if (percent < 0n || percent > MAX_THRESHOLD_PERCENT) return THRESHOLD_INVALID;
  const votes = new VoteTable(host);
  const value = thresholdText(percent);
  if (votes.threshold === value) return VALUE_UNCHANGED;
  if (!isCommitteeMember(host, host.origin)) return CALLER_NOT_MEMBER;
  if (!votes.cast(THRESHOLD_VOTE_KEY, value)) return RECORDED;
  votes.setThreshold(value);
  return DECIDED;
}

export function queryThreshold(host: SystemHost): number {
  return thresholdPercent(new VoteTable(host).threshold);
}

/** Whether the address is a member, and its weight or the code. */
export function queryWeight(host: SystemHost, user: Address): readonly [boolean, bigint] {
  const weight = new VoteTable(host).weight(addressText(user));
  if (weight === undefined || !isCommitteeMember(host, user)) return [false, BigInt(MEMBER_MISSING)];
  return [true, BigInt(weight)];
}

/** Votes on the membership under `grant` and `revoke`, those on the weight under `update_weight`. */
export function queryVotesOfMember(host: SystemHost, user: Address): string {
  const votes = new VoteTable(host);
  const member = addressText(user);
  const groups = groupVotes(votes.votes(member), (row) => row.fields.get('value') ?? '', voteRecord);
  const onWeight = votes.votes(weightVoteKey(member));
  const weightGroups = groupVotes(
    onWeight,
    () => 'update_weight',
    (row) => ({ ...voteRecord(row), target: row.fields.get('value') ?? '' }),
  );
  return groupsLine(new Map([...groups, ...weightGroups]));
}

/** Votes on the threshold under the text they are for. */
export function queryVotesOfThreshold(host: SystemHost): string {
  const rows = new VoteTable(host).votes(THRESHOLD_VOTE_KEY);
  return groupsLine(groupVotes(rows, (row) => row.fields.get('value') ?? '', voteRecord));
}

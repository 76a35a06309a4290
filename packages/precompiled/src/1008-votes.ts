import type { JsonRecord } from './json/writeJson.js';
import type { Row, SystemHost } from './ports.js';
import { accessRows, addressText } from './tables/accessRows.js';
import { UNCHECKED } from './tables/rows.js';
import { ACCESS_TABLE, VOTES_TABLE } from './tables/systemTables.js';

/** A vote counts for so many blocks after the one before it was cast. */
const VOTE_LIFETIME_BLOCKS = 10_000;
const THRESHOLD_KEY = 'auth_threshold';
const INITIAL_THRESHOLD = '0.500000';

/** The committee's votes, weights and threshold: the rows of `_sys_committee_votes_`. */
export class VoteTable {
  readonly #host: SystemHost;

  /** Creates the table if this is the first governance operation of the chain, queries included. */
  constructor(host: SystemHost) {
    this.#host = host;
    if (host.createTable(VOTES_TABLE, UNCHECKED) === 'created') this.setThreshold(INITIAL_THRESHOLD);
  }

  /** Six decimals, `0.500000`. */
  get threshold(): string {
    return this.#value(THRESHOLD_KEY) ?? INITIAL_THRESHOLD;
  }

  setThreshold(threshold: string): void {
    this.#setValue(THRESHOLD_KEY, threshold);
  }

  /** @param member text as it is stored. @returns decimal text, undefined for an address without a weight */
  weight(member: string): string | undefined {
    return this.#value(weightKey(member));
  }

  setWeight(member: string, weight: string): void {
    this.#setValue(weightKey(member), weight);
  }

  removeWeight(member: string): void {
    this.#remove(weightKey(member), () => true);
  }

  votes(key: string): readonly Row[] {
    return this.#host.select(VOTES_TABLE.name, key);
  }

  /**
   * Records the origin's vote for `value`, instead of any it cast on the same key before.
   * @returns whether the votes for `value` now outweigh the threshold; they are used up then
   */
  cast(key: string, value: string): boolean {
    const parentNumber = this.#host.blockNumber - 1;
    this.#record(key, value, String(parentNumber + VOTE_LIFETIME_BLOCKS));
    this.#remove(key, (row) => blockLimit(row) <= parentNumber);
    if (!this.#hasPassed(key, value)) return false;
    this.#remove(key, (row) => row.fields.get('value') === value);
    return true;
  }

  #record(key: string, value: string, limit: string): void {
    const voter = addressText(this.#host.origin);
    const changes = new Map([
      ['value', value],
      ['origin', voter],
      ['block_limit', limit],
    ]);
    const own = this.votes(key).filter((row) => row.fields.get('origin') === voter);
    this.#write(key, own, changes);
  }

  /** Former members have no weight any more. The division is in doubles, as 2.x does it. */
  #hasPassed(key: string, value: string): boolean {
    const voters = new Set(
      this.votes(key)
        .filter((row) => row.fields.get('value') === value)
        .map((row) => row.fields.get('origin')),
    );
    let total = 0n;
    let agreed = 0n;
    for (const row of accessRows(this.#host, ACCESS_TABLE)) {
      const member = row.fields.get('address') ?? '';
      const weight = BigInt(this.weight(member) ?? '0');
      total += weight;
      if (voters.has(member)) agreed += weight;
    }
    return Number(agreed) / Number(total) > Number(this.threshold);
  }

  #value(key: string): string | undefined {
    return this.votes(key)[0]?.fields.get('value');
  }

  #setValue(key: string, value: string): void {
    this.#write(key, this.votes(key), new Map([['value', value]]));
  }

  #write(key: string, rows: readonly Row[], changes: ReadonlyMap<string, string>): void {
    const ids = rows.map((row) => row.id);
    if (ids.length > 0) this.#host.update(VOTES_TABLE.name, key, ids, changes, UNCHECKED);
    else this.#host.insert(VOTES_TABLE.name, key, new Map([[VOTES_TABLE.keyField, key], ...changes]), UNCHECKED);
  }

  #remove(key: string, matches: (row: Row) => boolean): void {
    const ids = this.votes(key)
      .filter((row) => matches(row))
      .map((row) => row.id);
    if (ids.length > 0) this.#host.remove(VOTES_TABLE.name, key, ids, UNCHECKED);
  }
}

function weightKey(member: string): string {
  return `${member}_weight`;
}

/** Key of the votes on a member's weight; votes on the membership have the member itself as their key. */
export function weightVoteKey(member: string): string {
  return `${member}_update_weight`;
}

export const THRESHOLD_VOTE_KEY = 'update_auth_threshold';

function blockLimit(row: Row): number {
  return Number(row.fields.get('block_limit') ?? '0');
}

/** A vote as queries show it. */
export function voteRecord({ fields }: Row): JsonRecord {
  return { block_limit: fields.get('block_limit') ?? '', voter: fields.get('origin') ?? '' };
}

/** Groups of votes under what they are for, in the order of the votes. */
export function groupVotes(
  rows: readonly Row[],
  groupOf: (row: Row) => string,
  recordOf: (row: Row) => JsonRecord,
): Map<string, JsonRecord[]> {
  const groups = new Map<string, JsonRecord[]>();
  for (const row of rows) {
    const name = groupOf(row);
    groups.set(name, [...(groups.get(name) ?? []), recordOf(row)]);
  }
  return groups;
}

/** Percent as the stored text: 60 → `0.600000`. */
export function thresholdText(percent: bigint): string {
  return (Number(percent) / 100).toFixed(6);
}

/** The text as percent, cut off after multiplying in doubles: what was set to 29 reads as 28, as in 2.x. */
export function thresholdPercent(threshold: string): number {
  return Math.trunc(Number(threshold) * 100);
}

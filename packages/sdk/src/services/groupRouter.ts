import { type Contract, createContract } from '../contract.js';
import type { Hash } from '../hex.js';
import { list, mapped, record, text } from '../rpc/reader.js';
import type { Receipt } from '../rpc/shapes.js';
import type { Caller, SendOptions, WaitOptions } from '../transaction/requests.js';
import { changes, reads } from './systemAbi.js';
import { changed, type Changed, checkCode, readJsonOf, systemAddress } from './systemContract.js';

const ROUTER_ABI = [
  changes('setGroup', ['uint256', 'bytes32', 'uint256', 'uint256', 'uint256']),
  changes('assign', ['string', 'string', 'uint256']),
  changes('setPeriod', ['uint256', 'uint256', 'uint256']),
  changes('register', ['string', 'string']),
  changes('move', ['string', 'uint256']),
  reads('route', ['string', 'string', 'uint256'], ['uint256', 'string']),
  reads('chainOf', ['uint256'], ['bytes32']),
  reads('groups', [], ['string']),
  reads('periods', [], ['string']),
] as const;

/** Group 0 is none. */
const NO_GROUP = 0;

/** What a rule can be about; `time` has no key. */
export type RoutedKind = 'user' | 'organisation' | 'contract' | 'time';

export interface GroupRule {
  readonly group: number;
  /** Identity of its chain: the hash of its block 0. */
  readonly chain: Hash;
  /** New users come to it in proportion. */
  readonly weight: number;
  /** Users that may have their home there. */
  readonly capacity: number;
  /** At so many the router warns; 0 never. */
  readonly warnAt: number;
}

export interface RoutedGroup extends GroupRule {
  /** Users that have their home there. */
  readonly users: number;
}

export interface Period {
  /** Milliseconds since 1970. */
  readonly fromMs: number;
  /** Excluded. */
  readonly untilMs: number;
  readonly group: number;
}

export interface Route {
  /** undefined where no rule is about it. */
  readonly group: number | undefined;
  /** `home`, `assigned`, `organisation`, `weight`, `period` or `none`. */
  readonly why: string;
}

const number = mapped(text, Number);

const groupsReader = list(
  mapped(
    record({ group: number, chain: text, weight: number, capacity: number, warn_at: number, users: number }),
    ({ chain, warn_at: warnAt, ...rest }): RoutedGroup => ({ ...rest, warnAt, chain: `0x${chain}` }),
  ),
);

const periodsReader = list(
  mapped(
    record({ from_ms: number, until_ms: number, group: number }),
    ({ from_ms: fromMs, until_ms: untilMs, group }): Period => ({ fromMs, untilMs, group }),
  ),
);

type Options = SendOptions & WaitOptions;

/**
 * Which group of a network serves whom (docs/routing.md). Rules are the committee's, registrations anybody's. Only where
 * `enable_interchain` is on; not of 2.x.
 */
export class GroupRouter {
  readonly #contract: Contract<typeof ROUTER_ABI>;

  /** @param caller of the chain where the rules are */
  constructor(caller: Caller) {
    this.#contract = createContract(caller, systemAddress(0x2003), ROUTER_ABI);
  }

  /** A new group, or another rule for one that is there. @throws SdkError -60401 out of bounds */
  setGroup(rule: GroupRule, options: Options = {}): Promise<Changed> {
    const { group, chain, weight, capacity, warnAt } = rule;
    const args = [BigInt(group), chain, BigInt(weight), BigInt(capacity), BigInt(warnAt)] as const;
    return changed(this.#contract.execute.setGroup(args, options));
  }

  /** @param group undefined takes it back. @throws SdkError -60410 for a user who has a home */
  assign(
    kind: Exclude<RoutedKind, 'time'>,
    key: string,
    group: number | undefined,
    options: Options = {},
  ): Promise<Changed> {
    return changed(this.#contract.execute.assign([kind, key, BigInt(group ?? NO_GROUP)], options));
  }

  setPeriod(period: Period, options: Options = {}): Promise<Changed> {
    const { fromMs, untilMs, group } = period;
    return changed(this.#contract.execute.setPeriod([BigInt(fromMs), BigInt(untilMs), BigInt(group)], options));
  }

  /** @param period both ends as they were set */
  removePeriod({ fromMs, untilMs }: Omit<Period, 'group'>, options: Options = {}): Promise<Changed> {
    return this.setPeriod({ fromMs, untilMs, group: NO_GROUP }, options);
  }

  /** Gives the user a home, or tells the one that there is. @throws SdkError -60412 when no group takes new users */
  async register(
    user: string,
    organisation = '',
    options: Options = {},
  ): Promise<{ readonly group: number; readonly receipt: Receipt }> {
    const { result, receipt } = await this.#contract.execute.register([user, organisation], options);
    return { group: checkCode(result), receipt };
  }

  /** @throws SdkError -60411 for a user without a home */
  move(user: string, group: number, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.move([user, BigInt(group)], options));
  }

  /** @param timeMs for contracts and organisations without an assignment, and for kind `time` */
  async route(kind: RoutedKind, key: string, timeMs = 0): Promise<Route> {
    const [group, why] = await this.#contract.read.route([kind, key, BigInt(timeMs)]);
    return { group: group === 0n ? undefined : Number(group), why };
  }

  /** @returns zeros for a group that is not set */
  chainOf(group: number): Promise<Hash> {
    return this.#contract.read.chainOf([BigInt(group)]);
  }

  async groups(): Promise<readonly RoutedGroup[]> {
    return readJsonOf(await this.#contract.read.groups(), groupsReader);
  }

  async periods(): Promise<readonly Period[]> {
    return readJsonOf(await this.#contract.read.periods(), periodsReader);
  }
}

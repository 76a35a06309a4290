import { LruMap } from '@menglian/base/lruMap';
import type { Hash } from '../hex.js';
import { sdkError } from '../sdkError.js';
import type { GroupRouter, RoutedKind } from '../services/groupRouter.js';
import { isWrongGroup } from './wrongGroup.js';

/** Groups of users, contracts and organisations that are kept in memory. */
const ROUTES_CACHED_MAX = 10_000;

/** What is asked of the client of a group; `Client` has it. */
export interface GroupMember {
  getBlockHash(blockNumber: number): Promise<Hash>;
}

export interface GroupedClientOptions<C extends GroupMember> {
  readonly router: Pick<GroupRouter, 'register' | 'route' | 'chainOf'>;
  /** The client of a group, asked once for each. */
  readonly clientOf: (group: number) => C | Promise<C>;
}

/**
 * The clients of many groups as one: says for whom, and gives the client of the right group (docs/routing.md). A client whose chain
 * is not the one that the router names for its group is refused before it is used.
 */
export class GroupedClient<C extends GroupMember> {
  readonly #options: GroupedClientOptions<C>;
  readonly #groups = new LruMap<string, Promise<number>>(ROUTES_CACHED_MAX);
  readonly #clients = new Map<number, Promise<C>>();

  constructor(options: GroupedClientOptions<C>) {
    this.#options = options;
  }

  /**
   * The home of a user. Without one it is registered, in a transaction of the router's client.
   * @throws SdkError -60412 when no group takes new users
   */
  async forUser(user: string, organisation = ''): Promise<C> {
    return this.client(await this.#cached(`user:${user}`, () => this.#homeOf(user, organisation)));
  }

  /** @param timeMs for contracts that move on with time. @throws SdkError `NotFound` where no rule is about it */
  async forContract(name: string, timeMs = 0): Promise<C> {
    return this.client(await this.#cached(`contract:${timeMs}:${name}`, () => this.#groupOf('contract', name, timeMs)));
  }

  /** @throws SdkError `NotFound` where no rule is about it */
  async forOrganisation(name: string): Promise<C> {
    return this.client(await this.#cached(`organisation:${name}`, () => this.#groupOf('organisation', name, 0)));
  }

  /** The group that keeps what happened at a time. @throws SdkError `NotFound` where no period is about it */
  async at(timeMs: number): Promise<C> {
    return this.client(await this.#groupOf('time', '', timeMs));
  }

  /**
   * Works with the client of a user's home. If that turns out to be the wrong group, because the user was moved, the router is asked
   * again, and where it names another one the work begins anew there, once.
   */
  async withUser<T>(user: string, work: (client: C) => Promise<T>, organisation = ''): Promise<T> {
    const first = await this.forUser(user, organisation);
    try {
      return await work(first);
    } catch (error) {
      if (!isWrongGroup(error)) throw error;
      this.forgetUser(user);
      const second = await this.forUser(user, organisation);
      if (second === first) throw error;
      return work(second);
    }
  }

  /** Asks the router again the next time. */
  forgetUser(user: string): void {
    this.#groups.delete(`user:${user}`);
  }

  /** Asks the router again about everything. */
  forgetAll(): void {
    this.#groups.clear();
  }

  /** The client of a group. @throws SdkError `BadArgument` when it is of another chain than the router says */
  client(group: number): Promise<C> {
    return remembered(
      () => this.#clients.get(group),
      (opened) => (opened === undefined ? this.#clients.delete(group) : this.#clients.set(group, opened)),
      () => this.#open(group),
    );
  }

  async #open(group: number): Promise<C> {
    const client = await this.#options.clientOf(group);
    const [named, found] = await Promise.all([this.#options.router.chainOf(group), client.getBlockHash(0)]);
    if (named === found) return client;
    const problem = `the client of group ${group} is of chain ${found}, the router names ${named}`;
    throw sdkError('BadArgument', problem, 'give `clientOf` the nodes of that chain, or correct the rule of the group');
  }

  #cached(key: string, ask: () => Promise<number>): Promise<number> {
    return remembered(
      () => this.#groups.get(key),
      (asked) => (asked === undefined ? this.#groups.delete(key) : this.#groups.set(key, asked)),
      ask,
    );
  }

  async #homeOf(user: string, organisation: string): Promise<number> {
    const { router } = this.#options;
    const { group, why } = await router.route('user', user);
    if (group !== undefined && why === 'home') return group;
    return (await router.register(user, organisation)).group;
  }

  async #groupOf(kind: RoutedKind, key: string, timeMs: number): Promise<number> {
    const { group } = await this.#options.router.route(kind, key, timeMs);
    if (group !== undefined) return group;
    const what = kind === 'time' ? `the time ${timeMs}` : `${kind} ${key}`;
    throw sdkError(
      'NotFound',
      `no rule of the router is about ${what}`,
      'ask the committee for an assignment or a period',
    );
  }
}

/** One question at a time; an answer is kept, a failure is not. */
function remembered<T>(
  get: () => Promise<T> | undefined,
  set: (value: Promise<T> | undefined) => unknown,
  ask: () => Promise<T>,
): Promise<T> {
  const known = get();
  if (known !== undefined) return known;
  const asked = ask().catch((error: unknown) => {
    if (get() === asked) set(undefined);
    throw error;
  });
  set(asked);
  return asked;
}

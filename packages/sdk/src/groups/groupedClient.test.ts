import { describe, expect, it } from 'vitest';
import type { Hash } from '../hex.js';
import { SdkError, sdkError } from '../sdkError.js';
import { ExecutionError } from '../transaction/executionError.js';
import { GroupedClient, type GroupMember } from './groupedClient.js';
import { isWrongGroup } from './wrongGroup.js';

interface FakeClient extends GroupMember {
  readonly group: number;
}

const chainOf = (group: number): Hash => `0x${group.toString(16).padStart(64, '0')}`;

/** A router in memory, and a client for each group. */
function network() {
  const homes = new Map<string, number>();
  const rules = new Map<string, number>();
  const asked: string[] = [];
  const opened: number[] = [];
  let next = 1;
  const router = {
    register: async (user: string, organisation = '') => {
      asked.push(`register ${user} ${organisation}`);
      const group = homes.get(user) ?? next++;
      homes.set(user, group);
      return { group, receipt: undefined as never };
    },
    route: async (kind: string, key: string, timeMs = 0) => {
      asked.push(`route ${kind} ${key} ${timeMs}`);
      const home = homes.get(key);
      if (kind === 'user') return home === undefined ? { group: 9, why: 'weight' } : { group: home, why: 'home' };
      const group = rules.get(`${kind} ${key} ${timeMs}`);
      return { group, why: group === undefined ? 'none' : 'assigned' };
    },
    chainOf: async (group: number) => chainOf(group),
  };
  const chains = new Map<number, Hash>();
  const clientOf = (group: number): FakeClient => {
    opened.push(group);
    return { group, getBlockHash: async () => chains.get(group) ?? chainOf(group) };
  };
  return { grouped: new GroupedClient({ router, clientOf }), router, homes, rules, asked, opened, chains };
}

describe('a user', () => {
  it('is registered at the first time, and known from then on', async () => {
    const { grouped, asked, opened } = network();
    expect((await grouped.forUser('ann', 'bank')).group).toBe(1);
    expect(await grouped.forUser('ann')).toBe(await grouped.forUser('ann'));
    expect(asked).toEqual(['route user ann 0', 'register ann bank']);
    expect(opened).toEqual([1]);
  });

  it('with a home is not registered again', async () => {
    const { grouped, homes, asked } = network();
    homes.set('ann', 4);
    expect((await grouped.forUser('ann')).group).toBe(4);
    expect(asked).toEqual(['route user ann 0']);
  });

  it('is asked for once by many at a time', async () => {
    const { grouped, asked, opened } = network();
    const clients = await Promise.all(Array.from({ length: 50 }, () => grouped.forUser('ann')));
    expect(new Set(clients).size).toBe(1);
    expect([asked.length, opened]).toEqual([2, [1]]);
  });

  it('that was moved is found again when the old group says so', async () => {
    const { grouped, homes } = network();
    homes.set('ann', 1);
    await grouped.forUser('ann');
    homes.set('ann', 2);
    const tried: number[] = [];
    const work = async ({ group }: FakeClient) => {
      tried.push(group);
      if (group === 1) throw new SdkError(-40009, 'not of the group', 'ask another one');
      return group;
    };
    expect(await grouped.withUser('ann', work)).toBe(2);
    expect(await grouped.withUser('ann', work)).toBe(2);
    expect(tried).toEqual([1, 2, 2]);
  });

  it('does not wander on when the router still names the same group, or the error is another one', async () => {
    const { grouped } = network();
    let count = 0;
    const failing = (error: Error) => async () => {
      count += 1;
      throw error;
    };
    await expect(grouped.withUser('ann', failing(new SdkError('WrongGroup', 'no', 'no')))).rejects.toMatchObject({
      code: 'WrongGroup',
    });
    await expect(grouped.withUser('ann', failing(sdkError('Timeout', 'late', 'wait')))).rejects.toMatchObject({
      code: 'Timeout',
    });
    expect(count).toBe(2);
  });

  it('is asked for again after a failure', async () => {
    const { grouped, router, homes } = network();
    const { route } = router;
    router.route = async () => {
      throw sdkError('NoConnection', 'nobody there', 'try again');
    };
    await expect(grouped.forUser('ann')).rejects.toMatchObject({ code: 'NoConnection' });
    router.route = route;
    homes.set('ann', 3);
    expect((await grouped.forUser('ann')).group).toBe(3);
  });
});

describe('contracts, organisations and times', () => {
  it('lead to their groups, and what has no rule says so', async () => {
    const { grouped, rules, asked } = network();
    for (const rule of ['contract shop 0', 'contract shop 7', 'organisation bank 0', 'time  7'])
      rules.set(rule, rules.size + 1);
    const found = [
      await grouped.forContract('shop'),
      await grouped.forContract('shop', 7),
      await grouped.forOrganisation('bank'),
      await grouped.at(7),
      await grouped.forContract('shop'),
    ];
    expect(found.map(({ group }) => group)).toEqual([1, 2, 3, 4, 1]);
    expect(asked).toHaveLength(4);
    await expect(grouped.forContract('other')).rejects.toMatchObject({ code: 'NotFound' });
    await expect(grouped.at(8)).rejects.toMatchObject({ code: 'NotFound' });
    grouped.forgetAll();
    await grouped.forContract('shop');
    expect(asked.at(-1)).toBe('route contract shop 0');
  });
});

describe('a client', () => {
  it('of another chain than the router names is refused, until it is right', async () => {
    const { grouped, chains } = network();
    chains.set(1, chainOf(0xbad));
    await expect(grouped.client(1)).rejects.toMatchObject({ code: 'BadArgument' });
    chains.delete(1);
    expect((await grouped.client(1)).group).toBe(1);
  });
});

it('knows what says that a group is the wrong one', () => {
  const failure = (text: string) =>
    new ExecutionError('set', { status: 22, output: '0x', reason: { name: 'Error', text, args: [text] } } as never);
  for (const error of [-40001, -40009, 'InvalidGroupId', 'WrongGroup'].map((code) => new SdkError(code, 'p', 'a')))
    expect(isWrongGroup(error)).toBe(true);
  expect(isWrongGroup(failure('WrongGroup'))).toBe(true);
  for (const error of [new SdkError(-40010, 'p', 'a'), failure('other'), new Error('WrongGroup'), undefined])
    expect(isWrongGroup(error)).toBe(false);
});

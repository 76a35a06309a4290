import { loadSuite } from '@menglian/crypto/loadSuite';
import { systemAddress } from '@menglian/precompiled/addresses';
import { systemContract } from '@menglian/precompiled/systemContracts';
import { ALICE, BOB, SystemTester } from '@menglian/precompiled/testing/systemTester';
import { describe, expect, it } from 'vitest';
import { bytesOf, type Hash, hexOf } from '../hex.js';
import type { Caller } from '../transaction/requests.js';
import { GroupRouter } from './groupRouter.js';

const CHAIN: Hash = `0x${'c1'.repeat(32)}`;

/** The service against the contract itself, without a chain around it. */
async function router(suiteName: 'ecdsa' | 'sm' = 'ecdsa'): Promise<{ router: GroupRouter; tester: SystemTester }> {
  const tester = new SystemTester(await loadSuite(suiteName));
  const contract = systemContract(systemAddress(0x2003))!;
  const input = (data: string) => ({ sender: tester.host.origin, input: bytesOf(data, 'data'), gasLeft: 300_000_000 });
  const caller = {
    suite: tester.host.suite,
    account: undefined,
    call: async ({ data }: { data: string }) => {
      const { status, output } = tester.host.call(contract, input(data));
      return { status, output: hexOf(output), currentBlockNumber: 1 };
    },
    execute: async ({ data }: { data: string }) => {
      const { status, output } = tester.host.run(contract, input(data));
      return { status, output: hexOf(output), logs: [] };
    },
  };
  return { router: new GroupRouter(caller as unknown as Caller), tester };
}

const RULE = { group: 2, chain: CHAIN, weight: 5, capacity: 100, warnAt: 90 };

describe.each(['ecdsa', 'sm'] as const)('rules, suite %s', (name) => {
  it('are set, read and followed', async () => {
    const { router: routes } = await router(name);
    expect((await routes.setGroup(RULE)).count).toBe(1);
    expect(await routes.groups()).toEqual([{ ...RULE, users: 0 }]);
    expect(await routes.chainOf(2)).toBe(CHAIN);
    expect(await routes.route('user', '李雷')).toEqual({ group: 2, why: 'weight' });
    expect((await routes.register('李雷', 'bank')).group).toBe(2);
    expect(await routes.route('user', '李雷')).toEqual({ group: 2, why: 'home' });
    expect((await routes.groups())[0]!.users).toBe(1);
    await routes.assign('contract', 'shop', 2);
    expect(await routes.route('contract', 'shop')).toEqual({ group: 2, why: 'assigned' });
    await routes.assign('contract', 'shop', undefined);
    expect(await routes.route('contract', 'shop')).toEqual({ group: undefined, why: 'none' });
    const period = { fromMs: Date.UTC(2026, 0, 1), untilMs: Date.UTC(2026, 1, 1), group: 2 };
    await routes.setPeriod(period);
    expect(await routes.periods()).toEqual([period]);
    expect(await routes.route('time', '', period.fromMs)).toEqual({ group: 2, why: 'period' });
    await routes.removePeriod(period);
    expect(await routes.periods()).toEqual([]);
    expect((await routes.move('李雷', 2)).count).toBe(1);
  });
});

it('says by code and in words why not', async () => {
  const { router: routes, tester } = await router();
  await expect(routes.register('ann')).rejects.toMatchObject({ code: -60412 });
  await expect(routes.setGroup({ ...RULE, warnAt: 101 })).rejects.toMatchObject({ code: -60401 });
  await expect(routes.move('ann', 2)).rejects.toMatchObject({ code: -60400 });
  await routes.setGroup(RULE);
  await expect(routes.move('ann', 2)).rejects.toMatchObject({ code: -60411 });
  await routes.register('ann');
  await expect(routes.assign('user', 'ann', 2)).rejects.toMatchObject({ code: -60410 });
  tester.code(0x1008, 'grantCommitteeMember(address)', ALICE);
  tester.host.nextBlock();
  tester.as(BOB);
  await expect(routes.setGroup(RULE)).rejects.toMatchObject({ code: -50000 });
});

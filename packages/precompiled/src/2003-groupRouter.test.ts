import { fromBigInt, toHex } from '@menglian/base/bytes';
import { type AbiValue, decodeAbi } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALICE, BOB, bytesOf, SystemTester } from './testing/systemTester.js';

const ROUTER = 0x2003;
const SET_GROUP = 'setGroup(uint256,bytes32,uint256,uint256,uint256)';
const ASSIGN = 'assign(string,string,uint256)';
const SET_PERIOD = 'setPeriod(uint256,uint256,uint256)';
const REGISTER = 'register(string,string)';
const MOVE = 'move(string,uint256)';
const ROUTE = 'route(string,string,uint256)';

const suites = { ecdsa: await loadSuite('ecdsa'), sm: await loadSuite('sm') };
const MANY = 1_000_000n;

function chainOf(group: number): Uint8Array {
  return fromBigInt(BigInt(0xc000 + group), 32);
}

/** A router with these weights by group, each group with room for all. */
function routerOf(weights: Readonly<Record<number, number>>, suite = suites.ecdsa): SystemTester {
  const tester = new SystemTester(suite);
  for (const [group, weight] of Object.entries(weights)) setGroup(tester, Number(group), weight);
  return tester;
}

function setGroup(tester: SystemTester, group: number, weight: number, capacity = MANY, warnAt = 0n): number {
  return tester.code(ROUTER, SET_GROUP, BigInt(group), chainOf(group), BigInt(weight), capacity, warnAt);
}

function register(tester: SystemTester, user: string, organisation = ''): number {
  return tester.code(ROUTER, REGISTER, user, organisation);
}

function route(tester: SystemTester, kind: string, key: string, timeMs = 0n): readonly AbiValue[] {
  return tester.values(['uint256', 'string'], ROUTER, ROUTE, kind, key, timeMs);
}

function groups(tester: SystemTester): readonly Readonly<Record<string, string>>[] {
  return JSON.parse(tester.text(ROUTER, 'groups()')) as readonly Readonly<Record<string, string>>[];
}

function users(tester: SystemTester): Readonly<Record<string, number>> {
  return Object.fromEntries(groups(tester).map(({ group, users: count }) => [group, Number(count)]));
}

/** Events since the test began: name by topic, other topics, decoded values. */
function lastEvent(tester: SystemTester, signature: string, types: readonly string[]) {
  const name = toHex(tester.host.suite.hash(Uint8Array.from(signature, (letter) => letter.charCodeAt(0))));
  const log = tester.host.logs.findLast(({ topics }) => toHex(topics[0]!) === name);
  if (log === undefined) return undefined;
  const values = decodeAbi(types, log.data);
  return { topics: log.topics.slice(1).map(toHex), values: values.ok ? values.value : undefined };
}

const hashOf = (tester: SystemTester, text: string): string =>
  toHex(tester.host.suite.hash(Uint8Array.from(text, (letter) => letter.charCodeAt(0))));
const topic = (value: number): string => value.toString(16).padStart(64, '0');

describe.each(Object.entries(suites))('shares of new users, suite %s', (_, suite) => {
  it('are the weights, within four deviations over 10,000 users, and the homes are counted', () => {
    const tester = routerOf({ 1: 10, 2: 30, 3: 60 }, suite);
    const found: Record<number, number> = {};
    for (let index = 0; index < 10_000; index++) {
      const [group, why] = route(tester, 'user', `user ${index}`);
      expect(why).toBe('weight');
      found[Number(group)] = (found[Number(group)] ?? 0) + 1;
    }
    for (const [group, share] of Object.entries({ 1: 0.1, 2: 0.3, 3: 0.6 })) {
      const deviation = Math.sqrt(10_000 * share * (1 - share));
      expect(Math.abs(found[Number(group)]! - 10_000 * share)).toBeLessThan(4 * deviation);
    }
  });

  it('make the same homes on every node', () => {
    const [one, other] = [routerOf({ 1: 1, 5: 2 }, suite), routerOf({ 5: 2, 1: 1 }, suite)];
    for (let index = 0; index < 50; index++) {
      const user = `user ${index}`;
      expect(register(one, user)).toBe(register(other, user));
    }
    expect(groups(one)).toEqual(groups(other));
    expect(one.host.logs.slice(2)).toEqual(other.host.logs.slice(2));
  });
});

describe('a user', () => {
  it('keeps the first home whatever happens to groups later, and is counted once', () => {
    const tester = routerOf({ 1: 1, 2: 1 });
    const names = Array.from({ length: 200 }, (_, index) => `user ${index}`);
    const homes = names.map((name) => register(tester, name));
    setGroup(tester, 3, 1000);
    setGroup(tester, 1, 0, 0n);
    tester.code(ROUTER, ASSIGN, 'organisation', 'bank', 3n);
    expect(names.map((name) => register(tester, name, 'bank'))).toEqual(homes);
    expect(names.map((name) => Number(route(tester, 'user', name)[0]))).toEqual(homes);
    expect(Object.values(users(tester)).reduce((sum, count) => sum + count, 0)).toBe(200);
    const fresh = Array.from({ length: 100 }, (_, index) => register(tester, `new ${index}`));
    expect(fresh.filter((group) => group === 3).length).toBeGreaterThan(90);
  });

  it('gets the group that it was assigned, then its organisation’s, then one by weight', () => {
    const tester = routerOf({ 1: 1, 2: 0, 3: 0 });
    expect(tester.code(ROUTER, ASSIGN, 'user', 'ann', 2n)).toBe(1);
    expect(tester.code(ROUTER, ASSIGN, 'organisation', 'bank', 3n)).toBe(1);
    expect(route(tester, 'user', 'ann')).toEqual([2n, 'assigned']);
    expect(register(tester, 'ann', 'bank')).toBe(2);
    expect(register(tester, 'ben', 'bank')).toBe(3);
    expect(register(tester, 'cid', 'shop')).toBe(1);
    expect(lastEvent(tester, 'Registered(bytes32,uint256,string,string)', ['string', 'string'])).toEqual({
      topics: [hashOf(tester, 'cid'), topic(1)],
      values: ['cid', 'weight'],
    });
    expect(route(tester, 'user', 'ann')).toEqual([2n, 'home']);
    expect(users(tester)).toEqual({ 1: 1, 2: 1, 3: 1 });
  });

  it('is registered only once: a second time emits nothing', () => {
    const tester = routerOf({ 1: 1 });
    register(tester, 'ann');
    const { length } = tester.host.logs;
    expect(register(tester, 'ann', 'bank')).toBe(1);
    expect(tester.host.logs).toHaveLength(length);
  });

  it('is moved by the committee, and the counts follow', () => {
    const tester = routerOf({ 1: 1, 2: 0 });
    register(tester, 'ann');
    expect(tester.code(ROUTER, MOVE, 'ann', 2n)).toBe(1);
    expect(route(tester, 'user', 'ann')).toEqual([2n, 'home']);
    expect(users(tester)).toEqual({ 1: 0, 2: 1 });
    expect(lastEvent(tester, 'Moved(bytes32,uint256,uint256,string)', ['string'])).toEqual({
      topics: [hashOf(tester, 'ann'), topic(1), topic(2)],
      values: ['ann'],
    });
    const { length } = tester.host.logs;
    expect(tester.code(ROUTER, MOVE, 'ann', 2n)).toBe(1);
    expect(tester.host.logs).toHaveLength(length);
    expect(tester.code(ROUTER, MOVE, 'ann', 9n)).toBe(-60_400);
    expect(tester.code(ROUTER, MOVE, 'ben', 2n)).toBe(-60_411);
  });

  it('may have any name of 1 to 128 bytes', () => {
    const tester = routerOf({ 1: 1 });
    for (const name of ['a:b', 'user:ann', bytesOf('李雷'), '\0', 'x'.repeat(128)])
      expect(register(tester, name)).toBe(1);
    for (const name of ['', 'x'.repeat(129)]) expect(register(tester, name)).toBe(-60_404);
    expect(register(tester, 'ann', 'x'.repeat(129))).toBe(-60_404);
  });
});

describe('a group', () => {
  it('takes users until it is full and warns once on the way', () => {
    const tester = new SystemTester(suites.ecdsa);
    setGroup(tester, 1, 100, 10n, 8n);
    setGroup(tester, 2, 1);
    const homes = Array.from({ length: 100 }, (_, index) => register(tester, `user ${index}`));
    expect(homes.filter((group) => group === 1)).toHaveLength(10);
    expect(users(tester)).toEqual({ 1: 10, 2: 90 });
    const warning = lastEvent(tester, 'CapacityWarning(uint256,uint256,uint256)', ['uint256', 'uint256']);
    expect(warning).toEqual({ topics: [topic(1)], values: [8n, 10n] });
    const warnings = tester.host.logs.filter(({ data, topics }) => topics.length === 2 && data.length === 64);
    expect(warnings).toHaveLength(1);
  });

  it('that is full still takes whom the committee assigns to it', () => {
    const tester = new SystemTester(suites.ecdsa);
    setGroup(tester, 1, 1, 0n);
    expect(register(tester, 'ann')).toBe(-60_412);
    expect(route(tester, 'user', 'ann')).toEqual([0n, 'none']);
    tester.code(ROUTER, ASSIGN, 'user', 'ann', 1n);
    expect(register(tester, 'ann')).toBe(1);
    expect(users(tester)).toEqual({ 1: 1 });
  });

  it('opens again with a larger capacity, and without weight takes nobody', () => {
    const tester = new SystemTester(suites.ecdsa);
    setGroup(tester, 1, 1, 1n);
    expect([register(tester, 'ann'), register(tester, 'ben')]).toEqual([1, -60_412]);
    setGroup(tester, 1, 1, 2n);
    expect(register(tester, 'ben')).toBe(1);
    setGroup(tester, 1, 0, 100n);
    expect(register(tester, 'cid')).toBe(-60_412);
  });

  it('is shown as it was set, in the order of numbers', () => {
    const tester = new SystemTester(suites.ecdsa);
    setGroup(tester, 10, 5, 100n, 90n);
    setGroup(tester, 9, 1_000_000, 10n ** 12n, 10n ** 12n);
    expect(groups(tester)).toEqual([
      {
        group: '9',
        chain: toHex(chainOf(9)),
        weight: '1000000',
        capacity: '1000000000000',
        warn_at: '1000000000000',
        users: '0',
      },
      { group: '10', chain: toHex(chainOf(10)), weight: '5', capacity: '100', warn_at: '90', users: '0' },
    ]);
    expect(tester.values(['bytes32'], ROUTER, 'chainOf(uint256)', 10n)).toEqual([chainOf(10)]);
    expect(tester.values(['bytes32'], ROUTER, 'chainOf(uint256)', 11n)).toEqual([new Uint8Array(32)]);
    expect(
      lastEvent(tester, 'GroupSet(uint256,bytes32,uint256,uint256,uint256)', [
        'bytes32',
        'uint256',
        'uint256',
        'uint256',
      ]),
    ).toEqual({
      topics: [topic(9)],
      values: [chainOf(9), 1_000_000n, 10n ** 12n, 10n ** 12n],
    });
  });

  it('has a number, a weight, a capacity and a chain within bounds', () => {
    const tester = new SystemTester(suites.ecdsa);
    const attempts: readonly (readonly [bigint, Uint8Array, bigint, bigint, bigint])[] = [
      [0n, chainOf(1), 1n, 1n, 1n],
      [32_768n, chainOf(1), 1n, 1n, 1n],
      [2n ** 255n, chainOf(1), 1n, 1n, 1n],
      [1n, new Uint8Array(32), 1n, 1n, 1n],
      [1n, chainOf(1), 1_000_001n, 1n, 1n],
      [1n, chainOf(1), 1n, 10n ** 12n + 1n, 1n],
      [1n, chainOf(1), 1n, 1n, 2n],
    ];
    for (const attempt of attempts) expect(tester.code(ROUTER, SET_GROUP, ...attempt)).toBe(-60_401);
    expect(groups(tester)).toEqual([]);
  });

  it('is one of at most 1,024', () => {
    const tester = new SystemTester(suites.ecdsa);
    for (let group = 1; group <= 1024; group++) expect(setGroup(tester, group, 1)).toBe(1);
    expect(setGroup(tester, 1025, 1)).toBe(-60_402);
    expect(setGroup(tester, 1024, 2)).toBe(1);
    expect(register(tester, 'ann')).toBeGreaterThan(0);
  });
});

describe('periods', () => {
  it('lead a time to a group, end excluded, and contracts without an assignment too', () => {
    const tester = routerOf({ 1: 1, 2: 1 });
    expect(tester.code(ROUTER, SET_PERIOD, 100n, 200n, 1n)).toBe(1);
    expect(tester.code(ROUTER, SET_PERIOD, 200n, 300n, 2n)).toBe(1);
    const at = (timeMs: bigint) => Number(route(tester, 'time', '', timeMs)[0]);
    expect([99n, 100n, 199n, 200n, 299n, 300n, 2n ** 256n - 1n].map(at)).toEqual([0, 1, 1, 2, 2, 0, 0]);
    expect(route(tester, 'contract', 'orders', 250n)).toEqual([2n, 'period']);
    expect(route(tester, 'contract', 'orders')).toEqual([0n, 'none']);
    tester.code(ROUTER, ASSIGN, 'contract', 'orders', 1n);
    expect(route(tester, 'contract', 'orders', 250n)).toEqual([1n, 'assigned']);
    expect(JSON.parse(tester.text(ROUTER, 'periods()'))).toEqual([
      { from_ms: '100', until_ms: '200', group: '1' },
      { from_ms: '200', until_ms: '300', group: '2' },
    ]);
  });

  it('do not overlap, are not empty, and are taken back by both ends', () => {
    const tester = routerOf({ 1: 1 });
    expect(tester.code(ROUTER, SET_PERIOD, 100n, 200n, 1n)).toBe(1);
    for (const [from, until] of [
      [100n, 200n],
      [0n, 101n],
      [150n, 160n],
      [199n, 300n],
      [0n, 300n],
    ] as const)
      expect(tester.code(ROUTER, SET_PERIOD, from, until, 1n)).toBe(-60_406);
    for (const [from, until] of [
      [300n, 300n],
      [301n, 300n],
      [300n, 8_640_000_000_000_001n],
    ] as const)
      expect(tester.code(ROUTER, SET_PERIOD, from, until, 1n)).toBe(-60_405);
    expect(tester.code(ROUTER, SET_PERIOD, 100n, 199n, 0n)).toBe(-60_408);
    expect(tester.code(ROUTER, SET_PERIOD, 300n, 400n, 2n)).toBe(-60_400);
    expect(tester.code(ROUTER, SET_PERIOD, 100n, 200n, 0n)).toBe(1);
    expect(route(tester, 'time', '', 150n)).toEqual([0n, 'none']);
    expect(lastEvent(tester, 'PeriodSet(uint256,uint256,uint256)', ['uint256', 'uint256'])).toEqual({
      topics: [topic(0)],
      values: [100n, 200n],
    });
  });

  it('are at most 1,024', () => {
    const tester = routerOf({ 1: 1 });
    for (let index = 0n; index < 1024n; index++)
      expect(tester.code(ROUTER, SET_PERIOD, 10n * index, 10n * index + 10n, 1n)).toBe(1);
    expect(tester.code(ROUTER, SET_PERIOD, 100_000n, 100_001n, 1n)).toBe(-60_407);
  });
});

describe('assignments', () => {
  it('are of a kind, a key and a group that are there', () => {
    const tester = routerOf({ 1: 1 });
    for (const kind of ['', 'time', 'User', '__proto__', 'x'.repeat(70_000)])
      expect(tester.code(ROUTER, ASSIGN, kind, 'ann', 1n)).toBe(-60_403);
    for (const key of ['', 'x'.repeat(129)]) expect(tester.code(ROUTER, ASSIGN, 'user', key, 1n)).toBe(-60_404);
    for (const group of [2n, 2n ** 256n - 1n]) expect(tester.code(ROUTER, ASSIGN, 'user', 'ann', group)).toBe(-60_400);
    register(tester, 'ann');
    expect(tester.code(ROUTER, ASSIGN, 'user', 'ann', 1n)).toBe(-60_410);
    expect(tester.error(ROUTER, ROUTE, 'cats', 'ann', 0n)).toBe(
      'the kind is none of user, organisation, contract and time',
    );
  });

  it('are taken back with group 0', () => {
    const tester = routerOf({ 1: 1, 2: 0 });
    expect(tester.code(ROUTER, ASSIGN, 'contract', 'shop', 0n)).toBe(-60_409);
    expect(tester.code(ROUTER, ASSIGN, 'contract', 'shop', 2n)).toBe(1);
    expect(tester.code(ROUTER, ASSIGN, 'contract', 'shop', 0n)).toBe(1);
    expect(route(tester, 'contract', 'shop')).toEqual([0n, 'none']);
    expect(lastEvent(tester, 'Assigned(bytes32,uint256,string,string)', ['string', 'string'])).toEqual({
      topics: [hashOf(tester, 'shop'), topic(0)],
      values: ['contract', 'shop'],
    });
  });

  it('of different kinds do not meet', () => {
    const tester = routerOf({ 1: 1, 2: 1, 3: 1 });
    tester.code(ROUTER, ASSIGN, 'user', 'x', 1n);
    tester.code(ROUTER, ASSIGN, 'organisation', 'x', 2n);
    tester.code(ROUTER, ASSIGN, 'contract', 'x', 3n);
    expect(['user', 'organisation', 'contract'].map((kind) => route(tester, kind, 'x')[0])).toEqual([1n, 2n, 3n]);
  });
});

describe('the committee', () => {
  it('alone sets rules once there is one; anybody registers', () => {
    const tester = routerOf({ 1: 1 });
    tester.code(0x1008, 'grantCommitteeMember(address)', ALICE);
    tester.host.nextBlock();
    tester.as(BOB);
    expect(setGroup(tester, 2, 1)).toBe(-50_000);
    expect(tester.code(ROUTER, ASSIGN, 'user', 'ann', 1n)).toBe(-50_000);
    expect(tester.code(ROUTER, SET_PERIOD, 1n, 2n, 1n)).toBe(-50_000);
    expect(register(tester, 'ann')).toBe(1);
    expect(tester.code(ROUTER, MOVE, 'ann', 1n)).toBe(-50_000);
    expect(setGroup(tester.as(ALICE), 2, 1)).toBe(1);
  });
});

it('agrees with a plain model over any sequence of rules, registrations and moves', () => {
  const group = fc.integer({ min: 1, max: 4 });
  const user = fc.integer({ min: 0, max: 12 }).map((index) => `user ${index}`);
  const step = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), group, weight: fc.nat({ max: 3 }), capacity: fc.nat({ max: 4 }) }),
    fc.record({ kind: fc.constant('register' as const), user }),
    fc.record({ kind: fc.constant('move' as const), user, group }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const tester = new SystemTester(suites.ecdsa);
      const rules = new Map<number, { weight: number; capacity: number }>();
      const homes = new Map<string, number>();
      const count = (wanted: number): number => [...homes.values()].filter((home) => home === wanted).length;
      for (const one of steps) {
        if (one.kind === 'set') {
          expect(setGroup(tester, one.group, one.weight, BigInt(one.capacity))).toBe(1);
          rules.set(one.group, one);
        } else if (one.kind === 'register') {
          const given = register(tester, one.user);
          const home = homes.get(one.user);
          const open = [...rules].filter(([number, rule]) => rule.weight > 0 && count(number) < rule.capacity);
          if (home !== undefined) expect(given).toBe(home);
          else if (open.length === 0) expect(given).toBe(-60_412);
          else {
            expect(open.map(([number]) => number)).toContain(given);
            homes.set(one.user, given);
          }
        } else {
          const given = tester.code(ROUTER, MOVE, one.user, BigInt(one.group));
          const isKnown = rules.has(one.group);
          expect(given).toBe(isKnown ? (homes.has(one.user) ? 1 : -60_411) : -60_400);
          if (given === 1) homes.set(one.user, one.group);
        }
      }
      expect(users(tester)).toEqual(Object.fromEntries([...rules.keys()].map((number) => [number, count(number)])));
    }),
    { numRuns: 60 },
  );
});

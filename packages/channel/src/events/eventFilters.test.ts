import { toHex } from '@menglian/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventCode, type EventRequest } from './eventRequest.js';
import {
  GROUP_FILTERS_MAX,
  GROUP_VALUES_MAX,
  PUSH_CHARACTERS_MAX,
  RETRY_DELAY_MS,
  SESSION_FILTERS_MAX,
  TURN_WORK_MAX,
} from './limits.js';
import { EventWorld, hash, log, type Logs, request } from './testing/eventWorld.js';

const GENESIS: Logs = [];
const topic = (value: number) => toHex(hash(value));
const address = (value: number) => value.toString(16).padStart(40, '0');
const blocks = (count: number, logs: Logs): Logs[] => [GENESIS, ...Array.from({ length: count }, () => logs)];

/** Numbers of the blocks of the logs that were pushed. */
const pushedBlocks = (world: EventWorld, filterId = 'f') =>
  world.pushes
    .filter(({ filterID }) => filterID === filterId)
    .flatMap(({ logs }): readonly unknown[] => logs?.map(({ blockNumber }) => Number(blockNumber)) ?? ['end']);

describe('a push', () => {
  it('has this text', () => {
    const world = new EventWorld([GENESIS, [[], [log(9, []), log(10, [3], 2)]]]);
    world.filters.register(1, request({ filterId: 'a"b', toBlock: 1, addresses: [address(10)] }));
    world.settle();
    expect(world.pushes.map(({ text }) => text)).toEqual([
      '{"filterID":"a\\"b","logs":[{"address":"0x000000000000000000000000000000000000000a",' +
        `"blockHash":"0x0101${'00'.repeat(30)}","blockNumber":"1","data":"0xabab","logIndex":"0x1",` +
        `"topics":["0x03${'00'.repeat(31)}"],"transactionHash":"0x020101${'00'.repeat(29)}",` +
        '"transactionIndex":"0x1"}],"result":0}\n',
      '{"filterID":"a\\"b","logs":null,"result":1}\n',
    ]);
  });

  it('joins the blocks of a turn, and none goes out for blocks without a match', () => {
    const world = new EventWorld(blocks(8, [[log(1, [])]]));
    world.filters.register(1, request({ fromBlock: 1 }));
    world.filters.register(1, request({ fromBlock: 1, filterId: 'other', addresses: [address(2)] }));
    world.settle();
    expect(world.pushes.map(({ logs }) => logs!.map(({ blockNumber }) => blockNumber))).toEqual([
      ['1', '2', '3'],
      ['4', '5', '6'],
      ['7', '8'],
    ]);
  });

  it('is split when it is too long, within a block, too, and only one log alone may be longer', () => {
    const quarter = PUSH_CHARACTERS_MAX / 4;
    const sizes = [quarter, quarter, 10, PUSH_CHARACTERS_MAX, 10, quarter];
    const world = new EventWorld([GENESIS, [sizes.map((bytes) => log(1, [], bytes))], [[log(1, [])]]]);
    const wanted = request({ fromBlock: 1, toBlock: 2 });
    world.filters.register(1, wanted);
    world.pass(0);
    expect(world.pushes.map(({ logs }) => logs!.length)).toEqual([1]);
    world.slowSessions.add(1);
    world.settle();
    expect(world.pushes.length).toBe(1);
    world.slowSessions.clear();
    world.pass(RETRY_DELAY_MS);
    world.settle();
    expect(world.pushes.map(({ logs }) => logs?.length)).toEqual([1, 2, 1, 3, undefined]);
    expect(world.pushes.flatMap(({ logs }) => logs ?? [])).toEqual(world.expected(wanted, 1, 2));
    for (const { text, logs } of world.pushes) {
      if (logs?.length !== 1) expect(text.length).toBeLessThan(PUSH_CHARACTERS_MAX + 100);
    }
  });
});

describe('a range', () => {
  const world = (maxBlockRange = 0) => new EventWorld(blocks(10, [[log(1, [])]]), { maxBlockRange });
  const codeOf = (range: Partial<EventRequest>, maxBlockRange?: number) =>
    world(maxBlockRange).filters.register(1, request(range));

  it('begins at the head, which it includes', () => {
    const one = world();
    one.filters.register(1, request());
    one.settle();
    one.store([[log(1, [])]]);
    one.settle();
    expect(pushedBlocks(one)).toEqual([10, 11]);
  });

  it('ends with its last block, also when that is still to come', () => {
    const one = world();
    one.filters.register(1, request({ fromBlock: 12, toBlock: 13 }));
    one.filters.register(1, request({ fromBlock: 0, toBlock: 2, filterId: 'g' }));
    one.settle();
    expect(pushedBlocks(one, 'g')).toEqual([1, 2, 'end']);
    for (let stored = 0; stored < 5; stored++) {
      one.store([[log(1, [])]]);
      one.settle();
    }
    expect(pushedBlocks(one)).toEqual([12, 13, 'end']);
    expect(one.filters.size).toBe(0);
    expect(one.delays).toEqual([]);
  });

  it('must not end before it begins', () => {
    expect(codeOf({ fromBlock: 5, toBlock: 5 })).toBe(EventCode.ok);
    expect(codeOf({ fromBlock: 5, toBlock: 4 })).toBe(-41_003);
    expect(codeOf({ toBlock: 10 })).toBe(EventCode.ok);
    expect(codeOf({ toBlock: 9 })).toBe(-41_003);
    expect(codeOf({ fromBlock: 11, toBlock: 10 })).toBe(-41_003);
  });

  it('reaches back no further than is allowed', () => {
    expect(codeOf({ fromBlock: 6 }, 5)).toBe(EventCode.ok);
    expect(codeOf({ fromBlock: 5 }, 5)).toBe(-41_003);
    expect(codeOf({ fromBlock: 5, toBlock: 5 }, 5)).toBe(-41_003);
    expect(codeOf({}, 1)).toBe(EventCode.ok);
    expect(codeOf({ fromBlock: 100 }, 1)).toBe(EventCode.ok);
    expect(codeOf({ fromBlock: 0 })).toBe(EventCode.ok);
  });

  it('has no blocks that a snapshot replaced', () => {
    const one = world();
    one.missing = 4;
    for (const fromBlock of [0, 1, 4]) expect(one.filters.register(1, request({ fromBlock }))).toBe(-41_003);
    expect(one.filters.register(1, request({ fromBlock: 5 }))).toBe(EventCode.ok);
    one.settle();
    expect(pushedBlocks(one)).toEqual([5, 6, 7, 8, 9, 10]);
  });
});

describe('blocks that a snapshot replaced while a filter waited', () => {
  it('are passed over at once', () => {
    const world = new EventWorld([GENESIS]);
    world.filters.register(1, request({ toBlock: 102 }));
    world.settle();
    world.missing = 100;
    for (let stored = 1; stored <= 102; stored++) world.store([[log(1, [])]]);
    world.pass(0);
    expect(pushedBlocks(world)).toEqual([101, 102, 'end']);
  });
});

describe('turns', () => {
  const one: Logs = [[log(1, [1])]];

  it('begin after the registration was answered', () => {
    const world = new EventWorld(blocks(1, one));
    world.filters.register(1, request());
    expect(world.pushes).toEqual([]);
    expect(world.delays).toEqual([0]);
  });

  it('end when there is nothing left, until a block comes', () => {
    const world = new EventWorld(blocks(1, one));
    world.store(one);
    expect(world.delays).toEqual([]);
    world.filters.register(1, request());
    world.settle();
    expect(world.delays).toEqual([]);
    world.store(one);
    world.store(one);
    expect(world.delays).toEqual([0]);
    world.settle();
    expect(pushedBlocks(world)).toEqual([2, 3, 4]);
  });

  it('wait for connections that read slowly, which miss nothing, and hold up nobody', () => {
    const world = new EventWorld(blocks(1, one));
    world.slowSessions.add(1);
    world.filters.register(1, request({ filterId: 'slow', toBlock: 3 }));
    world.filters.register(2, request({ filterId: 'quick' }));
    world.settle();
    expect(world.delays).toEqual([RETRY_DELAY_MS]);
    world.store(one);
    expect(world.delays).toEqual([RETRY_DELAY_MS, 0]);
    world.settle();
    world.store(one);
    world.settle();
    expect(pushedBlocks(world, 'slow')).toEqual([]);
    expect(pushedBlocks(world, 'quick')).toEqual([1, 2, 3]);
    world.slowSessions.clear();
    world.pass(RETRY_DELAY_MS);
    world.settle();
    expect(pushedBlocks(world, 'slow')).toEqual([1, 2, 3, 'end']);
    world.pass(RETRY_DELAY_MS);
    expect(world.delays).toEqual([]);
  });

  it('come to those that waited while others scan a long history', () => {
    const world = new EventWorld(blocks(60, one));
    world.slowSessions.add(1);
    world.filters.register(1, request({ filterId: 'slow' }));
    world.filters.register(2, request({ filterId: 'long', fromBlock: 1 }));
    world.pass(0);
    world.slowSessions.clear();
    expect(world.delays).toEqual([RETRY_DELAY_MS, 0]);
    world.pass(RETRY_DELAY_MS);
    world.pass(0);
    expect(pushedBlocks(world, 'slow')).toEqual([60]);
    expect(pushedBlocks(world, 'long').length).toBe(9);
  });

  it('leave the end for later when the last logs filled the connection', () => {
    const world = new EventWorld(blocks(1, one));
    const push = world.push.bind(world);
    world.push = (session, text) => {
      push(session, text);
      world.slowSessions.add(session);
    };
    world.filters.register(1, request({ toBlock: 1 }));
    world.settle();
    expect(pushedBlocks(world)).toEqual([1]);
    world.slowSessions.clear();
    world.pass(RETRY_DELAY_MS);
    world.settle();
    expect(pushedBlocks(world)).toEqual([1, 'end']);
    expect(world.filters.size).toBe(0);
  });

  it('read a block once for all filters', () => {
    const world = new EventWorld(blocks(6, one));
    for (let session = 0; session < 50; session++) {
      world.filters.register(session, request({ fromBlock: 1, topics: session % 2 === 0 ? [] : [[topic(1)]] }));
    }
    world.reads.length = 0;
    world.settle();
    expect(world.reads).toEqual([1, 2, 3, 4, 5, 6]);
    expect(pushedBlocks(world).length).toBe(50 * 6);
    world.store(one);
    world.settle();
    expect(world.reads).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('end after so much work, and go on with the filter that is next', () => {
    const many: Logs = [Array.from({ length: TURN_WORK_MAX }, () => log(1, [1]))];
    const world = new EventWorld(blocks(4, many));
    for (const filterId of ['a', 'b', 'c']) {
      world.filters.register(1, request({ filterId, fromBlock: 1, topics: [[topic(1)], [topic(2)]] }));
    }
    world.reads.length = 0;
    for (let turn = 1; turn <= 6; turn++) {
      world.pass(0);
      expect(world.reads.length).toBeLessThanOrEqual(turn);
      expect(world.delays).toEqual([0]);
    }
    world.settle();
    expect(world.reads).toEqual([1, 2, 3, 4]);
    expect(world.pushes).toEqual([]);
  });
});

describe('large blocks', () => {
  it('come whole and once, in many turns and pushes', () => {
    const large = (size: number): Logs => [Array.from({ length: size }, (_, at) => log(at % 3, [at % 5], at % 64))];
    const world = new EventWorld([GENESIS, large(TURN_WORK_MAX), large(10), large(700), large(TURN_WORK_MAX)]);
    const all = [[], [0], [1, 2]].map((numbers, at) =>
      request({ filterId: `f${at}`, fromBlock: 1, addresses: numbers.map(address), topics: [[topic(0), topic(3)]] }),
    );
    for (const [session, wanted] of all.entries()) world.filters.register(session, wanted);
    let turns = 0;
    for (; world.delays.length > 0; turns++) world.pass(0);
    expect(turns).toBeGreaterThan(3);
    for (const wanted of all) {
      const pushes = world.pushes.filter(({ filterID }) => filterID === wanted.filterId);
      expect(pushes.flatMap(({ logs }) => logs)).toEqual(world.expected(wanted, 1, 4));
    }
  });
});

describe('filters', () => {
  it('end with their connection', () => {
    const world = new EventWorld(blocks(9, [[log(1, [])]]));
    world.filters.register(1, request({ fromBlock: 1 }));
    world.filters.register(2, request({ fromBlock: 1, filterId: 'g' }));
    world.pass(0);
    world.filters.onSessionClosed(1);
    world.filters.onSessionClosed(3);
    expect(world.filters.size).toBe(1);
    world.settle();
    expect(pushedBlocks(world)).toEqual([1, 2, 3]);
    expect(pushedBlocks(world, 'g').length).toBe(9);
  });

  it('end with a connection that a push closed', () => {
    const world = new EventWorld(blocks(1, [[log(1, [])]]));
    const push = world.push.bind(world);
    world.push = (session, text) => {
      push(session, text);
      world.filters.onSessionClosed(session);
    };
    for (const session of [1, 2, 2]) world.filters.register(session, request());
    world.settle();
    world.store([[log(1, [])]]);
    world.settle();
    expect(pushedBlocks(world)).toEqual([1, 1]);
    expect(world.filters.size).toBe(0);
  });

  it('end by name, whoever registered them', () => {
    const world = new EventWorld(blocks(9, [[log(1, [])]]));
    for (const filterId of ['f', 'f', 'g']) world.filters.register(1, request({ filterId }));
    world.filters.register(2, request());
    expect(world.filters.unregister('f')).toBe(EventCode.ok);
    expect(world.filters.size).toBe(1);
    expect(world.filters.unregister('f')).toBe(EventCode.ok);
    world.settle();
    expect(world.pushes.map(({ filterID }) => filterID)).toEqual(['g']);
  });

  it('end when the group stops, and their owners are told', () => {
    const world = new EventWorld(blocks(9, [[log(1, [])]]));
    world.filters.register(1, request({ fromBlock: 1 }));
    world.filters.register(2, request({ filterId: 'g' }));
    world.filters.stop();
    world.settle();
    world.store([[log(1, [])]]);
    expect(world.filters.register(1, request())).toBe(-41_002);
    expect(world.pushes).toMatchObject([
      { session: 1, filterID: 'f', logs: null, result: -41_002 },
      { session: 2, filterID: 'g', logs: null, result: -41_002 },
    ]);
    expect([world.delays, world.filters.size]).toEqual([[], 0]);
  });

  it('are at most so many for a connection', () => {
    const world = new EventWorld(blocks(1, []));
    const register = () => world.filters.register(1, request());
    for (let count = 0; count < SESSION_FILTERS_MAX; count++) expect(register()).toBe(EventCode.ok);
    expect(register()).toBe(-41_008);
    world.filters.unregister('f');
    expect(register()).toBe(EventCode.ok);
  });

  it('are at most so many for a group', () => {
    const world = new EventWorld(blocks(1, []));
    for (let count = 0; count < GROUP_FILTERS_MAX; count++) world.filters.register(count, request());
    expect(world.filters.register(-1, request())).toBe(-41_008);
    world.settle();
    world.filters.onSessionClosed(7);
    expect(world.filters.register(-1, request())).toBe(EventCode.ok);
  });

  it('name at most so many values in a group', () => {
    const world = new EventWorld(blocks(1, []));
    const values = Array.from({ length: 200 }, (_, value) => topic(value));
    const wide = request({ addresses: values.map((value) => value.slice(0, 40)), topics: [null, values] });
    for (let count = 0; count < GROUP_VALUES_MAX / 400; count++) {
      expect(world.filters.register(count, wide)).toBe(EventCode.ok);
    }
    expect(world.filters.register(-1, request({ addresses: [address(1)] }))).toBe(-41_008);
    expect(world.filters.register(-1, request())).toBe(EventCode.ok);
    world.filters.onSessionClosed(3);
    expect(world.filters.register(-1, wide)).toBe(EventCode.ok);
  });
});

describe('events', () => {
  const value = fc.integer({ min: 1, max: 3 });
  const logs = fc.array(
    fc.array(
      fc
        .record({ address: value, topics: fc.array(value, { maxLength: 4 }) })
        .map((one) => log(one.address, one.topics)),
      { maxLength: 3 },
    ),
    { maxLength: 3 },
  );
  const values = fc.uniqueArray(value, { minLength: 1, maxLength: 2 });
  const block = fc.oneof(fc.constant('latest' as const), fc.nat(12));
  const wanted = fc.record({
    fromBlock: block,
    toBlock: block,
    addresses: fc.oneof(fc.constant([]), values).map((numbers) => numbers.map(address)),
    topics: fc.array(fc.option(values.map((numbers) => numbers.map(topic))), { maxLength: 3 }),
  });
  const session = fc.nat(2);
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('store' as const), logs }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('register' as const), session, wanted }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), withinMs: fc.constantFrom(0, 0, 100) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('slow' as const), session, isSlow: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const), session }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('unregister' as const), chosen: fc.nat() }) },
  );

  interface Registered {
    readonly session: number;
    readonly request: EventRequest;
    readonly first: number;
    isRemoved: boolean;
  }

  function play(world: EventWorld, steps: Iterable<typeof step extends fc.Arbitrary<infer S> ? S : never>) {
    const all: Registered[] = [];
    const remove = (isGone: (one: Registered) => boolean) => {
      for (const one of all) if (isGone(one)) one.isRemoved = true;
    };
    for (const one of steps) {
      if (one.kind === 'store') world.store(one.logs);
      if (one.kind === 'pass') world.pass(one.withinMs);
      if (one.kind === 'slow') {
        if (one.isSlow) world.slowSessions.add(one.session);
        else world.slowSessions.delete(one.session);
      }
      if (one.kind === 'close') {
        world.filters.onSessionClosed(one.session);
        remove(({ session }) => session === one.session);
      }
      if (one.kind === 'unregister' && all.length > 0) {
        const { filterId } = all[one.chosen % all.length]!.request;
        world.filters.unregister(filterId);
        remove(({ request }) => request.filterId === filterId);
      }
      if (one.kind === 'register') {
        const full = request({ ...one.wanted, filterId: `f${all.length}` });
        const first = full.fromBlock === 'latest' ? world.chain.head() : full.fromBlock;
        const code = world.filters.register(one.session, full);
        expect(code).toBe(full.toBlock !== 'latest' && full.toBlock < first ? -41_003 : 0);
        if (code === 0) all.push({ session: one.session, request: full, first, isRemoved: false });
      }
    }
    return all;
  }

  it('reach every filter exactly once and in order, whatever happens around them', () => {
    const history = fc.array(logs, { maxLength: 10 });
    fc.assert(
      fc.property(
        history,
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        (before, steps, perTurn) => {
          const world = new EventWorld([GENESIS, ...before], { maxBlocksPerTurn: perTurn });
          const all = play(world, steps);
          world.slowSessions.clear();
          world.pass(RETRY_DELAY_MS);
          world.settle();
          const head = world.chain.head();
          let openCount = 0;
          for (const { session, request, first, isRemoved } of all) {
            const last = request.toBlock === 'latest' ? head : request.toBlock;
            const expected = world.expected(request, first, last);
            const pushes = world.pushes.filter(({ filterID }) => filterID === request.filterId);
            const pushed = pushes.flatMap(({ logs }) => logs ?? []);
            expect(pushes.every((push) => push.session === session)).toBe(true);
            expect(pushed).toEqual(isRemoved ? expected.slice(0, pushed.length) : expected);
            const isEnded = pushes.some(({ result }) => result === 1);
            if (!isRemoved) expect(isEnded).toBe(request.toBlock !== 'latest' && request.toBlock <= head);
            if (isEnded) expect(pushes.findIndex(({ result }) => result === 1)).toBe(pushes.length - 1);
            if (!isRemoved && !isEnded) openCount += 1;
          }
          expect(world.filters.size).toBe(openCount);
          expect(world.delays.filter((delayMs) => delayMs === 0)).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });
});

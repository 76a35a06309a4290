import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MemoryChain, noConnection } from './testing/memoryChain.js';
import { FakePorts } from './testing/fakePorts.js';
import { Relay, type RelayEvent } from './relay.js';

const OPTIONS = { pollMs: 1000, clearMs: 60_000 };
const NEVER = new AbortController().signal;

/** Two chains that know one another. */
function pair(): [MemoryChain, MemoryChain] {
  const [users, hot] = [new MemoryChain('users'), new MemoryChain('hot')];
  users.know(hot);
  hot.know(users);
  return [users, hot];
}

function relayOf(
  chains: readonly MemoryChain[],
  report: (event: RelayEvent) => void = () => {},
  ports = new FakePorts(),
) {
  return new Relay(chains, OPTIONS, ports, report);
}

const once = (...chains: readonly MemoryChain[]) => relayOf(chains).once(NEVER);
const texts = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** Ends the relay at one call, as SIGKILL would. */
class Killed extends Error {}

describe('one run of a relay', () => {
  it('carries all messages in order, answers included', async () => {
    const [users, hot] = pair();
    hot.onMessage = (_, text) => hot.send(users, [`re ${text}`]);
    users.send(hot, ['a', 'b'], ['c']);
    users.send(hot, ['d']);
    hot.send(users, ['z']);
    expect(await once(users, hot)).toEqual(new Map());
    expect(hot.taken).toEqual(['a', 'b', 'c', 'd']);
    expect(users.taken).toEqual(['z', 're a', 're b', 're c', 're d']);
  });

  it('carries thousands, sixty-four receipts a bundle and eight bundles at once', async () => {
    const [users, hot] = pair();
    const sent = texts('m', 1300);
    users.send(hot, ...sent.map((text) => [text]));
    const events: RelayEvent[] = [];
    await relayOf([users, hot], (event) => events.push(event)).once(NEVER);
    expect(hot.taken).toEqual(sent);
    const steps = events.flatMap((event) => (event.kind === 'step' ? event.step : []));
    expect(steps).toEqual([
      { kind: 'delivered', messages: 512, bundles: 8, last: 512n },
      { kind: 'delivered', messages: 512, bundles: 8, last: 1024n },
      { kind: 'delivered', messages: 276, bundles: 5, last: 1300n },
    ]);
  });

  it('sends fewer where receivers need much gas, and more again later', async () => {
    const [users, hot] = pair();
    hot.receiptsMax = 10;
    users.send(hot, ...texts('m', 40).map((text) => [text]));
    expect(await once(users, hot)).toEqual(new Map());
    expect(hot.taken).toEqual(texts('m', 40));
    expect(Math.max(...hot.delivered)).toBe(10);
  });

  it('hands over what is left again where a delivery stopped early, with less that is in vain', async () => {
    const [users, hot] = pair();
    hot.messagesMax = 16;
    users.send(hot, ...texts('m', 400).map((text) => [text]));
    let deliveries = 0;
    hot.before = (call) => {
      if (call === 'deliver') deliveries++;
    };
    expect(await once(users, hot)).toEqual(new Map());
    expect(hot.taken).toEqual(texts('m', 400));
    expect(deliveries).toBeLessThan(60);
  });

  it('closes epochs that have payments first', async () => {
    const [users, hot] = pair();
    users.shadows.set('shop', 3);
    users.shadows.set('idle', 0);
    const events: RelayEvent[] = [];
    await relayOf([users, hot], (event) => events.push(event)).once(NEVER);
    expect(users.closings).toEqual(['shop']);
    expect(events).toEqual([{ kind: 'closed', chain: 'users', accounts: ['shop'] }]);
  });

  it('closes the epochs of more accounts than one turn has room for', async () => {
    const [users, hot] = pair();
    for (const account of texts('shop', 600)) users.shadows.set(account, 1);
    expect(await once(users, hot)).toEqual(new Map());
    expect(new Set(users.closings).size).toBe(600);
  });

  it('tells which messages wait for a registration, and carries the others', async () => {
    const [users, hot] = pair();
    hot.clients.clear();
    users.send(hot, ['a']);
    hot.send(users, ['z']);
    const problems = await once(users, hot);
    expect([...problems.keys()]).toEqual(['users → hot']);
    const problem = problems.get('users → hot')!;
    expect(problem.message).toContain('1 messages wait in users, which hot does not know');
    expect(problem.message).toContain('menglian relay register');
    expect(users.taken).toEqual(['z']);
  });
});

describe('chains that do not know one another', () => {
  it('are told once with what is missing, and looked at seldom', async () => {
    const [users, hot] = [new MemoryChain('users'), new MemoryChain('hot')];
    users.know(hot);
    const expected = { kind: 'unregistered', lane: 'users → hot', target: 'hot', source: users.hash };
    const events: RelayEvent[] = [];
    expect(await relayOf([users, hot], (event) => events.push(event)).once(NEVER)).toEqual(new Map());
    expect(events).toEqual([expected]);
    const [ports, stop] = [new FakePorts(), new AbortController()];
    ports.onSleep = () => {
      if (ports.slept.length === 200) stop.abort();
    };
    events.length = 0;
    let asked = 0;
    hot.before = (call) => {
      if (call === 'knows') asked++;
    };
    await relayOf([users, hot], (event) => events.push(event), ports).run(stop.signal);
    expect(events).toEqual([expected]);
    expect(asked).toBeGreaterThan(0);
    expect(ports.slept).toContain(10_000);
  });
});

describe('a quiet chain', () => {
  it('is asked for its height only', async () => {
    const [users, hot] = pair();
    const [ports, stop, calls] = [new FakePorts(), new AbortController(), [] as string[]];
    for (const chain of [users, hot]) chain.before = (call) => calls.push(call);
    ports.onSleep = () => {
      if (ports.slept.length === 8) stop.abort();
      if (ports.slept.length === 4) calls.length = 0;
    };
    await new Relay([users, hot], { pollMs: 1000, clearMs: 0 }, ports, () => {}).run(stop.signal);
    expect([...new Set(calls)].toSorted()).toEqual(['blockNumber', 'identity']);
  });
});

describe('a relay that is killed', () => {
  /** All that happens in this scenario, with one kill. @returns the number of calls until the end */
  async function run(killAt: number, isBefore: boolean): Promise<number> {
    const [users, hot] = pair();
    let calls = 0;
    const count = () => {
      calls++;
      if (calls === killAt) throw new Killed();
    };
    for (const chain of [users, hot]) {
      if (isBefore) chain.before = count;
      else chain.after = count;
    }
    hot.onMessage = (_, text) => hot.send(users, [`re ${text}`]);
    users.shadows.set('shop', 1);
    users.send(hot, ['a', 'b'], ['c']);
    users.sealers = ['c', 'd', 'e', 'f'];
    users.send(hot, ['d']);
    users.sealers = ['e', 'f', 'g', 'h'];
    users.send(hot, ['e']);
    for (;;) {
      try {
        expect(await once(users, hot)).toEqual(new Map());
        break;
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
      }
    }
    expect(hot.taken).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(users.taken).toEqual(['re a', 're b', 're c', 're d', 're e']);
    expect(users.closings).toEqual(['shop']);
    return calls;
  }

  it.each([
    ['before it did anything', true],
    ['before its answer was heard', false],
  ])('goes on at whatever call it was, %s', async (_, isBefore) => {
    const steps = await run(0, isBefore);
    expect(steps).toBeGreaterThan(60);
    for (let killAt = 1; killAt <= steps; killAt++) await run(killAt, isBefore);
  });
});

describe('several relays', () => {
  it('race without harm, however their steps fall between one another', async () => {
    const [users, hot] = pair();
    hot.onMessage = (_, text) => hot.send(users, [`re ${text}`]);
    users.shadows.set('shop', 1);
    for (const text of texts('m', 30)) users.send(hot, [text]);
    await Promise.all([once(users, hot), once(users, hot), once(users, hot)]);
    await once(users, hot);
    expect(hot.taken).toEqual(texts('m', 30));
    expect(users.taken).toEqual(texts('re m', 30));
    expect(users.closings).toEqual(['shop']);
  });
});

describe('sealers of a chain that change', () => {
  const LISTS = ['abcd', 'bcde', 'cdef', 'defg', 'efgh', 'fghi', 'ghij', 'hijk'].map((list) => [...list]);

  it('are followed by the blocks of the messages themselves', async () => {
    const [users, hot] = pair();
    users.send(hot, ['first']);
    await once(users, hot);
    for (const [index, list] of LISTS.entries()) {
      users.sealers = list;
      users.send(hot, [`m${index}`]);
    }
    expect(await once(users, hot)).toEqual(new Map());
    expect(hot.taken).toEqual(['first', ...texts('m', LISTS.length)]);
  });

  it('are followed, by halves, over blocks that only say which chain they are of', async () => {
    const [users, hot] = pair();
    for (const list of LISTS) {
      users.sealers = list;
      await users.mark();
    }
    users.send(hot, ['late']);
    const events: RelayEvent[] = [];
    expect(await relayOf([users, hot], (event) => events.push(event)).once(NEVER)).toEqual(new Map());
    expect(hot.taken).toEqual(['late']);
    const kinds = events.flatMap((event) => (event.kind === 'step' ? event.step.kind : []));
    expect(kinds.indexOf('delivered')).toBeGreaterThan(1);
    expect(kinds.slice(0, kinds.indexOf('delivered')).every((kind) => kind === 'anchored')).toBe(true);
  });

  it('are told before any message, so that trust never has to jump', async () => {
    const [users, hot] = pair();
    users.send(hot, ['first']);
    for (const list of LISTS) {
      users.sealers = list;
      await users.mark();
      await once(users, hot);
    }
    expect(hot.clients.get(users.hash)!.anchors.size).toBe(LISTS.length);
  });

  it('are told to several chains by one block', async () => {
    const chains = ['users', 'hot', 'other', 'third'].map((name) => new MemoryChain(name));
    for (const one of chains) for (const other of chains) if (one !== other) one.know(other);
    const users = chains[0]!;
    users.send(chains[1]!, ['a']);
    await once(...chains);
    users.sealers = LISTS[1]!;
    // A block of a transaction that has nothing to do with other chains.
    users.send(users);
    let marks = 0;
    users.before = (call) => {
      if (call === 'mark') marks++;
    };
    await once(...chains);
    expect(marks).toBe(1);
    for (const other of chains.slice(1)) expect(other.clients.get(users.hash)!.anchors.size).toBe(2);
  });

  it('are followed by halves before any message too', async () => {
    const [users, hot] = pair();
    for (const list of LISTS) {
      users.sealers = list;
      await users.mark();
    }
    expect(await once(users, hot)).toEqual(new Map());
    expect(await hot.believedSealers(users.hash, await users.blockNumber())).toEqual(LISTS.at(-1));
  });

  it('that nothing leads to make no block at each try', async () => {
    const [users, hot] = pair();
    users.sealers = ['w', 'x', 'y', 'z'];
    users.send(users);
    for (let run = 0; run < 5; run++) expect((await once(users, hot)).size).toBe(1);
    expect(await users.blockNumber()).toBe(2);
  });

  it('that are all others at once are reported with what to do', async () => {
    const [users, hot] = pair();
    users.sealers = ['w', 'x', 'y', 'z'];
    users.send(hot, ['a']);
    const [problem] = [...(await once(users, hot)).values()];
    expect(problem!.code).toBe(-60_206);
    expect(problem!.message).toContain('no block of users leads hot from the sealers it knows to those of block 1');
    expect(problem!.advice).toContain('the committee of hot calls reset');
  });
});

describe('a relay that runs', () => {
  async function run(chains: readonly MemoryChain[], until: (ports: FakePorts, events: RelayEvent[]) => boolean) {
    const [ports, stop, events] = [new FakePorts(), new AbortController(), [] as RelayEvent[]];
    ports.onSleep = () => {
      if (until(ports, events)) stop.abort();
    };
    await relayOf(chains, (event) => events.push(event), ports).run(stop.signal);
    return { events, ports };
  }

  it('tells a problem once, waits longer and longer up to a bound, and says when it is over', async () => {
    const [users, hot] = pair();
    let failures = 20;
    hot.before = (call) => {
      if (call === 'lastTaken' && failures-- > 0) throw noConnection();
    };
    users.send(hot, ['a']);
    const { events, ports } = await run([users, hot], () => hot.taken.length > 0);
    const told = events.filter((event) => event.kind === 'problem' && event.place === 'users → hot');
    expect(told.map((event) => event.kind === 'problem' && [event.problem.code, event.retryMs])).toEqual([
      ['NoConnection', 1000],
    ]);
    expect(events).toContainEqual({ kind: 'recovered', place: 'users → hot' });
    expect(Math.max(...ports.slept.filter((ms) => ms < 60_000))).toBe(30_000);
    expect(hot.taken).toEqual(['a']);
  });

  it('closes epochs again and again, and carries what comes meanwhile', async () => {
    const [users, hot] = pair();
    users.shadows.set('shop', 1);
    let sent = 0;
    const { events } = await run([users, hot], () => {
      if (users.closings.length === 3) return true;
      users.shadows.set('shop', 1);
      if (sent < 5) users.send(hot, [`m${sent++}`]);
      return false;
    });
    expect(hot.taken).toEqual(texts('m', 5));
    expect(events.filter(({ kind }) => kind === 'closed').length).toBe(3);
  });

  it('closes each account in its turn, also where the first ones are paid all the time', async () => {
    const [users, hot] = pair();
    const accounts = texts('shop', 600);
    await run([users, hot], (ports) => {
      for (const account of accounts) users.shadows.set(account, 1);
      return users.closings.length >= 5 * 256 || ports.slept.length > 10_000;
    });
    expect(new Set(users.closings).size).toBe(600);
  });

  it('ends with what is no refusal: a fault of ours', async () => {
    const [users, hot] = pair();
    users.before = () => {
      throw new TypeError('a fault');
    };
    await expect(run([users, hot], () => false)).rejects.toThrow('a fault');
  });

  it('has ended all its loops then', async () => {
    const [users, hot] = pair();
    const calls: string[] = [];
    users.before = (call) => {
      if (call === 'closableAccounts') throw new TypeError('a fault');
    };
    await expect(run([users, hot], () => calls.length > 20)).rejects.toThrow('a fault');
    hot.before = (call) => calls.push(call);
    for (let turn = 0; turn < 10; turn++) await setImmediate();
    expect(calls).toEqual([]);
  });

  it('says when a node cannot give what waits, instead of waiting for ever', async () => {
    const [users, hot] = pair();
    users.messagesIn = async () => [];
    users.send(hot, ['a']);
    const { events } = await run([users, hot], (_, told) => told.some(({ kind }) => kind === 'problem'));
    const [problem] = events.flatMap((event) => (event.kind === 'problem' ? event.problem : []));
    expect(problem!.message).toContain('the node of users has no receipts of message 1 in block 1');
  });
});

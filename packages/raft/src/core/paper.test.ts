/**
 * The sentences of "In Search of an Understandable Consensus Algorithm", section 5, and of the thesis, 4.2.3 and 9.6, as
 * tests. Each drives one core with messages by hand and reads what it says.
 */
import { utf8Bytes } from '@menglian/base/bytes';
import { describe, expect, it } from 'vitest';
import { TEST_TUNING } from '../testing/cluster.js';
import { createConfiguration } from './configuration.js';
import { askWhetherToCampaign, campaign } from './election.js';
import type { Entry } from './entry.js';
import { accept } from './follower.js';
import { propose } from './leader.js';
import type { Append, RaftMessage } from './messages.js';
import { takeReady } from './ready.js';
import { createCore, type RaftCore } from './state.js';
import { step } from './step.js';
import { dueMs, tick } from './tick.js';

const T = TEST_TUNING.electionTimeoutMs;

/** Node a of `voters` nodes a, b, c … at term 1, or where the log ends. @param terms of its entries */
function core(voters = 3, ...terms: readonly number[]): RaftCore {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].slice(0, voters);
  const entries: Entry[] = terms.map((term, i) => ({ index: i + 1, term, content: { kind: 'noop' } }));
  const made = createCore(
    'a',
    TEST_TUNING,
    {
      isRecorded: true,
      hardState: { term: terms.at(-1) ?? 1, vote: undefined, committed: 0 },
      compaction: { index: 0, term: 0, configuration: createConfiguration(names), height: 0 },
      entries,
    },
    0,
  );
  tick(made, 0);
  return made;
}

/** What it says in answer to a message; the application accepts everything. */
function say(to: RaftCore, from: string, message: RaftMessage): RaftMessage[] {
  step(to, from, message);
  if (to.role === 'follower') accept(to, to.log.lastIndex);
  return said(to);
}

function said(by: RaftCore): RaftMessage[] {
  return takeReady(by).messages.map(({ message }) => message);
}

function leader(voters = 3, ...terms: readonly number[]): RaftCore {
  return win(core(voters, ...terms));
}

function win(made: RaftCore): RaftCore {
  campaign(made, false);
  for (const voter of ['b', 'c', 'd', 'e']) {
    if (made.role === 'candidate')
      step(made, voter, { kind: 'voteResponse', term: made.term, isGranted: true, removedAt: 0 });
  }
  expect(made.role).toBe('leader');
  said(made);
  return made;
}

function append(term: number, change: Partial<Append> = {}): Append {
  return { kind: 'append', term, previous: { index: 0, term: 0 }, committed: 0, entries: [], ...change };
}

function entries(from: number, ...terms: readonly number[]): Entry[] {
  return terms.map((term, i) => ({ index: from + i, term, content: { kind: 'noop' } }));
}

const acknowledges = (term: number, index: number): RaftMessage => ({
  kind: 'appendResponse',
  term,
  index,
  received: index,
  hint: undefined,
  isRefused: false,
});

const asks = (term: number, index: number, lastTerm: number, isTransfer = false): RaftMessage => ({
  kind: 'vote',
  term,
  last: { index, term: lastTerm },
  isTransfer,
});

describe('§5.1 terms', () => {
  it.each(['follower', 'candidate', 'leader'] as const)('a %s that sees a higher term becomes its follower', (role) => {
    const one = role === 'leader' ? leader() : core();
    if (role === 'candidate') campaign(one, false);
    expect(one.role).toBe(role);
    say(one, 'b', append(7));
    expect(one).toMatchObject({ term: 7, role: 'follower', leader: 'b', vote: undefined });
  });

  it('requests of an old term are refused, and their sender told', () => {
    const one = core(3, 5);
    expect(say(one, 'b', append(2, { entries: entries(1, 2) }))).toEqual([
      { kind: 'heartbeatResponse', term: 5, height: 0 },
    ]);
    expect(one.log.lastTerm).toBe(5);
    expect(say(one, 'c', asks(4, 9, 4))).toMatchObject([{ kind: 'voteResponse', term: 5, isGranted: false }]);
  });

  it('what is said has been written: term, vote and entries go first', () => {
    const one = core();
    step(one, 'b', asks(2, 0, 0));
    const { write, messages } = takeReady(one);
    expect(write?.hardState).toMatchObject({ term: 2, vote: 'b' });
    expect(messages).toMatchObject([{ to: 'b', message: { kind: 'voteResponse', isGranted: true } }]);
  });
});

describe('§5.2 election', () => {
  it('everybody begins as a follower, and stays one while a leader is heard of', () => {
    const one = core();
    for (let nowMs = 0; nowMs < 20 * T; nowMs += T / 2) {
      tick(one, nowMs);
      say(one, 'b', { kind: 'heartbeat', term: 1, committed: 0, height: 0 });
      expect(one.role).toBe('follower');
    }
  });

  it('a leader sends heartbeats to everybody', () => {
    const one = leader();
    tick(one, TEST_TUNING.heartbeatIntervalMs);
    expect(said(one).map(({ kind }) => kind)).toEqual(['heartbeat', 'heartbeat']);
  });

  it('without a leader for the timeout, in [T, 2T), it asks; different nodes wait for different times', () => {
    const waits = new Set<number>();
    for (const voters of [2, 3, 4, 5]) {
      const one = core(voters);
      one.draws = voters;
      say(one, 'b', { kind: 'heartbeat', term: 1, committed: 0, height: 0 });
      expect(dueMs(one)).toBeGreaterThanOrEqual(T);
      expect(dueMs(one)).toBeLessThan(2 * T);
      waits.add(dueMs(one));
      tick(one, dueMs(one));
      expect(said(one).filter(({ kind }) => kind === 'preVote').length).toBe(voters - 1);
    }
    expect(waits.size).toBe(4);
  });

  it('a candidate raises its term, votes for itself and asks all others', () => {
    const one = core(5);
    campaign(one, false);
    expect(one).toMatchObject({ term: 2, vote: 'a', role: 'candidate' });
    expect(said(one).filter(({ kind }) => kind === 'vote').length).toBe(4);
  });

  it.each([
    [1, [], 'leader'],
    [3, [true], 'leader'],
    [5, [true], 'candidate'],
    [5, [true, true], 'leader'],
    [5, [true, false, false, false], 'follower'],
    [3, [false, false], 'follower'],
  ] as const)('of %i voters, answers %j make it %s', (voters, answers, role) => {
    const one = core(voters);
    campaign(one, false);
    for (const [i, isGranted] of answers.entries()) {
      const voter = ['b', 'c', 'd', 'e'][i]!;
      step(one, voter, { kind: 'voteResponse', term: 2, isGranted, removedAt: 0 });
      step(one, voter, { kind: 'voteResponse', term: 2, isGranted: true, removedAt: 0 });
    }
    expect(one.role).toBe(role);
  });

  it('one vote in a term, first come first served; asked again, the same answer', () => {
    const one = core();
    expect(say(one, 'b', asks(2, 0, 0))).toMatchObject([{ isGranted: true }]);
    expect(say(one, 'c', asks(2, 0, 0))).toMatchObject([{ isGranted: false }]);
    expect(say(one, 'b', asks(2, 0, 0))).toMatchObject([{ isGranted: true }]);
  });

  it('a candidate that hears of a leader of its term follows; of an older one, goes on', () => {
    const one = core();
    campaign(one, false);
    say(one, 'b', append(1));
    expect(one.role).toBe('candidate');
    say(one, 'b', append(2));
    expect(one).toMatchObject({ role: 'follower', leader: 'b', term: 2 });
  });
});

describe('§5.3 replication', () => {
  it('a leader appends to its log and sends to everybody at once', () => {
    const one = leader();
    for (const node of ['b', 'c']) say(one, node, acknowledges(2, 1));
    expect(propose(one, utf8Bytes('x'))).toEqual({ ok: true, value: 2 });
    expect(said(one)).toMatchObject([
      { kind: 'append', previous: { index: 1, term: 2 }, entries: [{ index: 2, term: 2 }] },
      { kind: 'append', previous: { index: 1, term: 2 }, entries: [{ index: 2, term: 2 }] },
    ]);
  });

  it('an entry is committed when a majority has it, with everything before it, and the rest is told', () => {
    const one = leader(5, 1, 1);
    say(one, 'b', acknowledges(2, 3));
    expect(one.log.committed).toBe(0);
    const told = say(one, 'c', acknowledges(2, 3));
    expect(one.log.committed).toBe(3);
    expect(told).toContainEqual(expect.objectContaining({ kind: 'append', committed: 3 }));
  });

  it('a follower commits what its leader has, as far as what the message proves, no further', () => {
    const one = core(3, 1, 1, 1);
    say(one, 'b', append(2, { previous: { index: 2, term: 1 }, committed: 9 }));
    expect(one.log.committed).toBe(2);
    say(one, 'b', append(2, { previous: { index: 2, term: 1 }, entries: entries(3, 2), committed: 9 }));
    expect(one.log.committed).toBe(3);
    expect(one.log.lastTerm).toBe(2);
  });

  // Figure 7: what followers may look like when the leader of term 8 comes to power, and how it makes them its own.
  it.each([
    ['a', [1, 1, 1, 4, 4, 5, 5, 6, 6]],
    ['b', [1, 1, 1, 4]],
    ['c', [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6]],
    ['d', [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7]],
    ['e', [1, 1, 1, 4, 4, 4, 4]],
    ['f', [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3]],
  ])('figure 7 (%s) becomes the leader’s log, in few questions', (_, terms) => {
    const ahead = core(3, 1, 1, 1, 4, 4, 5, 5, 6, 6, 6);
    ahead.term = 7;
    win(ahead);
    const behind = core(3, ...terms);
    let questions = 0;
    let toFollower: RaftMessage[] = [
      append(ahead.term, { previous: { index: 10, term: 6 }, entries: ahead.log.range(11, 11), committed: 0 }),
    ];
    while (toFollower.length > 0) {
      questions++;
      const answers = toFollower.flatMap((message) => say(behind, 'b', message));
      toFollower = answers.flatMap((answer) => {
        step(ahead, 'b', answer);
        return takeReady(ahead).messages.flatMap(({ to, message }) => (to === 'b' ? [message] : []));
      });
    }
    const termsOf = (one: RaftCore): number[] => one.log.range(1, one.log.lastIndex).map(({ term }) => term);
    expect(termsOf(behind)).toEqual(termsOf(ahead));
    expect(questions).toBeLessThanOrEqual(6);
  });

  it('a refusal names a place and its term', () => {
    const one = core(3, 1, 1, 2, 2);
    expect(say(one, 'b', append(5, { previous: { index: 9, term: 1 } }))).toMatchObject([
      { kind: 'appendResponse', index: 9, hint: { index: 2, term: 1 } },
    ]);
  });
});

describe('§5.4 safety', () => {
  it.each([
    [[1], 1, 1, true],
    [[1], 2, 1, true],
    [[1, 1], 1, 1, false],
    [[1, 1], 1, 2, true],
    [[1, 2], 9, 1, false],
    [[1, 2], 2, 2, true],
  ])(
    'with entries of terms %j a candidate whose log ends at %i of term %i gets the vote: %s',
    (terms, index, term, isGranted) => {
      expect(say(core(3, ...terms), 'b', asks(9, index, term))).toMatchObject([{ kind: 'voteResponse', isGranted }]);
    },
  );

  it('§5.4.2 entries of older terms are never committed by counting', () => {
    const one = leader(3, 1, 2);
    say(one, 'b', acknowledges(3, 1));
    say(one, 'b', acknowledges(3, 2));
    expect(one.log.committed).toBe(0);
    say(one, 'b', acknowledges(3, 3));
    expect(one.log.committed).toBe(3);
  });
});

describe('thesis 4.2.3 and 9.6: disruption', () => {
  it('whoever has heard of a leader within T looks at no vote, whatever its term', () => {
    const one = core();
    say(one, 'b', append(1));
    expect(say(one, 'c', asks(9, 9, 9))).toEqual([]);
    expect(one.term).toBe(1);
    tick(one, T);
    expect(say(one, 'c', asks(9, 9, 9))).toMatchObject([{ isGranted: true }]);
  });

  it('unless the leader itself asked for the election', () => {
    const one = core();
    say(one, 'b', append(1));
    expect(say(one, 'c', asks(2, 9, 9, true))).toMatchObject([{ isGranted: true, term: 2 }]);
  });

  it('a pre-vote moves nobody’s term and takes nobody’s vote', () => {
    const one = core();
    const preVote: RaftMessage = { kind: 'preVote', term: 2, last: { index: 0, term: 0 }, isTransfer: false };
    expect(say(one, 'c', preVote)).toMatchObject([{ kind: 'preVoteResponse', term: 2, isGranted: true }]);
    expect(one).toMatchObject({ term: 1, vote: undefined });
    expect(say(one, 'b', asks(2, 0, 0))).toMatchObject([{ isGranted: true }]);
  });

  it('a term is raised only after a majority of pre-votes', () => {
    const one = core(5);
    askWhetherToCampaign(one);
    const yes: RaftMessage = { kind: 'preVoteResponse', term: 2, isGranted: true, removedAt: 0 };
    step(one, 'b', yes);
    step(one, 'b', yes);
    expect(one).toMatchObject({ role: 'preCandidate', term: 1 });
    step(one, 'c', yes);
    expect(one).toMatchObject({ role: 'candidate', term: 2 });
  });

  it('a leader that hears of no majority for T steps down', () => {
    const one = leader(5);
    for (let nowMs = 100; nowMs < 3 * T; nowMs += 100) {
      tick(one, nowMs);
      for (const node of ['b', 'c']) step(one, node, { kind: 'heartbeatResponse', term: one.term, height: 0 });
      expect(one.role).toBe('leader');
    }
    for (let nowMs = 3 * T; nowMs <= 5 * T; nowMs += 100) {
      tick(one, nowMs);
      step(one, 'b', { kind: 'heartbeatResponse', term: one.term, height: 0 });
    }
    expect(one).toMatchObject({ role: 'follower', leader: undefined });
  });
});

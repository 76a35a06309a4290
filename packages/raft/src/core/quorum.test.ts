import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createConfiguration } from './configuration.js';
import { committedByMajority, committedByQuorum, voteOfMajority, voteOfQuorum } from './quorum.js';

const NODES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const voters = fc.subarray(NODES);
const matches = fc.dictionary(fc.constantFrom(...NODES), fc.nat(12));
const votes = fc.dictionary(fc.constantFrom(...NODES), fc.boolean());

/** As the sentence says: the highest index that more than half have reached. Tries every index. */
function naiveCommitted(of: readonly string[], matchOf: (node: string) => number): number {
  for (let index = 12; index > 0; index--) {
    if (of.filter((node) => matchOf(node) >= index).length > of.length / 2) return index;
  }
  return 0;
}

/** As the sentence says: won when no further answers can change it, and so on. Tries every way the rest may answer. */
function naiveVote(of: readonly string[], known: ReadonlyMap<string, boolean>): string {
  const silent = of.filter((node) => !known.has(node));
  const outcomes = new Set<boolean>();
  for (let bits = 0; bits < 2 ** silent.length; bits++) {
    const all = new Map(known);
    for (const [i, node] of silent.entries()) all.set(node, (bits & (1 << i)) !== 0);
    outcomes.add(of.filter((node) => all.get(node)).length > of.length / 2);
  }
  if (outcomes.size === 2) return 'pending';
  return outcomes.has(true) ? 'won' : 'lost';
}

describe('majorities', () => {
  it('commit what a naive model commits', () => {
    fc.assert(
      fc.property(voters, matches, (of, byNode) => {
        const matchOf = (node: string): number => byNode[node] ?? 0;
        const expected = of.length === 0 ? Number.POSITIVE_INFINITY : naiveCommitted(of, matchOf);
        expect(committedByMajority(of, matchOf)).toBe(expected);
      }),
      { numRuns: 5000 },
    );
  });

  it('count votes as a naive model does', () => {
    fc.assert(
      fc.property(voters, votes, (of, byNode) => {
        const known = new Map(Object.entries(byNode));
        expect(voteOfMajority(of, known)).toBe(of.length === 0 ? 'won' : naiveVote(of, known));
      }),
      { numRuns: 5000 },
    );
  });

  it('need more than half: of two both, of four three', () => {
    const yes = (...nodes: string[]): Map<string, boolean> => new Map(nodes.map((node) => [node, true]));
    expect(voteOfMajority(['a', 'b'], yes('a'))).toBe('pending');
    expect(voteOfMajority(['a', 'b', 'c', 'd'], yes('a', 'b'))).toBe('pending');
    expect(voteOfMajority(['a', 'b', 'c', 'd'], yes('a', 'b', 'c'))).toBe('won');
    expect(committedByMajority(['a', 'b', 'c', 'd'], (node) => ({ a: 9, b: 8, c: 7, d: 6 })[node] ?? 0)).toBe(7);
  });
});

describe('joint quorums', () => {
  const joint = (incoming: readonly string[], outgoing: readonly string[]) => ({
    ...createConfiguration(incoming),
    outgoing,
  });

  it('of a set with itself are that set; the order of the halves does not matter', () => {
    fc.assert(
      fc.property(voters, voters, matches, votes, (one, other, byNode, voteByNode) => {
        const matchOf = (node: string): number => byNode[node] ?? 0;
        const known = new Map(Object.entries(voteByNode));
        expect(committedByQuorum(joint(one, one), matchOf)).toBe(committedByMajority(one, matchOf));
        expect(voteOfQuorum(joint(one, one), known)).toBe(voteOfMajority(one, known));
        expect(committedByQuorum(joint(one, other), matchOf)).toBe(committedByQuorum(joint(other, one), matchOf));
        expect(voteOfQuorum(joint(one, other), known)).toBe(voteOfQuorum(joint(other, one), known));
      }),
    );
  });

  it('need both halves, and one lost half is enough to lose', () => {
    fc.assert(
      fc.property(voters, voters, votes, (one, other, byNode) => {
        const known = new Map(Object.entries(byNode));
        const results = new Set([voteOfMajority(one, known), voteOfMajority(other, known)]);
        const expected = results.has('lost') ? 'lost' : results.has('pending') ? 'pending' : 'won';
        expect(voteOfQuorum(joint(one, other), known)).toBe(expected);
      }),
    );
  });
});

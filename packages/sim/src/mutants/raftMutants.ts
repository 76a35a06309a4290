/** Rules of Raft, broken one at a time. */
import type { NodeId } from '@menglian/types/address';
import type { Effect } from '@menglian/consensus-core/ports';
import type { Configuration } from '@menglian/raft/core/configuration';
import type { LogPosition } from '@menglian/raft/core/entry';
import type { RaftLog } from '@menglian/raft/core/log';
import type { VoteRequest } from '@menglian/raft/core/messages';
import type { Write } from '@menglian/raft/core/ready';
import type { RaftCore } from '@menglian/raft/core/state';
import type { Line } from '@menglian/raft/line';
import type { Replica } from '@menglian/raft/replica';
import { hardElections, manyMembersChange } from '../swarm.js';
import { type Mutant, original, withMethod } from './mutant.js';

type Committed = (configuration: Configuration, matchOf: (nodeId: NodeId) => number) => number;
type CountVotes = (configuration: Configuration, votes: ReadonlyMap<NodeId, boolean>) => string;

export const RAFT_MUTANTS: readonly Mutant[] = [
  {
    name: 'majority-too-small',
    what: 'half of the voters is a majority',
    module: '@menglian/consensus-core/quorum',
    exports: ['majoritySize'],
    change: () => ({ majoritySize: (n: number) => Math.max(1, Math.floor(n / 2)) }),
    options: hardElections,
    seeds: 20,
  },
  {
    name: 'commits-old-terms',
    what: 'entries of earlier terms are committed by counting (figure 8 of the paper)',
    module: '@menglian/raft/core/replicate',
    exports: ['advanceCommit'],
    change: () => ({ advanceCommit: commitByCountingAlone }),
    options: hardElections,
    seeds: 60,
  },
  {
    name: 'commits-at-once',
    what: 'a leader commits what it appends',
    module: '@menglian/raft/core/replicate',
    exports: ['advanceCommit'],
    change: () => ({
      advanceCommit: ({ log }: RaftCore) => {
        if (log.lastIndex <= log.committed) return false;
        log.commitTo(log.lastIndex);
        return true;
      },
    }),
    options: hardElections,
    seeds: 20,
  },
  {
    name: 'vote-not-recorded',
    what: 'the vote of a term is not durable',
    module: '@menglian/raft/records',
    exports: ['recordsOf'],
    change: (actual) => ({
      recordsOf: (write: Write) =>
        original<(write: Write) => unknown>(
          actual,
          'recordsOf',
        )({ ...write, hardState: { ...write.hardState, vote: undefined } }),
    }),
    options: hardElections,
    seeds: 3,
  },
  {
    name: 'term-lowered',
    what: 'the term recorded is one too low',
    module: '@menglian/raft/records',
    exports: ['recordsOf'],
    change: (actual) => ({
      recordsOf: (write: Write) =>
        original<(write: Write) => unknown>(
          actual,
          'recordsOf',
        )({ ...write, hardState: { ...write.hardState, term: Math.max(0, write.hardState.term - 1) } }),
    }),
    options: hardElections,
    seeds: 3,
  },
  {
    name: 'votes-for-old-logs',
    what: 'votes are given whatever the log of the candidate',
    module: '@menglian/raft/core/vote',
    exports: ['onVoteRequest'],
    change: (actual) => ({
      onVoteRequest: (core: RaftCore, from: NodeId, request: VoteRequest) =>
        original<(core: RaftCore, from: NodeId, request: object) => void>(actual, 'onVoteRequest')(core, from, {
          ...request,
          last: { index: Number.MAX_SAFE_INTEGER, term: Number.MAX_SAFE_INTEGER },
        }),
    }),
    options: hardElections,
    seeds: 60,
  },
  {
    name: 'votes-twice',
    what: 'several votes are given in one term',
    module: '@menglian/raft/core/vote',
    exports: ['onVoteRequest'],
    change: (actual) => ({
      onVoteRequest: (core: RaftCore, from: NodeId, request: VoteRequest) => {
        core.vote = undefined;
        original<(core: RaftCore, from: NodeId, request: VoteRequest) => void>(actual, 'onVoteRequest')(
          core,
          from,
          request,
        );
      },
    }),
    options: hardElections,
    seeds: 200,
  },
  {
    name: 'truncates-on-shorter-append',
    what: 'an append that ends earlier than the log cuts the log',
    module: '@menglian/raft/core/log',
    exports: ['RaftLog'],
    change: (actual) =>
      withMethod(
        actual,
        'RaftLog',
        'appendAfter',
        (appendAfter) =>
          function (this: RaftLog, ...args: readonly unknown[]) {
            const [previous, entries] = args as readonly [LogPosition, readonly unknown[]];
            const end = previous.index + entries.length;
            if (this.termAt(previous.index) === previous.term && end < this.lastIndex && end >= this.committed) {
              this.truncateAfter(end);
            }
            return appendAfter.apply(this as never, args as never);
          } as never,
      ),
    options: hardElections,
    seeds: 200,
  },
  {
    name: 'logs-need-not-match',
    what: 'entries are appended whatever stands before them',
    module: '@menglian/raft/core/log',
    exports: ['RaftLog'],
    change: (actual) =>
      withMethod(
        actual,
        'RaftLog',
        'appendAfter',
        (appendAfter) =>
          function (this: RaftLog, ...args: readonly unknown[]) {
            const [previous, entries] = args as readonly [LogPosition, readonly unknown[]];
            const term = this.termAt(previous.index) ?? previous.term;
            return appendAfter.call(this as never, { ...previous, term } as never, entries as never);
          } as never,
      ),
    options: hardElections,
    seeds: 60,
  },
  {
    name: 'learners-count',
    what: 'learners count for the commit',
    module: '@menglian/raft/core/quorum',
    exports: ['committedByQuorum'],
    change: (actual) => ({
      committedByQuorum: ({ voters, learners }: Configuration, matchOf: (nodeId: NodeId) => number) =>
        original<(voters: readonly NodeId[], matchOf: (nodeId: NodeId) => number) => number>(
          actual,
          'committedByMajority',
        )(
          learners.length === 0
            ? voters
            : [...voters, ...learners].sort((a, b) => matchOf(b) - matchOf(a)).slice(0, voters.length),
          matchOf,
        ),
    }),
    options: manyMembersChange,
    seeds: 60,
  },
  {
    name: 'no-joint-quorum',
    what: 'during a change of members the old majority is not asked',
    module: '@menglian/raft/core/quorum',
    exports: ['committedByQuorum', 'voteOfQuorum'],
    change: (actual) => ({
      committedByQuorum: (configuration: Configuration, matchOf: (nodeId: NodeId) => number) =>
        original<Committed>(actual, 'committedByQuorum')({ ...configuration, outgoing: [] }, matchOf),
      voteOfQuorum: (configuration: Configuration, votes: ReadonlyMap<NodeId, boolean>) =>
        original<CountVotes>(actual, 'voteOfQuorum')({ ...configuration, outgoing: [] }, votes),
    }),
    options: manyMembersChange,
    seeds: 60,
    firstSeed: 20,
  },
  {
    name: 'acknowledges-before-durable',
    what: 'answers leave before what they answer for is durable',
    module: '@menglian/raft/output',
    exports: ['takeEffects'],
    change: (actual) => ({
      takeEffects: (replica: Replica) => {
        const effects = original<(replica: Replica) => Effect[]>(actual, 'takeEffects')(replica);
        return [...effects.filter(({ kind }) => kind === 'send'), ...effects.filter(({ kind }) => kind !== 'send')];
      },
    }),
    options: hardElections,
    seeds: 3,
  },
  {
    name: 'results-before-commit',
    what: 'results are signed before their order is committed',
    module: '@menglian/raft/result',
    exports: ['castResults'],
    change: (actual) => ({
      castResults: (replica: Replica, line: Line) => {
        const { committed, lastIndex } = replica.core.log;
        const asIfCommitted = line.places.map((place) => ({ ...place, index: Math.min(place.index, committed) }));
        const places = committed < lastIndex ? asIfCommitted : line.places;
        original<(replica: Replica, line: Line) => void>(actual, 'castResults')(replica, { ...line, places });
      },
    }),
    options: hardElections,
    seeds: 100,
  },
];

/** The quorum's rule alone, without the one about terms. */
function commitByCountingAlone(core: RaftCore): boolean {
  const { voters, outgoing } = core.log.configurationAt(core.log.lastIndex).configuration;
  const matchOf = (nodeId: NodeId): number => core.progress.get(nodeId)?.match ?? 0;
  const byMajority = (nodes: readonly NodeId[]): number =>
    nodes.length === 0
      ? Number.POSITIVE_INFINITY
      : nodes.map(matchOf).sort((a, b) => b - a)[Math.floor(nodes.length / 2)]!;
  const index = Math.min(byMajority(voters), byMajority(outgoing));
  if (index <= core.log.committed) return false;
  core.log.commitTo(index);
  return true;
}

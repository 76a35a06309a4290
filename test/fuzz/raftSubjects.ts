import { decodeMessage, encodeMessage, type Message } from '@menglian/raft/messageCodec';
import { recordsOf, restoreRecords } from '@menglian/raft/records';
import { canonical, type Subject } from './subjects.js';

const nodeIds = ['1', '5', '9', 'd'].map((digit) => digit.repeat(128));
const configuration = {
  voters: nodeIds.slice(0, 3),
  outgoing: nodeIds.slice(1),
  learners: [],
  learnersNext: [],
  epoch: 2,
};
const previous = { index: 4, term: 2 };
const ENTRIES = [
  { index: 5, term: 2, content: { kind: 'noop' } },
  { index: 6, term: 3, content: { kind: 'configuration', configuration } },
  { index: 7, term: 3, content: { kind: 'data', data: new Uint8Array(90).fill(3) } },
] as const;

const MESSAGES: readonly Message[] = [
  { kind: 'preVote', term: 3, last: previous, isTransfer: false },
  { kind: 'vote', term: 3, last: previous, isTransfer: true },
  { kind: 'preVoteResponse', term: 3, isGranted: true, removedAt: 0 },
  { kind: 'voteResponse', term: 3, isGranted: false, removedAt: 6 },
  { kind: 'append', term: 3, previous, committed: 4, entries: ENTRIES },
  { kind: 'appendResponse', term: 3, index: 7, received: 7, hint: undefined, isRefused: false },
  { kind: 'appendResponse', term: 3, index: 7, received: 7, hint: previous, isRefused: true },
  { kind: 'heartbeat', term: 3, committed: 7, height: 2 },
  { kind: 'heartbeatResponse', term: 3, height: 2 },
  { kind: 'snapshot', term: 3, at: previous, configuration, height: 2 },
  { kind: 'timeoutNow', term: 3 },
  { kind: 'result', height: 2, headerHash: new Uint8Array(32).fill(8), signature: new Uint8Array(65).fill(9) },
];

/** What Raft nodes say to each other and keep on disk. */
export function raftSubjects(): Subject[] {
  const records = recordsOf({
    hardState: { term: 3, vote: nodeIds[1], committed: 5 },
    bounds: { compactionIndex: 4, lastIndex: 7 },
    entries: ENTRIES,
    compaction: { ...previous, configuration, height: 1 },
    deletions: [],
  });
  const initial = { index: 0, term: 0, configuration, height: 0 };
  return [
    {
      name: 'messages of Raft',
      samples: MESSAGES.map(encodeMessage),
      run: canonical(decodeMessage, encodeMessage),
    },
    {
      name: 'the records a Raft node starts with',
      samples: records.flatMap(({ value }) => (value === undefined ? [] : [value])),
      run: (bytes) => {
        const outcomes = records.map((damaged) => {
          const all = records.map(({ key, value }) => ({ key, value: key === damaged.key ? bytes : value! }));
          return restoreRecords(all, initial);
        });
        const taken = outcomes.find((outcome) => outcome.ok);
        const refused = outcomes.find((outcome) => !outcome.ok);
        return taken !== undefined || refused === undefined || refused.ok ? undefined : refused.reason;
      },
    },
  ];
}

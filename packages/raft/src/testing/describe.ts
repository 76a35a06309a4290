/** Words for transcripts. */
import { utf8Text } from '@menglian/base/bytes';
import type { Configuration } from '../core/configuration.js';
import type { Entry, LogPosition } from '../core/entry.js';
import type { RaftMessage } from '../core/messages.js';
import type { Write } from '../core/ready.js';

/** index.term */
function at({ index, term }: LogPosition): string {
  return `${index}.${term}`;
}

export function describeEntry(entry: Entry): string {
  const { content } = entry;
  if (content.kind === 'data') return `${at(entry)} ${utf8Text(content.data)}`;
  if (content.kind === 'noop') return `${at(entry)} no-op`;
  return `${at(entry)} ${describeConfiguration(content.configuration)}`;
}

export function describeConfiguration(configuration: Configuration): string {
  const { voters, outgoing, learners, learnersNext } = configuration;
  const parts = [`voters ${voters.join(' ')}`];
  if (outgoing.length > 0) parts.push(`and ${outgoing.join(' ')}`);
  if (learners.length > 0) parts.push(`learners ${learners.join(' ')}`);
  if (learnersNext.length > 0) parts.push(`then learners ${learnersNext.join(' ')}`);
  return `(${parts.join(', ')})`;
}

export function describeMessage(message: RaftMessage): string {
  const { kind, term } = message;
  const head = `${kind} term ${term}`;
  switch (message.kind) {
    case 'preVote':
    case 'vote':
      return `${head}, log ends at ${at(message.last)}${message.isTransfer ? ', by transfer' : ''}`;
    case 'preVoteResponse':
    case 'voteResponse':
      return `${head}: ${message.isGranted ? 'yes' : 'no'}${message.removedAt > 0 ? `, removed at ${message.removedAt}` : ''}`;
    case 'append': {
      const entries = message.entries.map(describeEntry).join(', ');
      return `${head} after ${at(message.previous)}: [${entries}] commit ${message.committed}`;
    }
    case 'appendResponse': {
      const refused = message.isRefused ? ', refuses what follows' : '';
      const received = message.received > message.index ? `, received ${message.received}` : '';
      if (message.hint === undefined) return `${head}: has ${message.index}${received}${refused}`;
      return `${head}: no match at ${message.index}, perhaps at ${at(message.hint)}`;
    }
    case 'heartbeat':
      return `${head} commit ${message.committed}, height ${message.height}`;
    case 'heartbeatResponse':
      return `${head}, height ${message.height}`;
    case 'snapshot':
      return `${head} at ${at(message.at)}, height ${message.height} ${describeConfiguration(message.configuration)}`;
    case 'timeoutNow':
      return head;
  }
}

export function describeWrite({ hardState, entries, deletions, compaction }: Write): string {
  const parts = [`term ${hardState.term}${hardState.vote === undefined ? '' : ` vote ${hardState.vote}`}`];
  for (const { from, to } of deletions) parts.push(`deletes ${from}-${to}`);
  if (compaction !== undefined && compaction.index > 0) parts.push(`begins after ${at(compaction)}`);
  if (entries.length > 0) parts.push(entries.map(at).join(' '));
  return parts.join(', ');
}

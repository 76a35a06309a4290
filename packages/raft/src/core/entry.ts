/** What the log is made of. */
import type { Configuration } from './configuration.js';

export type EntryContent =
  /** Begins a leader's term: with it, everything before it is committed (Raft §5.4.2, §8). */
  | { readonly kind: 'noop' }
  /** The whole configuration that holds from this entry on, so that going back means looking further down the log. */
  | { readonly kind: 'configuration'; readonly configuration: Configuration }
  /** What the log is kept for. Opaque to the core. */
  | { readonly kind: 'data'; readonly data: Uint8Array };

export interface Entry {
  readonly index: number;
  readonly term: number;
  readonly content: EntryContent;
}

/** A place in the log. Two logs that agree on one agree on everything before it (Raft §5.3, Log Matching). */
export interface LogPosition {
  readonly index: number;
  readonly term: number;
}

const ENTRY_OVERHEAD_BYTES = 32;
const MEMBER_BYTES = 64;

/** About as many bytes as it takes on the wire: what flow control counts. */
export function entryBytes({ content }: Entry): number {
  switch (content.kind) {
    case 'noop':
      return ENTRY_OVERHEAD_BYTES;
    case 'data':
      return ENTRY_OVERHEAD_BYTES + content.data.length;
    case 'configuration': {
      const { voters, outgoing, learners, learnersNext } = content.configuration;
      const members = voters.length + outgoing.length + learners.length + learnersNext.length;
      return ENTRY_OVERHEAD_BYTES + MEMBER_BYTES * members;
    }
  }
}

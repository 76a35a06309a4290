/**
 * The log in memory: a compaction point, the entries after it, and three cursors.
 *
 *     compacted ≤ committed ≤ stable ≤ last
 *
 * `stable` is the asynchronous-storage form of etcd in our clothes: what is above it has been received, matches the
 * leader's log, and is not answered for yet, because the application has not accepted it (its transactions may still be
 * on their way). Nothing above `stable` was ever acknowledged, so it may be dropped at any time.
 */
import { invariant } from '@menglian/base/invariant';
import type { Configuration } from './configuration.js';
import { type Entry, entryBytes, type LogPosition } from './entry.js';

interface PlacedConfiguration {
  readonly index: number;
  readonly configuration: Configuration;
}

/** What stands in for everything up to `index`. */
export interface CompactionPoint extends LogPosition {
  readonly configuration: Configuration;
  /** The application has everything up to `index` once it has reached this height. */
  readonly height: number;
}

/**
 * `mismatch`: the logs differ at the place the message builds on. `broken`: it contradicts what is committed, which no
 * leader does.
 */
export type AppendOutcome = 'matched' | 'mismatch' | 'broken';

export class RaftLog {
  #compaction: CompactionPoint;
  /** Entry of index i is at i - compaction.index - 1. */
  #entries: Entry[] = [];
  #stable: number;
  #committed: number;
  #written: number;
  /** Configurations in the log, ascending, after the one of the compaction point. */
  #configurations: PlacedConfiguration[];

  constructor(compaction: CompactionPoint) {
    this.#compaction = compaction;
    this.#stable = compaction.index;
    this.#committed = compaction.index;
    this.#written = compaction.index;
    this.#configurations = [compaction];
  }

  get compaction(): CompactionPoint {
    return this.#compaction;
  }

  get firstIndex(): number {
    return this.#compaction.index + 1;
  }

  get lastIndex(): number {
    return this.#compaction.index + this.#entries.length;
  }

  get lastTerm(): number {
    return this.termAt(this.lastIndex)!;
  }

  get stable(): number {
    return this.#stable;
  }

  /** The end of what this node answers for: what its votes are judged by. */
  get stablePosition(): LogPosition {
    return { index: this.#stable, term: this.termAt(this.#stable)! };
  }

  get committed(): number {
    return this.#committed;
  }

  /** Entries up to here are on disk as they stand here. Follows `stable` when ready.ts hands them out. */
  get written(): number {
    return this.#written;
  }

  markWritten(): void {
    this.#written = this.#stable;
  }

  /** Undefined outside of [compaction point, last]. */
  termAt(index: number): number | undefined {
    if (index === this.#compaction.index) return this.#compaction.term;
    return this.entry(index)?.term;
  }

  entry(index: number): Entry | undefined {
    return this.#entries[index - this.firstIndex];
  }

  /** Entries of [from, to]. */
  range(from: number, to: number): Entry[] {
    return this.#entries.slice(Math.max(0, from - this.firstIndex), Math.max(0, to - this.firstIndex + 1));
  }

  /** Up to `maximumEntries` from `from` on, as many as fit into `maximumBytes`; at least one if there is any. */
  batch(from: number, maximumBytes: number, maximumEntries: number): Entry[] {
    const entries: Entry[] = [];
    let bytes = 0;
    for (let index = from; index <= this.lastIndex && entries.length < maximumEntries; index++) {
      const entry = this.entry(index)!;
      bytes += entryBytes(entry);
      if (entries.length > 0 && bytes > maximumBytes) break;
      entries.push(entry);
    }
    return entries;
  }

  /** The configuration in force for whoever's log ends at `index`, and where it was appended. */
  configurationAt(index: number): PlacedConfiguration {
    const found = this.#configurations.findLast((placed) => placed.index <= index);
    invariant(found !== undefined, 'raft/configuration-lost', `${index}`);
    return found;
  }

  /** A leader's own entry. */
  append(entry: Entry): void {
    invariant(entry.index === this.lastIndex + 1 && entry.term >= this.lastTerm, 'raft/append-order', `${entry.index}`);
    this.#entries.push(entry);
    const { content } = entry;
    if (content.kind === 'configuration') {
      this.#configurations.push({ index: entry.index, configuration: content.configuration });
    }
  }

  /**
   * Entries from a leader. Only a conflicting suffix is deleted: a message that merely ends earlier than our log may be
   * an old one, and what follows may have been acknowledged (Raft §5.3).
   */
  appendAfter(previous: LogPosition, entries: readonly Entry[]): AppendOutcome {
    if (this.termAt(previous.index) !== previous.term) return 'mismatch';
    const firstNew = entries.findIndex((entry) => this.termAt(entry.index) !== entry.term);
    if (firstNew < 0) return 'matched';
    const { index } = entries[firstNew]!;
    if (index <= this.#committed) return 'broken';
    if (index <= this.lastIndex) this.truncateAfter(index - 1);
    for (const entry of entries.slice(firstNew)) this.append(entry);
    return 'matched';
  }

  truncateAfter(index: number): void {
    invariant(index >= this.#committed, 'raft/truncates-committed', `${index} below ${this.#committed}`);
    this.#entries.length = Math.max(0, index - this.#compaction.index);
    this.#stable = Math.min(this.#stable, index);
    this.#written = Math.min(this.#written, index);
    this.#configurations = this.#configurations.filter((placed) => placed.index <= index);
  }

  /**
   * The largest index ≤ `index` whose term is ≤ `term`: where two logs may at best agree, given that one of them has
   * `term` there. One question crosses a whole term (Raft §5.3, end).
   */
  findConflict(index: number, term: number): number {
    for (let at = Math.min(index, this.lastIndex); at > this.#compaction.index; at--) {
      if (this.entry(at)!.term <= term) return at;
    }
    return Math.min(index, this.#compaction.index);
  }

  /** Entries up to `index` are accepted and recorded. */
  stabilise(index: number): void {
    invariant(index <= this.lastIndex, 'raft/stable-beyond-end');
    this.#stable = Math.max(this.#stable, index);
  }

  commitTo(index: number): void {
    invariant(index <= this.#stable, 'raft/commits-unstable', `${index} above ${this.#stable}`);
    this.#committed = Math.max(this.#committed, index);
  }

  /** Forgets everything up to `index`, which must be committed. @param height see `CompactionPoint` */
  compactTo(index: number, height: number): void {
    if (index <= this.#compaction.index) return;
    invariant(index <= this.#committed, 'raft/compacts-uncommitted');
    const { configuration } = this.configurationAt(index);
    const compaction = { index, term: this.termAt(index)!, configuration, height };
    this.#entries = this.#entries.slice(index - this.#compaction.index);
    this.#configurations = [compaction, ...this.#configurations.filter((placed) => placed.index > index)];
    this.#compaction = compaction;
  }

  /** Begins anew after a snapshot that this log does not reach or does not match. */
  reset(compaction: CompactionPoint): void {
    invariant(compaction.index >= this.#committed, 'raft/snapshot-behind-commit');
    this.#compaction = compaction;
    this.#entries = [];
    this.#configurations = [compaction];
    this.#stable = compaction.index;
    this.#committed = compaction.index;
    this.#written = compaction.index;
  }
}

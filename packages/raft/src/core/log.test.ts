import { describe, expect, it } from 'vitest';
import { utf8Bytes } from '@menglian/base/bytes';
import { createConfiguration } from './configuration.js';
import type { Entry, EntryContent } from './entry.js';
import { RaftLog } from './log.js';

const FIRST = createConfiguration(['a', 'b', 'c']);
const SECOND = createConfiguration(['a', 'b']);

function entry(index: number, term: number, content: EntryContent = { kind: 'noop' }): Entry {
  return { index, term, content };
}

/** Terms of the entries from index 1 on. */
function logOf(...terms: readonly number[]): RaftLog {
  const log = new RaftLog({ index: 0, term: 0, configuration: FIRST, height: 0 });
  for (const [i, term] of terms.entries()) log.append(entry(i + 1, term));
  log.stabilise(log.lastIndex);
  return log;
}

function termsOf(log: RaftLog): number[] {
  return log.range(log.firstIndex, log.lastIndex).map(({ term }) => term);
}

describe('a log', () => {
  it('takes a leader’s entries where the logs meet, and nowhere else', () => {
    const log = logOf(1, 1, 2);
    expect(log.appendAfter({ index: 3, term: 2 }, [entry(4, 2)])).toBe('matched');
    expect(log.appendAfter({ index: 4, term: 1 }, [entry(5, 2)])).toBe('mismatch');
    expect(log.appendAfter({ index: 9, term: 2 }, [])).toBe('mismatch');
    expect(termsOf(log)).toEqual([1, 1, 2, 2]);
  });

  it('deletes a conflicting suffix only: a message that ends earlier is not a conflict', () => {
    const log = logOf(1, 1, 2, 2);
    expect(log.appendAfter({ index: 1, term: 1 }, [entry(2, 1)])).toBe('matched');
    expect(termsOf(log)).toEqual([1, 1, 2, 2]);
    expect(log.appendAfter({ index: 2, term: 1 }, [entry(3, 3)])).toBe('matched');
    expect(termsOf(log)).toEqual([1, 1, 3]);
    expect(log.stable).toBe(2);
  });

  it('never gives up what is committed, whatever a message says', () => {
    const log = logOf(1, 1, 2);
    log.commitTo(2);
    expect(log.appendAfter({ index: 0, term: 0 }, [entry(1, 3)])).toBe('broken');
    expect(() => log.truncateAfter(1)).toThrow('raft/truncates-committed');
    expect(termsOf(log)).toEqual([1, 1, 2]);
  });

  it('commits only what it answers for', () => {
    const log = logOf(1);
    log.appendAfter({ index: 1, term: 1 }, [entry(2, 1)]);
    expect(() => log.commitTo(2)).toThrow('raft/commits-unstable');
  });

  it.each([
    { terms: [1, 1, 1, 4, 4, 5, 5, 6, 6], index: 9, term: 5, found: 7 },
    { terms: [1, 1, 1, 4, 4, 5, 5, 6, 6], index: 20, term: 9, found: 9 },
    { terms: [1, 1, 1, 4, 4], index: 5, term: 3, found: 3 },
    { terms: [2, 2], index: 2, term: 1, found: 0 },
  ])('finds where it may meet a log with term $term at $index', ({ terms, index, term, found }) => {
    expect(logOf(...terms).findConflict(index, term)).toBe(found);
  });

  it('sends at least one entry and no more than fit', () => {
    const log = logOf(1);
    const data = (size: number): EntryContent => ({ kind: 'data', data: utf8Bytes('x'.repeat(size)) });
    for (const [i, size] of [100, 100, 5000].entries()) log.append(entry(i + 2, 1, data(size)));
    expect(log.batch(2, 300, 9).map(({ index }) => index)).toEqual([2, 3]);
    expect(log.batch(4, 300, 9).map(({ index }) => index)).toEqual([4]);
    expect(log.batch(5, 300, 9)).toEqual([]);
    expect(log.batch(1, 300, 2).map(({ index }) => index)).toEqual([1, 2]);
  });

  it('goes back to the older configuration when the entry of the newer is gone', () => {
    const log = logOf(1);
    log.append(entry(2, 1, { kind: 'configuration', configuration: SECOND }));
    expect(log.configurationAt(1).configuration).toEqual(FIRST);
    expect(log.configurationAt(2)).toEqual({ index: 2, configuration: SECOND });
    log.truncateAfter(1);
    expect(log.configurationAt(5).configuration).toEqual(FIRST);
  });

  it('keeps, when it is cut, the configuration and the term of the place', () => {
    const log = logOf(1);
    log.append(entry(2, 2, { kind: 'configuration', configuration: SECOND }));
    log.append(entry(3, 2));
    log.stabilise(3);
    log.commitTo(3);
    log.compactTo(2, 7);
    expect(log.compaction).toEqual({ index: 2, term: 2, configuration: SECOND, height: 7 });
    expect([log.termAt(1), log.termAt(2), log.termAt(3), log.termAt(4)]).toEqual([undefined, 2, 2, undefined]);
    expect(log.configurationAt(3).configuration).toEqual(SECOND);
    log.compactTo(1, 9);
    expect(log.compaction.index).toBe(2);
  });
});

import { describe, expect, it } from 'vitest';
import { createConfiguration } from './core/configuration.js';
import type { Entry } from './core/entry.js';
import type { Write } from './core/ready.js';
import { recordsOf, restoreRecords } from './records.js';

const A = 'a'.repeat(128);
const INITIAL = { index: 0, term: 0, configuration: createConfiguration([A]), height: 0 };

function entriesOf(...terms: readonly number[]): Entry[] {
  return terms.map((term, i) => ({ index: i + 1, term, content: { kind: 'noop' } }));
}

const FIRST_WRITE: Write = {
  hardState: { term: 3, vote: A, committed: 2 },
  bounds: { compactionIndex: 0, lastIndex: 4 },
  entries: entriesOf(1, 1, 2, 3),
  compaction: INITIAL,
  deletions: [],
};
const CUT_WRITE: Write = {
  ...FIRST_WRITE,
  bounds: { compactionIndex: 2, lastIndex: 4 },
  entries: [],
  compaction: { index: 2, term: 1, configuration: createConfiguration([A]), height: 5 },
  deletions: [{ from: 1, to: 2 }],
};

/** A disk after these writes. */
function disk(...writes: readonly Write[]): Map<string, Uint8Array> {
  const records = new Map<string, Uint8Array>();
  for (const write of writes) {
    for (const { key, value } of recordsOf(write)) {
      if (value === undefined) records.delete(key);
      else records.set(key, value);
    }
  }
  return records;
}

function restore(records: ReadonlyMap<string, Uint8Array>): ReturnType<typeof restoreRecords> {
  return restoreRecords(
    [...records].map(([key, value]) => ({ key, value })),
    INITIAL,
  );
}

describe('records', () => {
  it('of a new node are none', () => {
    const hardState = { term: 0, vote: undefined, committed: 0 };
    expect(restore(new Map())).toEqual({
      ok: true,
      value: { isRecorded: false, hardState, compaction: INITIAL, entries: [] },
    });
  });

  it('bring back state, compaction point and entries', () => {
    const { hardState, entries } = FIRST_WRITE;
    const { compaction } = CUT_WRITE;
    expect(restore(disk(FIRST_WRITE))).toEqual({
      ok: true,
      value: { isRecorded: true, hardState, compaction: INITIAL, entries },
    });
    expect(restore(disk(FIRST_WRITE, CUT_WRITE))).toEqual({
      ok: true,
      value: { isRecorded: true, hardState, compaction, entries: entries.slice(2) },
    });
  });

  it.each([[[FIRST_WRITE]], [[FIRST_WRITE, CUT_WRITE]]])(
    'of which any one is missing or damaged are a reason not to start (%#)',
    (writes) => {
      const records = disk(...writes);
      for (const [key, value] of records) {
        for (let length = 0; length < value.length; length += 7) {
          expect(restore(new Map(records).set(key, value.subarray(0, length))).ok, key).toBe(false);
        }
        const without = new Map(records);
        without.delete(key);
        expect(restore(without).ok, key).toBe(false);
      }
      expect(restore(new Map(records).set('raft.entry.9', records.get('raft.entry.4')!)).ok).toBe(false);
    },
  );

  it('of different times do not fit together', () => {
    const old = disk(FIRST_WRITE);
    const records = disk(FIRST_WRITE, CUT_WRITE);
    for (const key of ['raft.state', 'raft.compaction', 'raft.entry.2']) {
      expect(restore(new Map(records).set(key, old.get(key)!)).ok, key).toBe(false);
    }
  });

  it('with entries newer than the term are a reason not to start: a vote may be forgotten', () => {
    const records = disk({ ...FIRST_WRITE, entries: entriesOf(1, 1, 2, 4) });
    expect(restore(records)).toEqual({ ok: false, reason: 'consensus record raft.entry.4: is of term 4' });
  });

  it('of others are left alone', () => {
    expect(restore(new Map([['view', new Uint8Array([9])]])).ok).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { type ConsensusRecord } from './ports.js';
import { decodeVoteRecord, SafetyRules } from './safety.js';

const DIGEST_A = new Uint8Array(32).fill(0xaa);
const DIGEST_B = new Uint8Array(32).fill(0xbb);

/** A disk: the latest value of each key. */
function apply(disk: Map<string, Uint8Array>, records: readonly ConsensusRecord[]): void {
  for (const { key, value } of records) {
    if (value === undefined) disk.delete(key);
    else disk.set(key, value);
  }
}

function reload(disk: ReadonlyMap<string, Uint8Array>): SafetyRules {
  const loaded = SafetyRules.load([...disk].map(([key, value]) => ({ key, value })));
  if (!loaded.ok) throw new Error(loaded.reason);
  return loaded.value;
}

function fresh(): SafetyRules {
  return reload(new Map());
}

describe('safety rules', () => {
  it('one digest for a kind, height and view', () => {
    const safety = fresh();
    expect(safety.judge('prepare', { epoch: 0, height: 1, view: 0 }, DIGEST_A)).toBe('new');
    safety.record('prepare', { epoch: 0, height: 1, view: 0 }, DIGEST_A);
    expect(safety.judge('prepare', { epoch: 0, height: 1, view: 0 }, DIGEST_A)).toBe('repeat');
    expect(safety.judge('prepare', { epoch: 0, height: 1, view: 0 }, DIGEST_B)).toBe('refused');
    expect(safety.judge('commit', { epoch: 0, height: 1, view: 0 }, DIGEST_B)).toBe('new');
    expect(() => safety.record('prepare', { epoch: 0, height: 1, view: 0 }, DIGEST_B)).toThrow('consensus/double-vote');
  });

  it('no vote in a view that this replica has asked to leave, nor in one it has not entered', () => {
    const safety = fresh();
    safety.wantView(1);
    expect(safety.judge('commit', { epoch: 0, height: 1, view: 0 }, DIGEST_A)).toBe('refused');
    expect(safety.judge('commit', { epoch: 0, height: 1, view: 1 }, DIGEST_A)).toBe('refused');
    safety.enterView(1);
    expect(safety.judge('commit', { epoch: 0, height: 1, view: 1 }, DIGEST_A)).toBe('new');
    expect(safety.judge('commit', { epoch: 0, height: 1, view: 0 }, DIGEST_A)).toBe('refused');
  });

  it('views never fall', () => {
    const safety = fresh();
    safety.wantView(3);
    expect(() => safety.wantView(3)).toThrow('consensus/view-falls');
    expect(() => safety.enterView(2)).toThrow('consensus/view-falls');
    safety.enterView(3);
    expect(() => safety.enterView(3)).toThrow('consensus/view-falls');
  });

  it('each epoch begins in view 0, and none of an older epoch is voted in again', () => {
    const disk = new Map<string, Uint8Array>();
    const safety = fresh();
    apply(disk, [safety.enterView(2), safety.record('commit', { epoch: 0, height: 2, view: 2 }, DIGEST_A)]);
    safety.beginEpoch(1);
    expect([safety.epoch, safety.view, safety.toView]).toEqual([1, 0, 0]);
    expect(safety.judge('commit', { epoch: 1, height: 2, view: 0 }, DIGEST_B)).toBe('new');
    expect(safety.judge('commit', { epoch: 0, height: 2, view: 2 }, DIGEST_A)).toBe('refused');
    expect(safety.judge('commit', { epoch: 1, height: 2, view: 2 }, DIGEST_B)).toBe('refused');
    safety.beginEpoch(0);
    expect(safety.epoch).toBe(1);
    // Nothing was written: after a restart the head says in which epoch we are, and the record of the older one is void.
    const restarted = reload(disk);
    expect([restarted.epoch, restarted.view]).toEqual([0, 2]);
    restarted.beginEpoch(1);
    expect([restarted.epoch, restarted.view]).toEqual([1, 0]);
    apply(disk, [restarted.wantView(1)]);
    const again = reload(disk);
    again.beginEpoch(1);
    expect([again.epoch, again.view, again.toView]).toEqual([1, 0, 1]);
  });

  it('one executed header for a height, in whatever view', () => {
    const safety = fresh();
    safety.recordResult(1, 0, DIGEST_A, DIGEST_A);
    safety.wantView(1);
    safety.enterView(1);
    expect(safety.judgeResult(1, DIGEST_A)).toBe('repeat');
    expect(safety.judgeResult(1, DIGEST_B)).toBe('refused');
    expect(() => safety.recordResult(1, 0, DIGEST_A, DIGEST_B)).toThrow('consensus/double-result');
  });

  it('forgets stored heights and nothing else', () => {
    const safety = fresh();
    for (const height of [1, 2, 3]) safety.record('prepare', { epoch: 0, height: height, view: 0 }, DIGEST_A);
    expect(safety.forget(2)).toEqual([
      { key: 'votes.1', value: undefined },
      { key: 'votes.2', value: undefined },
    ]);
    expect(safety.judge('prepare', { epoch: 0, height: 3, view: 0 }, DIGEST_B)).toBe('refused');
  });

  it('refuses to load a record it cannot read', () => {
    const safety = fresh();
    const { key, value } = safety.record('prepare', { epoch: 0, height: 7, view: 0 }, DIGEST_A);
    for (let length = 0; length < value!.length; length++) {
      expect(SafetyRules.load([{ key, value: value!.subarray(0, length) }]).ok).toBe(false);
    }
    expect(SafetyRules.load([{ key: 'votes.8', value: value! }]).ok).toBe(false);
    expect(SafetyRules.load([{ key: 'view', value: value! }]).ok).toBe(false);
  });

  /** Random demands with restarts anywhere between them: whatever was recorded binds every later life. */
  it('holds across restarts at every point', () => {
    const demand = fc.record({
      action: fc.constantFrom('propose', 'prepare', 'commit', 'result', 'want', 'enter', 'epoch', 'restart'),
      height: fc.integer({ min: 1, max: 3 }),
      view: fc.integer({ min: 0, max: 4 }),
      digest: fc.constantFrom(DIGEST_A, DIGEST_B),
    });
    fc.assert(
      fc.property(fc.array(demand, { maxLength: 60 }), (demands) => {
        const disk = new Map<string, Uint8Array>();
        const signed = new Map<string, Uint8Array>();
        let safety = fresh();
        let epoch = 0;
        for (const { action, height, view, digest } of demands) {
          if (action === 'restart') {
            safety = reload(disk);
            safety.beginEpoch(epoch);
          } else if (action === 'epoch') safety.beginEpoch(++epoch);
          else if (action === 'want') {
            if (view > safety.toView) apply(disk, [safety.wantView(view)]);
          } else if (action === 'enter') {
            if (view > safety.view && view >= safety.toView) apply(disk, [safety.enterView(view)]);
          } else if (action === 'result') {
            if (safety.judgeResult(height, digest) === 'refused') continue;
            apply(disk, [safety.recordResult(height, epoch, digest, digest)]);
            expect(signed.get(`result ${height}`) ?? digest).toBe(digest);
            signed.set(`result ${height}`, digest);
          } else if (safety.judge(action, { epoch, height, view }, digest) !== 'refused') {
            apply(disk, [safety.record(action, { epoch, height, view }, digest)]);
            const slot = `${action} ${epoch} ${height} ${view}`;
            expect(signed.get(slot) ?? digest).toBe(digest);
            signed.set(slot, digest);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('answers arbitrary bytes with a reason', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(typeof decodeVoteRecord(bytes).ok).toBe('boolean');
      }),
      { numRuns: 2000 },
    );
  });
});

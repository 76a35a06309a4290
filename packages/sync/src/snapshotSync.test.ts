import { describe, expect, it } from 'vitest';
import type { ManifestFacts } from './chunkFetch.js';
import { OFFER_SETTLE_MS, REQUEST_TIMEOUT_MS, SNAPSHOT_REST_MS, TRUST_MS_MAX } from './limits.js';
import { SnapshotSync, type SnapshotSyncEffect, type SnapshotSyncInput } from './snapshotSync.js';
import { TrustPath, type SignedHeader } from './trustPath.js';

const RULES = {
  quorum: (n: number) => n - Math.floor((n - 1) / 3),
  witnesses: (n: number) => Math.floor((n - 1) / 3) + 1,
};
const GENESIS = ['a', 'b', 'c', 'd'];
const header = (number: number, sealers: readonly string[] = GENESIS, signers = sealers.slice(0, 3)): SignedHeader => ({
  number,
  hash: `h${number}`,
  sealers,
  signers,
});
const facts: ManifestFacts = { manifestHash: 'm', height: 5000, headerHash: 'h5000', chunkHashes: ['x', 'y', 'z'] };
const offer = { height: 5000, manifestHash: 'm', signers: ['a', 'b'] };

function create(minimumHeight = 3000): SnapshotSync {
  return new SnapshotSync({ rules: RULES, genesisSealers: GENESIS, minimumHeight, isEmpty: true, nowMs: 0 });
}

/** Feeds inputs. @returns the effects of the last one */
function feed(sync: SnapshotSync, ...inputs: readonly SnapshotSyncInput[]): SnapshotSyncEffect[] {
  let effects: SnapshotSyncEffect[] = [];
  for (const input of inputs) effects = sync.step(input);
  return effects;
}

/** Long enough for offers to be gathered, from a clock that stood at `sinceMs`. */
const settled = (sinceMs = 0): SnapshotSyncInput => ({ kind: 'tick', nowMs: sinceMs + OFFER_SETTLE_MS });
const status = (from: string, number: number, snapshot: number, lowest = 1): SnapshotSyncInput => ({
  kind: 'status',
  from,
  number,
  snapshot,
  lowest,
});
const headerAnswer = (from: string, answer: SignedHeader, above = 0, number = 5000): SnapshotSyncInput => ({
  kind: 'header',
  from,
  above,
  number,
  header: answer,
});
/** Up to the chunks, with one peer. */
const TO_CHUNKS: readonly SnapshotSyncInput[] = [
  status('p', 5100, 5000),
  { kind: 'offers', from: 'p', offers: [offer] },
  settled(),
  headerAnswer('p', header(5000)),
  { kind: 'manifest', from: 'p', height: 5000, facts },
];
const chunk = (from: string, index: number, hash: string | undefined): SnapshotSyncInput => ({
  kind: 'chunk',
  from,
  height: 5000,
  index,
  hash,
});

describe('snapshot sync', () => {
  it('goes from offers over headers and manifest to chunks, and has them installed', () => {
    const sync = create();
    expect(feed(sync, status('p', 5100, 5000))).toEqual([{ kind: 'requestOffers', to: 'p' }]);
    expect(sync.isActive).toBe(true);
    expect(feed(sync, { kind: 'offers', from: 'p', offers: [offer] }, settled())).toEqual([
      { kind: 'requestHeader', to: 'p', above: 0, number: 5000 },
    ]);
    expect(feed(sync, headerAnswer('p', header(5000)))).toEqual([
      { kind: 'keepHeader', number: 5000 },
      { kind: 'requestManifest', to: 'p', height: 5000 },
    ]);
    expect(feed(sync, { kind: 'manifest', from: 'p', height: 5000, facts })).toEqual([
      { kind: 'storeManifest' },
      { kind: 'requestChunk', height: 5000, to: 'p', index: 0 },
      { kind: 'requestChunk', height: 5000, to: 'p', index: 1 },
    ]);
    expect(feed(sync, chunk('p', 1, 'y'))).toEqual([
      { kind: 'storeChunk', index: 1 },
      { kind: 'requestChunk', height: 5000, to: 'p', index: 2 },
    ]);
    feed(sync, chunk('p', 0, 'x'), { kind: 'chunkStored', index: 0 }, { kind: 'chunkStored', index: 1 });
    feed(sync, chunk('p', 2, 'z'));
    expect(feed(sync, { kind: 'chunkStored', index: 2 })).toEqual([{ kind: 'install', height: 5000 }]);
    expect(sync.isActive).toBe(true);
  });

  it('leaves a small gap to blocks, but not when nobody has the first blocks', () => {
    expect(feed(create(), status('p', 2100, 2000))).toEqual([]);
    expect(feed(create(), status('p', 2100, 2000, 1500))).toHaveLength(1);
    expect(feed(create(Infinity), status('p', 9100, 9000))).toEqual([]);
  });

  it('ends for good as soon as there is a block', () => {
    const sync = create();
    feed(sync, ...TO_CHUNKS);
    expect(feed(sync, { kind: 'started' })).toEqual([{ kind: 'discard' }]);
    expect(feed(sync, status('q', 9100, 9000))).toEqual([]);
  });

  it('does not take a manifest for which fewer than f + 1 of the sealers of its height stand', () => {
    const sync = create();
    feed(sync, status('p', 5100, 5000), {
      kind: 'offers',
      from: 'p',
      offers: [{ ...offer, signers: ['a', 'stranger', 'other'] }],
    });
    feed(sync, settled());
    expect(feed(sync, headerAnswer('p', header(5000)))).toEqual([{ kind: 'keepHeader', number: 5000 }]);
    expect(sync.isActive).toBe(false);
  });

  it('adds up attestations of several peers', () => {
    const sync = create();
    feed(sync, status('p', 5100, 5000));
    expect(feed(sync, status('q', 5100, 5000))).toEqual([{ kind: 'requestOffers', to: 'q' }]);
    feed(sync, { kind: 'offers', from: 'p', offers: [{ ...offer, signers: ['a'] }] });
    feed(sync, { kind: 'offers', from: 'q', offers: [{ ...offer, signers: ['b'] }] }, settled());
    const effects = feed(sync, headerAnswer('p', header(5000)));
    expect(effects.at(-1)).toMatchObject({ kind: 'requestManifest' });
  });

  it('asks another peer after a forged header, a wrong manifest, a wrong chunk, and none at all', () => {
    const sync = create();
    const names = ['l1', 'l2', 'l3', 'p', 'q'];
    feed(sync, ...names.map((name) => status(name, 5100, 5000)));
    let effects = feed(
      sync,
      ...names.map((from): SnapshotSyncInput => ({ kind: 'offers', from, offers: [offer] })),
      settled(),
    );
    expect(effects).toMatchObject([{ kind: 'requestHeader', to: 'l1' }]);
    effects = feed(sync, headerAnswer('l1', header(5000, GENESIS, ['a', 'b'])));
    expect(effects).toMatchObject([{ kind: 'requestHeader', to: 'l2' }]);
    effects = feed(sync, headerAnswer('l2', header(5000)));
    expect(effects.at(-1)).toMatchObject({ kind: 'requestManifest', to: 'l2' });
    effects = feed(sync, { kind: 'manifest', from: 'l2', height: 5000, facts: { ...facts, manifestHash: 'other' } });
    expect(effects).toMatchObject([{ kind: 'requestManifest', to: 'l3' }]);
    effects = feed(sync, { kind: 'manifest', from: 'l3', height: 5000, facts });
    expect(effects).toMatchObject([
      { kind: 'storeManifest' },
      { kind: 'requestChunk', to: 'l3', index: 0 },
      { kind: 'requestChunk', to: 'p', index: 1 },
      { kind: 'requestChunk', to: 'q', index: 2 },
    ]);
    expect(feed(sync, chunk('l3', 0, 'wrong'))).toMatchObject([{ kind: 'requestChunk', to: 'p', index: 0 }]);
    feed(sync, chunk('p', 1, 'y'), { kind: 'chunkStored', index: 1 });
    effects = feed(sync, chunk('q', 2, undefined));
    expect(effects).toMatchObject([{ kind: 'requestChunk', to: 'p', index: 2 }]);
  });

  it('lets blocks have their chance when what is offered is withheld', () => {
    const sync = create();
    let nowMs = 0;
    const activeMs: number[] = [];
    for (; nowMs < 2 * SNAPSHOT_REST_MS; nowMs += 100) {
      const effects = feed(sync, status('p', 5100, 5000), { kind: 'tick', nowMs });
      for (const effect of effects) {
        if (effect.kind === 'requestOffers') feed(sync, { kind: 'offers', from: 'p', offers: [offer] });
      }
      if (sync.isActive) activeMs.push(nowMs);
    }
    expect(activeMs.length * 100).toBeLessThan(5 * REQUEST_TIMEOUT_MS);
    expect(activeMs.length).toBeGreaterThan(0);
  });

  it('does not wait for ever for headers that come just in time', () => {
    const sync = create();
    feed(sync, status('slow', 5100, 5000), { kind: 'offers', from: 'slow', offers: [offer] });
    let effects = feed(sync, settled());
    let nowMs = OFFER_SETTLE_MS;
    while (sync.isActive && nowMs < 2 * TRUST_MS_MAX) {
      nowMs += REQUEST_TIMEOUT_MS - 1;
      const asked = effects.find((effect) => effect.kind === 'requestHeader');
      if (asked === undefined) break;
      const { above, number } = asked;
      effects = feed(sync, { kind: 'tick', nowMs }, headerAnswer('slow', header(above + 1), above, number));
    }
    expect(sync.isActive).toBe(false);
    expect(nowMs).toBeLessThanOrEqual(TRUST_MS_MAX + 2 * REQUEST_TIMEOUT_MS);
  });

  it('takes up what is on disk after a restart', () => {
    const kept = { facts, chunks: new Set([0, 2]) };
    const options = { rules: RULES, genesisSealers: GENESIS, minimumHeight: 3000, isEmpty: true, nowMs: 0, kept };
    const sync = new SnapshotSync(options);
    expect(sync.progress).toEqual({ stored: 2, total: 3 });
    feed(sync, status('p', 5100, 5000));
    expect(feed(sync, { kind: 'tick', nowMs: 5000 })).toEqual([{ kind: 'requestOffers', to: 'p' }]);
    expect(feed(sync, { kind: 'offers', from: 'p', offers: [offer] })).toEqual([
      { kind: 'requestChunk', height: 5000, to: 'p', index: 1 },
    ]);
  });
});

describe('the path of trust', () => {
  /** Every ten blocks one sealer is replaced. */
  const listAt = (number: number) => Array.from({ length: 4 }, (_, i) => `s${Math.floor(number / 10) + i}`);
  const walk = (target: number, answer: (wanted: { above: number; number: number }) => SignedHeader) => {
    const path = new TrustPath(RULES, listAt(0), target);
    for (let steps = 1; ; steps++) {
      const step = path.onHeader(answer(path.wanted));
      if (step !== 'goOn') return { step, steps, path };
    }
  };

  it('needs one header while the sealers stay', () => {
    const { step, steps, path } = walk(9, ({ number }) => header(number, listAt(number)));
    expect([step, steps, path.hash]).toEqual(['arrived', 1, 'h9']);
  });

  it('finds headers in between while they change', () => {
    const { step, steps, path } = walk(1000, ({ number }) => header(number, listAt(number)));
    expect(step).toBe('arrived');
    expect(steps).toBeLessThan(150);
    expect(path.sealers).toEqual(listAt(1000));
  });

  it('takes the next lower header where a peer has not all of them', () => {
    const { step } = walk(1000, ({ above, number }) =>
      header(Math.max(above + 1, number - (number % 7)), listAt(number - (number % 7))),
    );
    expect(['arrived', 'forged', 'broken']).toContain(step);
    const kept = walk(100, ({ number }) => header(number - (number % 10), listAt(number - (number % 10))));
    expect(kept.step).toBe('arrived');
  });

  it('refuses strangers, signatures that count twice and headers out of range', () => {
    const path = () => new TrustPath(RULES, GENESIS, 50);
    expect(path().onHeader(header(50, GENESIS, ['a', 'a', 'b']))).toBe('forged');
    expect(path().onHeader(header(50, GENESIS, ['a', 'b', 'x']))).toBe('forged');
    expect(path().onHeader(header(51))).toBe('forged');
    expect(path().onHeader(header(0))).toBe('forged');
    expect(path().onHeader(header(50, [], []))).toBe('forged');
    const strangers = ['v', 'w', 'x', 'y'];
    const other = path();
    expect(other.onHeader(header(50, strangers))).toBe('goOn');
    expect(other.wanted).toEqual({ above: 0, number: 25 });
    for (const number of [25, 12, 6, 3]) expect(other.onHeader(header(number, strangers))).toBe('goOn');
    expect(other.onHeader(header(1, strangers))).toBe('broken');
  });
});

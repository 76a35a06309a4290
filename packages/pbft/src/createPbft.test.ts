import { describe, expect, it } from 'vitest';
import type { ChainHead, ConsensusEngine, Effect, EngineOptions } from '@menglian/consensus-core/ports';
import { createPbft } from './createPbft.js';
import { decodeMessage } from './messageCodec.js';
import { DEFAULT_TIMING } from './timing.js';

const SEALERS = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(128));
const TIMEOUT_MS = 3000;

const HEAD: ChainHead = {
  height: 0,
  hash: new Uint8Array(32),
  timestampMs: 0,
  order: { digest: new Uint8Array(32), epoch: 0 },
  sealers: SEALERS,
  observers: [],
  settings: { maxTransactions: 10, consensusTimeoutMs: TIMEOUT_MS },
};

/** No message of another replica is let in here, so nothing needs to be verified. */
const COMPONENTS = {
  crypto: { hash: () => new Uint8Array(32), sign: () => new Uint8Array(65), verify: () => false },
  chain: { hashAt: () => HEAD.hash, orderAt: () => HEAD.order },
};

function create(change: Partial<EngineOptions> = {}): ConsensusEngine {
  const options = { chainId: 1n, groupId: 1, nodeId: SEALERS[0]!, head: HEAD, records: [], ...change };
  const created = createPbft(options, COMPONENTS);
  if (!created.ok) throw new Error(created.reason);
  return created.value;
}

function sentKinds(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => {
    if (effect.kind !== 'send') return [];
    const decoded = decodeMessage(effect.payload);
    return decoded.ok ? [decoded.value.kind] : [];
  });
}

function wakeOf(effects: readonly Effect[]): number | undefined {
  return effects.findLast((effect) => effect.kind === 'wakeAt')?.atMs;
}

/** The leader of height 1, its host has just given it a batch. */
function leaderThatProposes(): { engine: ConsensusEngine; effects: Effect[] } {
  const engine = create({ nodeId: SEALERS[1]! });
  engine.step({ kind: 'tick', nowMs: 0 });
  engine.step({ kind: 'pendingTransactions', count: 1 });
  const transactionHashes = [new Uint8Array(32).fill(7)];
  const effects = engine.step({
    kind: 'sealed',
    height: 1,
    view: 0,
    parentDigest: HEAD.order.digest,
    timestampMs: 1,
    transactionHashes,
  });
  return { engine, effects };
}

describe('a replica', () => {
  it('greets at its first tick, and must be given that before anything else', () => {
    expect(() => create().step({ kind: 'pendingTransactions', count: 1 })).toThrow('pbft/first-input-is-a-tick');
    expect(sentKinds(create().step({ kind: 'tick', nowMs: 5000 }))).toEqual(['heartbeat']);
  });

  it('asks for the next view when it has waited its time, and not before', () => {
    const engine = create();
    engine.step({ kind: 'tick', nowMs: 1000 });
    engine.step({ kind: 'pendingTransactions', count: 1 });
    for (let nowMs = 1500; nowMs < 1000 + TIMEOUT_MS; nowMs += 500) {
      expect(sentKinds(engine.step({ kind: 'tick', nowMs }))).not.toContain('viewChange');
    }
    expect(sentKinds(engine.step({ kind: 'tick', nowMs: 1000 + TIMEOUT_MS }))).toContain('viewChange');
    expect(engine.status()).toMatchObject({ view: 0, toView: 1, leaderFailed: true, changeCycle: 1 });
  });

  it('does not wait for anything while there is no work', () => {
    const engine = create();
    for (let nowMs = 0; nowMs < 100_000; nowMs += 500) engine.step({ kind: 'tick', nowMs });
    expect(engine.status()).toMatchObject({ view: 0, toView: 0, phase: 'idle' });
  });

  it('does not blame the leader for time in which it was not running itself', () => {
    const engine = create();
    engine.step({ kind: 'tick', nowMs: 0 });
    engine.step({ kind: 'pendingTransactions', count: 1 });
    const effects = engine.step({ kind: 'tick', nowMs: 60_000 });
    expect(sentKinds(effects)).toEqual(['heartbeat']);
    expect(wakeOf(effects)).toBeGreaterThan(60_000);
    expect(sentKinds(engine.step({ kind: 'tick', nowMs: 60_900 }))).toEqual([]);
  });

  it('gives a leader whose link is gone a grace time, and less than a quorum no time at all', () => {
    const engine = create();
    engine.step({ kind: 'tick', nowMs: 0 });
    engine.step({ kind: 'pendingTransactions', count: 1 });
    const effects = engine.step({ kind: 'peerDown', nodeId: SEALERS[1]! });
    expect(wakeOf(effects)).toBe(DEFAULT_TIMING.leaderDownGraceMs);
    expect(wakeOf(engine.step({ kind: 'peerDown', nodeId: SEALERS[2]! }))).toBe(DEFAULT_TIMING.heartbeatIntervalMs);
    expect(wakeOf(engine.step({ kind: 'peerUp', nodeId: SEALERS[2]! }))).toBe(DEFAULT_TIMING.leaderDownGraceMs);
  });

  it('asks for a block when it leads and there is something to put into it, once', () => {
    const engine = create({ nodeId: SEALERS[1]! });
    engine.step({ kind: 'tick', nowMs: 0 });
    const effects = engine.step({ kind: 'pendingTransactions', count: 3 });
    expect(effects).toContainEqual({
      kind: 'seal',
      height: 1,
      view: 0,
      parentDigest: HEAD.order.digest,
      inFlight: 0,
      parentTimestampMs: 0,
      maxTransactions: 10,
    });
    expect(engine.step({ kind: 'pendingTransactions', count: 4 }).map(({ kind }) => kind)).not.toContain('seal');
  });

  it('that is not a sealer follows and says nothing', () => {
    const engine = create({ nodeId: 'e'.repeat(128) });
    engine.step({ kind: 'tick', nowMs: 0 });
    engine.step({ kind: 'pendingTransactions', count: 1 });
    for (let nowMs = 0; nowMs < 100_000; nowMs += 500) {
      expect(sentKinds(engine.step({ kind: 'tick', nowMs }))).toEqual([]);
    }
    expect(engine.status()).toMatchObject({ nodeIndex: undefined, toView: 0 });
  });

  it('writes the record of a vote before the vote', () => {
    const { engine, effects } = leaderThatProposes();
    expect(effects.map(({ kind }) => kind).slice(0, 4)).toEqual(['persist', 'send', 'verifyProposal']);
    expect(sentKinds(effects)).toEqual(['prePrepare']);
    const asked = effects.find((effect) => effect.kind === 'verifyProposal')!;
    const { height, view, digest } = asked;
    const next = engine.step({ kind: 'proposalVerified', height, view, digest });
    expect(next.map(({ kind }) => kind).slice(0, 3)).toEqual(['persist', 'send', 'execute']);
    expect(sentKinds(next)).toEqual(['prepare']);
  });

  it('proposes nothing else for a height and view after a restart', () => {
    const { effects } = leaderThatProposes();
    const records = effects.flatMap((effect) =>
      effect.kind === 'persist'
        ? effect.records.flatMap(({ key, value }) => (value === undefined ? [] : [{ key, value }]))
        : [],
    );
    const restarted = create({ nodeId: SEALERS[1]!, records });
    restarted.step({ kind: 'tick', nowMs: 0 });
    expect(restarted.step({ kind: 'pendingTransactions', count: 1 }).map(({ kind }) => kind)).not.toContain('seal');
  });

  it('does not start on records that it cannot read', () => {
    const value = new Uint8Array([9, 9, 9]);
    for (const key of ['view', 'votes.1', 'prepared.1', 'newView']) {
      expect(
        createPbft({ chainId: 1n, groupId: 1, nodeId: SEALERS[0]!, head: HEAD, records: [{ key, value }] }, COMPONENTS)
          .ok,
      ).toBe(false);
    }
  });
});

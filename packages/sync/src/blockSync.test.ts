import { describe, expect, it } from 'vitest';
import { BlockSync, type BlockSyncEffect } from './blockSync.js';
import {
  BLOCKS_PER_REQUEST_MAX,
  CONSENSUS_GRACE_MS,
  LAST_RESORT_MS,
  REQUESTS_MAX,
  REQUEST_TIMEOUT_MS,
  SECOND_REQUEST_AFTER_MS,
} from './limits.js';

const block = (number: number) => Uint8Array.of(number & 0xff, number >> 8);
const requestsOf = (effects: readonly BlockSyncEffect[]) => effects.filter((effect) => effect.kind === 'request');
const applyOf = (effects: readonly BlockSyncEffect[]) => effects.find((effect) => effect.kind === 'apply');

/** Answers every request from a chain that all honest peers share, until nothing is left to do. */
function runToEnd(
  sync: BlockSync,
  head: number,
  peers: readonly (readonly [from: string, number: number])[],
  lies: (from: string, number: number) => boolean = () => false,
  tip = 1000,
) {
  let current = head;
  let nowMs = 0;
  const heard = peers.flatMap(([from, number]) => sync.step({ kind: 'status', from, number, lowest: 1 }));
  const blamed: string[] = [];
  for (let round = 0; round < 10_000; round++) {
    nowMs += 10;
    const queue: BlockSyncEffect[] = [...heard.splice(0), ...sync.step({ kind: 'tick', nowMs })];
    while (queue.length > 0) {
      const effect = queue.shift()!;
      if (effect.kind === 'request') {
        const length = Math.max(0, Math.min(effect.count, tip - effect.first + 1));
        const blocks = Array.from({ length }, (_, offset) =>
          lies(effect.to, effect.first + offset) ? Uint8Array.of(255, 255, 255) : block(effect.first + offset),
        );
        queue.push(...sync.step({ kind: 'blocks', from: effect.to, first: effect.first, blocks }));
      } else if (effect.kind === 'check') {
        const { number, from } = effect;
        queue.push(...sync.step({ kind: 'checked', number, from, verdict: 'unknown' }));
      } else if (effect.kind === 'apply') {
        if (effect.block.length === 3) {
          blamed.push(effect.from);
          queue.push(...sync.step({ kind: 'rejected', number: effect.number, from: effect.from }));
        } else {
          expect(effect.number).toBe(current + 1);
          current = effect.number;
          queue.push(...sync.step({ kind: 'stored', number: current }));
        }
      }
    }
    if (current === Math.min(tip, sync.knownHighest)) break;
  }
  return { head: current, blamed, elapsedMs: nowMs };
}

describe('block sync', () => {
  it('fetches ranges from several peers at once and applies them in order', () => {
    const sync = new BlockSync(10, 0);
    sync.step({ kind: 'tick', nowMs: 0 });
    sync.step({ kind: 'status', from: 'a', number: 500, lowest: 1 });
    const effects = sync.step({ kind: 'status', from: 'b', number: 500, lowest: 1 });
    expect(requestsOf(effects).length).toBeLessThanOrEqual(REQUESTS_MAX);
    const fresh = new BlockSync(10, 0);
    const peers = ['a', 'b', 'c'].map((from) => [from, 1000] as const);
    expect(runToEnd(fresh, 10, peers).head).toBe(1000);
  });

  it('asks nobody for more than it claims and never for more than one request may hold', () => {
    const sync = new BlockSync(0, 0);
    const effects = sync.step({ kind: 'status', from: 'a', number: 40, lowest: 1 });
    expect(requestsOf(effects)).toEqual([
      { kind: 'request', to: 'a', first: 1, count: BLOCKS_PER_REQUEST_MAX },
      { kind: 'request', to: 'a', first: 33, count: 8 },
    ]);
  });

  it('leaves a single missing block to consensus for a while', () => {
    const sync = new BlockSync(7, 0);
    sync.step({ kind: 'tick', nowMs: 0 });
    expect(requestsOf(sync.step({ kind: 'status', from: 'a', number: 8, lowest: 1 }))).toEqual([]);
    expect(requestsOf(sync.step({ kind: 'tick', nowMs: CONSENSUS_GRACE_MS - 1 }))).toEqual([]);
    expect(requestsOf(sync.step({ kind: 'tick', nowMs: CONSENSUS_GRACE_MS }))).toHaveLength(1);
  });

  it('does not wait for consensus where it brings no blocks', () => {
    const sync = new BlockSync(7, 0);
    sync.step({ kind: 'role', isServed: false });
    expect(requestsOf(sync.step({ kind: 'status', from: 'a', number: 8, lowest: 1 }))).toHaveLength(1);
  });

  it('blames who sends a wrong block and gets it elsewhere', () => {
    const sync = new BlockSync(0, 0);
    const peers = ['liar', 'x', 'y'].map((from) => [from, 300] as const);
    const { head, blamed } = runToEnd(sync, 0, peers, (from) => from === 'liar');
    expect(head).toBe(300);
    expect(new Set(blamed)).toEqual(new Set(['liar']));
  });

  it('is not stalled by a peer that claims a height nobody has, or a high one first and a low one later', () => {
    const sync = new BlockSync(0, 0);
    const peers = [
      ['honest', 50],
      ['liar', Number.MAX_SAFE_INTEGER],
      ['liar', 3],
    ] as const;
    expect(runToEnd(sync, 0, peers, undefined, 50).head).toBe(50);
  });

  it('asks another peer when an answer is late, and forgets the late one for some time', () => {
    const sync = new BlockSync(0, 0);
    sync.step({ kind: 'tick', nowMs: 0 });
    const first = requestsOf(sync.step({ kind: 'status', from: 'a', number: 5, lowest: 1 }));
    expect(first).toHaveLength(1);
    sync.step({ kind: 'status', from: 'b', number: 5, lowest: 1 });
    const again = requestsOf(sync.step({ kind: 'tick', nowMs: SECOND_REQUEST_AFTER_MS }));
    expect(again).toEqual([{ kind: 'request', to: 'b', first: 1, count: 5 }]);
    expect(requestsOf(sync.step({ kind: 'tick', nowMs: REQUEST_TIMEOUT_MS }))).toEqual([]);
    const alone = requestsOf(sync.step({ kind: 'peerDown', peer: 'b' }));
    expect(alone).toEqual([{ kind: 'request', to: 'a', first: 1, count: 5 }]);
    sync.step({ kind: 'blocks', from: 'a', first: 1, blocks: [] });
    expect(requestsOf(sync.step({ kind: 'tick', nowMs: REQUEST_TIMEOUT_MS + LAST_RESORT_MS - 1 }))).toEqual([]);
    const later = sync.step({ kind: 'tick', nowMs: REQUEST_TIMEOUT_MS + LAST_RESORT_MS });
    expect(requestsOf(later)).toHaveLength(1);
  });

  it('ignores blocks that it did not ask for', () => {
    const sync = new BlockSync(0, 0);
    sync.step({ kind: 'status', from: 'a', number: 5, lowest: 1 });
    expect(applyOf(sync.step({ kind: 'blocks', from: 'b', first: 1, blocks: [block(1)] }))).toBeUndefined();
    expect(applyOf(sync.step({ kind: 'blocks', from: 'a', first: 2, blocks: [block(2)] }))).toBeUndefined();
  });

  const status = (from: string, number: number, lowest = 1) => ({ kind: 'status', from, number, lowest }) as const;
  const blocksFrom = (from: string, first: number, count: number) =>
    ({ kind: 'blocks', from, first, blocks: Array.from({ length: count }, (_, i) => block(first + i)) }) as const;

  it('cuts ranges shorter when several peers can serve them, and asks each for a part', () => {
    const sync = new BlockSync(0, 0);
    sync.step({ kind: 'hold', isHeld: true });
    for (const from of ['a', 'b', 'c', 'd']) expect(requestsOf(sync.step(status(from, 1000)))).toEqual([]);
    const requests = requestsOf(sync.step({ kind: 'hold', isHeld: false }));
    expect(requests.map(({ to, first, count }) => [to, first, count])).toEqual([
      ...['a', 'b', 'c', 'd'].map((to, index) => [to, 1 + 8 * index, 8]),
      ...['a', 'b', 'c', 'd'].map((to, index) => [to, 33 + 8 * index, 8]),
    ]);
  });

  it('keeps what is proven of a liar, drops the rest and asks others for it', () => {
    const sync = new BlockSync(0, 0);
    sync.step(status('liar', 5));
    const checks = sync.step(blocksFrom('liar', 1, 5)).filter(({ kind }) => kind === 'check');
    expect(checks).toMatchObject([{ number: 1 }]);
    sync.step(status('b', 5));
    const verdict = (number: number, verdict: 'certified' | 'unknown' | 'forged') =>
      sync.step({ kind: 'checked', number, from: 'liar', verdict });
    const first = verdict(1, 'certified');
    expect(applyOf(first)).toMatchObject({ number: 1, from: 'liar' });
    expect(first.filter(({ kind }) => kind === 'check')).toMatchObject([{ number: 2 }]);
    verdict(2, 'unknown');
    verdict(3, 'certified');
    const effects = verdict(4, 'forged');
    expect(effects.filter(({ kind }) => kind === 'check')).toEqual([]);
    expect(requestsOf(effects)).toEqual([
      { kind: 'request', to: 'b', first: 2, count: 1 },
      { kind: 'request', to: 'b', first: 4, count: 2 },
    ]);
  });

  it('asks for the block after the head however much is kept', () => {
    const sync = new BlockSync(0, 0);
    const large = new Uint8Array(40 * 1024 * 1024);
    sync.step(status('a', 1000));
    const blocks = Array.from({ length: 2 }, () => large);
    sync.step({ kind: 'blocks', from: 'a', first: 33, blocks });
    sync.step(status('b', 1000));
    const effects = sync.step({ kind: 'tick', nowMs: REQUEST_TIMEOUT_MS });
    expect(requestsOf(effects)).toEqual([{ kind: 'request', to: 'b', first: 1, count: 32 }]);
  });

  it('asks nobody for blocks that it no longer has', () => {
    const sync = new BlockSync(10, 0);
    expect(requestsOf(sync.step(status('a', 900, 500)))).toEqual([]);
    expect(requestsOf(sync.step(status('b', 900, 11)))).toMatchObject([{ to: 'b', first: 11 }, { to: 'b' }]);
  });

  it('does not hold hearsay of a height against who never said so', () => {
    const sync = new BlockSync(10, 0);
    sync.step(status('a', 12));
    sync.step({ kind: 'hint', from: 'a', number: 14 });
    sync.step(status('a', 13));
    expect(sync.knownHighest).toBe(13);
    sync.step(status('b', 20));
    sync.step(status('a', 12));
    expect(sync.knownHighest).toBe(20);
  });
});

import type { ChainHead, Proposal } from '@menglian/consensus-core/ports';
import { NonceWindow } from '@menglian/txpool/nonceWindow';
import { TransactionPool } from '@menglian/txpool/transactionPool';
import { bareTransaction } from '@menglian/types/testing/bareTransaction';
import { describe, expect, it } from 'vitest';
import { BlockSize } from './blockSize.js';
import type { Timers } from './clock.js';
import { InFlight } from './inFlight.js';
import { Sealer, type SealedBatch } from './sealer.js';

const bytes32 = (filler: number) => new Uint8Array(32).fill(filler);

const HEAD: ChainHead = {
  height: 10,
  hash: bytes32(210),
  timestampMs: 5000,
  order: { digest: bytes32(210), epoch: 0 },
  sealers: ['a'],
  observers: [],
  settings: { maxTransactions: 2000, consensusTimeoutMs: 3000 },
};

/** A sealer, a clock that a test moves, and transactions by number. */
class Bench {
  nowMs = 100_000;
  readonly sealed: SealedBatch[] = [];
  readonly size = new BlockSize();
  readonly inFlight = new InFlight(HEAD);
  readonly pool: TransactionPool;
  readonly disk: { refusal: string | undefined } = { refusal: undefined };
  readonly sealer: Sealer;
  readonly #timers: { run: () => void; atMs: number }[] = [];
  #sent = 0;

  constructor() {
    const limits = { transactionsMax: 100_000, bytesMax: 1_000_000_000, expirationMs: 600_000 };
    this.pool = new TransactionPool({ chainId: 1n, groupId: 1n, ...limits }, HEAD.height, new NonceWindow(HEAD.height));
    const timers: Timers = {
      setTimer: (run, delayMs) => this.#add(run, this.nowMs + delayMs),
      setInterval: () => () => {},
      soon: (run) => this.#add(run, this.nowMs),
    };
    this.sealer = new Sealer(
      { minBlockTimeMs: 50 },
      {
        pool: this.pool,
        inFlight: this.inFlight,
        size: this.size,
        disk: this.disk,
        clock: { monotonicMs: () => this.nowMs, wallMs: () => 6000 },
        timers,
        onSealed: (batch) => {
          this.sealed.push(batch);
          this.sealer.onProposal();
        },
      },
    );
  }

  get counts(): number[] {
    return this.sealed.map(({ transactions }) => transactions.length);
  }

  send(count: number): void {
    for (let i = 0; i < count; i++) this.pool.admit(bareTransaction(++this.#sent), this.nowMs);
    this.sealer.attempt();
    this.pass(0);
  }

  seal(height: number, parent: number): void {
    this.sealer.request({
      kind: 'seal',
      height,
      view: 0,
      parentDigest: bytes32(parent),
      inFlight: height - HEAD.height - 1,
      parentTimestampMs: 5000,
      maxTransactions: HEAD.settings.maxTransactions,
    });
    this.pass(0);
  }

  /** What was sealed last becomes a proposal of that digest. */
  propose(digest: number): void {
    const { request, transactions, timestampMs } = this.sealed.at(-1)!;
    const { height, parentDigest } = request;
    const transactionHashes = transactions.map(({ hash }) => hash);
    const proposal: Proposal = {
      height,
      parentDigest,
      epoch: 0,
      timestampMs,
      sealer: 0,
      sealers: ['a'],
      transactionHashes,
    };
    this.inFlight.add(bytes32(digest), proposal, transactions);
  }

  store(digest: number): void {
    const { proposal, transactions } = this.inFlight.get(bytes32(digest))!;
    this.pool.onCommitted(proposal.height, transactions);
    this.inFlight.onStored({ ...HEAD, height: proposal.height, order: { digest: bytes32(digest), epoch: 0 } });
    this.sealer.onBlockStored(proposal.height);
    this.pass(0);
  }

  pass(ms: number): void {
    this.nowMs += ms;
    for (let due = this.#due(); due !== undefined; due = this.#due()) due.run();
  }

  #due() {
    const index = this.#timers.findIndex(({ atMs }) => atMs <= this.nowMs);
    return index < 0 ? undefined : this.#timers.splice(index, 1)[0];
  }

  #add(run: () => void, atMs: number) {
    const timer = { run, atMs };
    this.#timers.push(timer);
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index >= 0) this.#timers.splice(index, 1);
    };
  }
}

describe('the sealer', () => {
  it('proposes at once on an idle chain, then after the pause', () => {
    const bench = new Bench();
    bench.seal(11, 210);
    bench.send(1);
    expect(bench.counts).toEqual([1]);
    bench.propose(1);
    bench.store(1);
    bench.seal(12, 1);
    bench.send(2);
    bench.pass(49);
    bench.send(3);
    expect(bench.counts).toEqual([1]);
    bench.pass(1);
    expect(bench.counts).toEqual([1, 5]);
    expect(bench.sealed[1]!.timestampMs).toBe(6000);
  });

  it('makes full blocks without pause and on each other, and no small ones while some are in flight', () => {
    const bench = new Bench();
    bench.seal(11, 210);
    bench.send(5000);
    bench.propose(1);
    bench.seal(12, 1);
    bench.propose(2);
    bench.seal(13, 2);
    // A thousand are left: well filled, after the pause.
    expect(bench.counts).toEqual([2000, 2000]);
    bench.pass(50);
    expect(bench.counts).toEqual([2000, 2000, 1000]);
    bench.propose(3);
    bench.seal(14, 3);
    bench.send(900);
    bench.pass(500);
    expect(bench.counts).toHaveLength(3);
    for (const digest of [1, 2, 3]) bench.store(digest);
    expect(bench.counts).toEqual([2000, 2000, 1000, 900]);
    const ids = bench.sealed.flatMap(({ transactions }) => transactions.map(({ nonce }) => nonce));
    expect(new Set(ids).size).toBe(5900);
  });

  it('takes again what a branch held that was left behind', () => {
    const bench = new Bench();
    bench.seal(11, 210);
    bench.send(3);
    bench.propose(1);
    bench.seal(12, 1);
    bench.send(2);
    expect(bench.counts).toEqual([3]);
    bench.sealer.cancel();
    bench.pass(50);
    bench.seal(11, 210);
    expect(bench.counts).toEqual([3, 5]);
  });

  it('keeps to the size that went well', () => {
    const bench = new Bench();
    bench.size.onGivenUp(200);
    bench.seal(11, 210);
    bench.send(300);
    expect(bench.counts).toEqual([100]);
  });

  it('does nothing for a request that is void', () => {
    const bench = new Bench();
    bench.seal(12, 99);
    bench.send(5);
    bench.pass(1000);
    expect(bench.counts).toEqual([]);
    bench.seal(11, 210);
    bench.propose(1);
    bench.seal(11, 210);
    bench.store(1);
    bench.pass(1000);
    expect(bench.counts).toEqual([5]);
  });

  it('makes none while the disk has no room, and goes on when there is', () => {
    const bench = new Bench();
    bench.seal(11, 210);
    bench.disk.refusal = 'full';
    bench.send(3);
    bench.pass(1000);
    expect(bench.counts).toEqual([]);
    bench.disk.refusal = undefined;
    bench.send(1);
    expect(bench.counts).toEqual([4]);
  });
});

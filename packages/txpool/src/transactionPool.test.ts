import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { type NonceKey, nonceKey } from '@menglian/types/nonceKey';
import { bareTransaction } from '@menglian/types/testing/bareTransaction';
import type { SignedTransaction } from '@menglian/types/transaction';
import { BLOCK_LIMIT_WINDOW, FORBIDDEN_NONCE } from './limits.js';
import { NonceWindow } from './nonceWindow.js';
import { TransactionPool, type PoolOptions } from './transactionPool.js';

const OPTIONS: PoolOptions = {
  chainId: 1n,
  groupId: 1n,
  transactionsMax: 1000,
  bytesMax: 10_000_000,
  expirationMs: 600_000,
};

let counter = 0;

/** Each is another one. */
function transaction(fields: Partial<SignedTransaction> = {}): SignedTransaction {
  counter++;
  return bareTransaction(counter, fields);
}

function createPool(options: Partial<PoolOptions> = {}, head = 0) {
  return new TransactionPool({ ...OPTIONS, ...options }, head, new NonceWindow(head));
}

function wordOf(pool: TransactionPool, candidate: SignedTransaction, nowMs = 0): string {
  const admitted = pool.admit(candidate, nowMs);
  return admitted.ok ? 'admitted' : admitted.reason.word;
}

const setOf = (nonces: readonly bigint[]) => new Set(nonces.map(nonceKey));

const ALL = { count: 1_000_000, bytes: 1_000_000_000 };

describe('the transaction pool', () => {
  it('takes transactions and gives them out in order of arrival, within number and bytes', () => {
    const pool = createPool();
    const sent = Array.from({ length: 10 }, () => transaction());
    for (const one of sent) expect(wordOf(pool, one)).toBe('admitted');
    expect(pool.select(1, ALL, 0)).toEqual(sent);
    expect(pool.select(1, { count: 3, bytes: 1_000_000 }, 0)).toEqual(sent.slice(0, 3));
    expect(pool.select(1, { count: 10, bytes: 650 }, 0)).toEqual(sent.slice(0, 3));
    expect(pool.select(1, { count: 10, bytes: 1 }, 0)).toEqual(sent.slice(0, 1));
  });

  it('refuses with the word of 2.x, whatever door the transaction comes through', () => {
    const pool = createPool({}, 100);
    const first = transaction({ nonce: 7n });
    expect(wordOf(pool, first)).toBe('admitted');
    expect(wordOf(pool, first)).toBe('TransactionAlreadyKown');
    expect(wordOf(pool, transaction({ nonce: 7n }))).toBe('TxPoolNonceCheckFail');
    expect(wordOf(pool, transaction({ nonce: FORBIDDEN_NONCE }))).toBe('TransactionNonceCheckFail');
    expect(wordOf(pool, transaction({ nonce: 0n }))).toBe('admitted');
    expect(wordOf(pool, transaction({ blockLimit: 100n }))).toBe('BlockLimitCheckFailed');
    expect(wordOf(pool, transaction({ blockLimit: 101n }))).toBe('admitted');
    expect(wordOf(pool, transaction({ blockLimit: 1100n }))).toBe('admitted');
    expect(wordOf(pool, transaction({ blockLimit: 1101n }))).toBe('BlockLimitCheckFailed');
    expect(wordOf(pool, transaction({ chainId: 2n }))).toBe('InvalidChainId');
    expect(wordOf(pool, transaction({ groupId: 2n }))).toBe('InvalidGroupId');
  });

  it('burns the nonce of a transaction for another chain or group, as 2.x does', () => {
    const pool = createPool();
    expect(wordOf(pool, transaction({ nonce: 5n, chainId: 9n }))).toBe('InvalidChainId');
    expect(wordOf(pool, transaction({ nonce: 5n }))).toBe('TxPoolNonceCheckFail');
  });

  it('is bounded in number and in bytes', () => {
    const small = createPool({ transactionsMax: 2 });
    expect([wordOf(small, transaction()), wordOf(small, transaction())]).toEqual(['admitted', 'admitted']);
    expect(wordOf(small, transaction())).toBe('TransactionPoolIsFull');
    const light = createPool({ bytesMax: 1500 });
    expect([wordOf(light, transaction()), wordOf(light, transaction())]).toEqual(['admitted', 'admitted']);
    expect(wordOf(light, transaction())).toBe('OverGroupMemoryLimit');
  });

  it('forgets what a block used up and refuses it from then on', () => {
    const pool = createPool();
    const mined = transaction({ nonce: 1n });
    const rival = transaction({ nonce: 2n });
    wordOf(pool, mined);
    wordOf(pool, rival);
    pool.onCommitted(1, [mined, transaction({ nonce: 2n })]);
    expect(pool.size).toBe(0);
    expect(pool.bytes).toBe(0);
    expect(wordOf(pool, mined)).toBe('TransactionNonceCheckFail');
  });

  it('remembers nonces for exactly as long as a block limit reaches', () => {
    const pool = createPool();
    pool.onCommitted(1, [transaction({ nonce: 77n })]);
    for (let number = 2; number <= BLOCK_LIMIT_WINDOW; number++) pool.onCommitted(number, []);
    expect(wordOf(pool, transaction({ nonce: 77n, blockLimit: 1500n }))).toBe('TransactionNonceCheckFail');
    pool.onCommitted(BLOCK_LIMIT_WINDOW + 1, []);
    expect(wordOf(pool, transaction({ nonce: 77n, blockLimit: 1500n }))).toBe('admitted');
  });

  it('drops what waited too long or whose block limit has passed', () => {
    const pool = createPool({ expirationMs: 1000 });
    wordOf(pool, transaction(), 0);
    wordOf(pool, transaction({ blockLimit: 1n }), 500);
    wordOf(pool, transaction(), 500);
    expect(pool.dropStale(999)).toBe(0);
    expect(pool.dropStale(1000)).toBe(1);
    pool.onCommitted(1, []);
    expect(pool.select(2, ALL, 1000)).toHaveLength(1);
    expect(pool.size).toBe(1);
  });

  it('judges a block as strictly as a client', () => {
    const pool = createPool();
    const good = transaction();
    expect(pool.checkForBlock(1, [good, transaction()])).toBeUndefined();
    expect(pool.checkForBlock(1, [good, good])).toBe('TransactionNonceCheckFail');
    expect(pool.checkForBlock(1, [transaction({ blockLimit: 0n })])).toBe('BlockLimitCheckFailed');
    expect(pool.checkForBlock(1, [transaction({ chainId: 3n })])).toBe('InvalidChainId');
    pool.onCommitted(1, [good]);
    expect(pool.checkForBlock(2, [good])).toBe('TransactionNonceCheckFail');
  });

  it('judges a block above others that are in flight as if those were committed', () => {
    const pool = createPool();
    const [first, second] = [transaction({ nonce: 71n }), transaction({ nonce: 72n })];
    pool.onCommitted(1, [first]);
    const inFlight = [setOf([second.nonce]), setOf([73n])];
    expect(pool.checkForBlock(4, [transaction()], inFlight)).toBeUndefined();
    for (const nonce of [71n, 72n, 73n]) {
      expect(pool.checkForBlock(4, [transaction({ nonce })], inFlight)).toBe('TransactionNonceCheckFail');
    }
    expect(pool.checkForBlock(4, [transaction({ blockLimit: 3n })], inFlight)).toBe('BlockLimitCheckFailed');
    expect(pool.checkForBlock(4, [transaction({ blockLimit: 4n })], inFlight)).toBeUndefined();
    expect(pool.checkForBlock(4, [transaction({ blockLimit: 1003n })], inFlight)).toBeUndefined();
    expect(pool.checkForBlock(4, [transaction({ blockLimit: 1004n })], inFlight)).toBe('BlockLimitCheckFailed');
  });

  it('lets a nonce go at the same height, whether the blocks between are stored or in flight', () => {
    const pool = createPool();
    pool.onCommitted(1, [transaction({ nonce: 77n })]);
    for (let number = 2; number <= BLOCK_LIMIT_WINDOW - 1; number++) pool.onCommitted(number, []);
    const again = transaction({ nonce: 77n, blockLimit: 1500n });
    const between = (count: number) => Array.from({ length: count }, () => new Set<NonceKey>());
    expect(pool.checkForBlock(BLOCK_LIMIT_WINDOW, [again])).toBe('TransactionNonceCheckFail');
    expect(pool.checkForBlock(BLOCK_LIMIT_WINDOW + 1, [again], between(1))).toBe('TransactionNonceCheckFail');
    expect(pool.checkForBlock(BLOCK_LIMIT_WINDOW + 2, [again], between(2))).toBeUndefined();
    pool.onCommitted(BLOCK_LIMIT_WINDOW, []);
    expect(pool.checkForBlock(BLOCK_LIMIT_WINDOW + 2, [again], between(1))).toBeUndefined();
    pool.onCommitted(BLOCK_LIMIT_WINDOW + 1, []);
    expect(pool.checkForBlock(BLOCK_LIMIT_WINDOW + 2, [again])).toBeUndefined();
  });

  it('passes over what proposals in flight hold, until they are given up', () => {
    const pool = createPool();
    const sent = Array.from({ length: 9 }, () => transaction());
    for (const one of sent) wordOf(pool, one);
    const noncesOf = (some: readonly SignedTransaction[]) => setOf(some.map(({ nonce }) => nonce));
    const [low, high] = [noncesOf(sent.slice(0, 3)), noncesOf(sent.slice(3, 6))];
    pool.reserve([low]);
    expect(pool.select(2, ALL, 0)).toEqual(sent.slice(3));
    pool.reserve([low, high]);
    expect(pool.sealable).toBe(3);
    expect(pool.select(3, ALL, 0)).toEqual(sent.slice(6));
    pool.onCommitted(1, sent.slice(0, 3));
    pool.reserve([high]);
    expect(pool.select(3, ALL, 0)).toEqual(sent.slice(6));
    // A view change leaves the second proposal behind.
    pool.reserve([]);
    expect(pool.select(2, ALL, 0)).toEqual(sent.slice(3));
    expect(pool.size).toBe(6);
  });

  it('does not seal what came in after a proposal that holds it', () => {
    const pool = createPool();
    const late = transaction();
    pool.reserve([setOf([late.nonce])]);
    expect(wordOf(pool, late)).toBe('admitted');
    expect(pool.select(2, ALL, 0)).toEqual([]);
    pool.reserve([]);
    expect(pool.select(1, ALL, 0)).toEqual([late]);
  });

  it('keeps for a lower height what may not enter a higher one', () => {
    const pool = createPool();
    const short = transaction({ blockLimit: 2n });
    wordOf(pool, short);
    expect(pool.select(3, ALL, 0)).toEqual([]);
    expect(pool.select(2, ALL, 0)).toEqual([short]);
  });

  it('is not slowed down by nonces that differ in their high bits alone', () => {
    const [ordinary, chosen] = [0n, 64n].map((shift) => {
      const pool = createPool({ transactionsMax: 20_000, bytesMax: 1_000_000_000 });
      const startedAtMs = performance.now();
      for (let i = 1n; i <= 8000n; i++) pool.admit(transaction({ nonce: i << shift }), 0);
      return performance.now() - startedAtMs;
    });
    // As bigints the chosen ones took some hundred times as long.
    expect(chosen! / ordinary!).toBeLessThan(20);
  });

  it('finds what has waited', () => {
    const pool = createPool();
    const old = transaction();
    wordOf(pool, old, 0);
    wordOf(pool, transaction(), 900);
    expect(pool.waiting(1000, 10, 1000)).toEqual([old]);
  });

  it('keeps its counts right through any history', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('admit' as const), nonce: fc.bigInt(0n, 30n), limit: fc.bigInt(0n, 40n) }),
      fc.record({ kind: fc.constant('commit' as const), nonces: fc.array(fc.bigInt(0n, 30n), { maxLength: 4 }) }),
      fc.record({ kind: fc.constant('sweep' as const), nowMs: fc.nat(2000) }),
      fc.record({ kind: fc.constant('reserve' as const), chosen: fc.array(fc.nat(3), { maxLength: 3 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const pool = createPool({ expirationMs: 1000, transactionsMax: 12 });
        const sets = [setOf([1n, 2n, 3n]), setOf([3n, 4n]), setOf([10n, 20n]), setOf([])];
        let reserved: ReadonlySet<NonceKey>[] = [];
        let head = 0;
        for (const one of steps) {
          if (one.kind === 'admit') pool.admit(transaction({ nonce: one.nonce, blockLimit: one.limit }), head);
          else if (one.kind === 'commit')
            pool.onCommitted(
              ++head,
              one.nonces.map((nonce) => transaction({ nonce })),
            );
          else if (one.kind === 'sweep') pool.dropStale(one.nowMs);
          else pool.reserve((reserved = one.chosen.map((index) => sets[index]!)));
          const pending = [...pool.pending()];
          expect(pending.length).toBe(pool.size);
          expect(pool.bytes).toBe(pending.reduce((sum, { raw }) => sum + raw.length + 1024, 0));
          expect(new Set(pending.map(({ nonce }) => nonce)).size).toBe(pending.length);
          const free = pending.filter((waiting) => !reserved.some((nonces) => nonces.has(waiting.nonceKey)));
          expect(pool.sealable).toBe(free.length);
          const selected = pool.select(head + 1, ALL, 0);
          expect(selected).toEqual(free.filter(({ blockLimit }) => blockLimit > head));
        }
      }),
      { numRuns: 500 },
    );
  });
});

import { describe, expect, it, vi } from 'vitest';

/** The test of the tests: sync with one rule broken must be caught. */
type Exports = Record<string, unknown>;

interface Mutant {
  readonly what: string;
  readonly module: string;
  readonly change: (actual: Exports) => Exports;
  /** Where to look first; found by running from 1 on. */
  readonly from: number;
  /** Found late in a long history: not at every run of the tests. */
  readonly isSlow?: true;
}

const classOf = (actual: Exports, name: string) => actual[name] as new (...args: never[]) => object;

/** The class with one method replaced. */
function withMethod(
  actual: Exports,
  name: string,
  method: string,
  replacement: (...args: never[]) => unknown,
): Exports {
  const Original = classOf(actual, name);
  const Changed = class extends Original {};
  Object.defineProperty(Changed.prototype, method, { value: replacement });
  return { [name]: Changed };
}

const MUTANTS: readonly Mutant[] = [
  {
    what: 'liars are not left alone',
    module: '@menglian/sync/peerBook',
    change: (actual) => withMethod(actual, 'PeerBook', 'isLeftAlone', () => false),
    from: 3,
  },
  {
    what: 'nobody is asked again while all are left alone, however long that is',
    module: '@menglian/sync/limits',
    change: () => ({ LAST_RESORT_MS: Number.POSITIVE_INFINITY, LATE_MS: 500_000, LATE_MS_MAX: 500_000 }),
    from: 132,
    isSlow: true,
  },
  {
    what: 'requests never end',
    module: '@menglian/sync/limits',
    change: () => ({ REQUEST_TIMEOUT_MS: Number.POSITIVE_INFINITY, SECOND_REQUEST_AFTER_MS: Number.POSITIVE_INFINITY }),
    from: 7,
  },
  {
    what: 'nobody is blamed',
    module: '@menglian/sync/peerBook',
    change: (actual) => withMethod(actual, 'PeerBook', 'blame', () => undefined),
    from: 3,
  },
  {
    what: 'a block that was rejected is not given up',
    module: '@menglian/sync/blockSync',
    change: (actual) => {
      const Original = classOf(actual, 'BlockSync');
      const step = Original.prototype.step as (input: { kind: string }) => unknown[];
      return withMethod(actual, 'BlockSync', 'step', function (this: object, ...args) {
        const [input] = args as unknown as [{ kind: string }];
        return input.kind === 'rejected' ? [] : step.call(this, input);
      });
    },
    from: 23,
    isSlow: true,
  },
  {
    what: 'headers are trusted without a witness of the list before',
    module: '@menglian/sync/trustPath',
    change: (actual) => {
      const Original = classOf(actual, 'TrustPath') as new (rules: object, sealers: unknown, target: number) => object;
      return {
        TrustPath: class extends Original {
          constructor(rules: object, sealers: unknown, target: number) {
            super({ ...rules, witnesses: () => 0 }, sealers, target);
          }
        },
      };
    },
    from: 28,
  },
  {
    what: 'chunks are taken as they come',
    module: '@menglian/sync/chunkFetch',
    change: (actual) => {
      const Original = classOf(actual, 'ChunkFetch');
      const onChunk = Original.prototype.onChunk as (from: string, index: number, hash: string) => string;
      return withMethod(
        actual,
        'ChunkFetch',
        'onChunk',
        function (this: { facts: { chunkHashes: string[] } }, ...args) {
          const [from, index, hash] = args as unknown as [string, number, string | undefined];
          return onChunk.call(this, from, index, hash === undefined ? '' : this.facts.chunkHashes[index]!);
        },
      );
    },
    from: 45,
  },
  {
    what: 'what a peer withholds is waited for',
    module: '@menglian/sync/chunkFetch',
    change: (actual) => withMethod(actual, 'ChunkFetch', 'expire', () => []),
    from: 14,
  },
  {
    what: 'serving has no end',
    module: '@menglian/sync/limits',
    change: () => ({ SERVE_QUEUE_MAX: 1_000_000, SERVED_BYTES_BURST: 0, SERVED_BYTES_PER_SECOND: 1000 }),
    from: 1,
  },
];

/** A mutant must be found within so many. */
const SEEDS = 40;

/** @returns what the first seed that finds the mutant says; nothing when none does */
async function firstComplaint({ module, change, from }: Mutant): Promise<string> {
  vi.resetModules();
  vi.doMock(module, async (importActual) => {
    const actual = await importActual<Exports>();
    return { ...actual, ...change(actual) };
  });
  try {
    const { runSyncSeed } = await import('./runSyncSeed.js');
    for (let seed = from; seed < from + SEEDS; seed++) {
      try {
        runSyncSeed(seed);
      } catch (error) {
        return (error as Error).message;
      }
    }
    return '';
  } finally {
    vi.doUnmock(module);
  }
}

describe('the simulator of sync catches', () => {
  const isLong = process.env['MENGLIAN_LONG'] === '1';
  for (const mutant of MUTANTS.filter(({ isSlow }) => isLong || isSlow !== true)) {
    it(mutant.what, { timeout: 600_000 }, async () => {
      expect(await firstComplaint(mutant)).toMatch(/^broken invariant (sim|sync|ledger)\//);
    });
  }
});

/** Kills a real process that writes blocks to LevelDB, again and again, and looks at what it leaves. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { openLevelStore } from '@menglian/storage/levelStore';
import { openMemoryStore } from '@menglian/storage/memoryStore';
import type { KeyValueStore } from '@menglian/storage/ports';
import { buildPackage, startChild } from '@menglian/storage/testing/childProcess';
import { Ledger } from './ledger.js';
import { TEST_GENESIS, TestChain } from './testing/chainFixture.js';

const ROUNDS = process.env['MENGLIAN_LONG'] === '1' ? 100 : 5;
const SEED = 77;
const SIZE = { transactions: 20, changes: 40 };

/** Goes on with the chain where the folder's ends, and prints the number of each block that is confirmed. */
const WRITER = `
import { loadSuite } from '@menglian/crypto/loadSuite';
import { Ledger } from '@menglian/ledger/ledger';
import { TEST_GENESIS, TestChain } from '@menglian/ledger/testing/chainFixture';
import { openLevelStore } from '@menglian/storage/levelStore';
const suite = await loadSuite('ecdsa');
const chain = new TestChain(suite, ${SEED});
const store = await openLevelStore(process.argv[1]);
const ledger = await Ledger.open(store.value, suite, TEST_GENESIS);
if (!ledger.ok) throw new Error(ledger.reason.message);
const start = ledger.value.head().number;
console.log('open', start);
for (let number = 1; ; number++) {
  const { block, changes, order, signed } = chain.next(${JSON.stringify(SIZE)});
  if (number <= start) continue;
  await ledger.value.commit(block, changes, order, [], signed);
  console.log('stored', number);
}
`;

let suite: CryptoSuite;
let folder: string;
beforeAll(async () => {
  await buildPackage('ledger');
  suite = await loadSuite('ecdsa');
  folder = await mkdtemp(join(tmpdir(), 'menglian-kill-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function openLedger(store: KeyValueStore): Promise<Ledger> {
  const ledger = await Ledger.open(store, suite, TEST_GENESIS);
  if (!ledger.ok) throw new Error(`${ledger.reason.code} ${ledger.reason.message}`);
  return ledger.value;
}

async function contents(store: KeyValueStore): Promise<string[]> {
  const lines: string[] = [];
  let from = Uint8Array.of(0);
  for (;;) {
    const page = await store.scan({ from, to: Uint8Array.of(0xff) });
    if (page.length === 0) return lines;
    for (const [key, value] of page) lines.push(`${toHex(key)}=${toHex(suite.hash(value))}`);
    from = Uint8Array.of(...page.at(-1)![0], 0);
  }
}

describe('a process killed while it writes blocks', () => {
  it('leaves every confirmed block, one more at most, and nothing between', async () => {
    const random = new SeededRandom(Date.now());
    const reference = openMemoryStore();
    const expected = await openLedger(reference);
    const chain = new TestChain(suite, SEED);
    const path = join(folder, 'db');
    for (let round = 0; round < ROUNDS; round++) {
      const child = startChild(WRITER, [path]);
      const delayMs = random.below(300);
      child.onOutput((text) => {
        if (text.startsWith('open')) setTimeout(() => child.kill(), delayMs);
      });
      const { output, errors, code } = await child.ended;
      expect([errors, code]).toEqual(['', null]);
      const confirmed = Number(/(\d+)\s*$/.exec(output)![1]);

      const store = await openLevelStore(path);
      if (!store.ok) throw new Error(store.reason.message);
      const { number, hash } = (await openLedger(store.value)).head();
      expect(number).toBeGreaterThanOrEqual(confirmed);
      expect(number).toBeLessThanOrEqual(confirmed + 1);
      while (expected.head().number < number) {
        const { block, changes, order, signed } = chain.next(SIZE);
        await expected.commit(block, changes, order, [], signed);
      }
      expect(toHex(hash)).toBe(toHex(expected.head().hash));
      expect(await contents(store.value)).toEqual(await contents(reference));
      await store.value.close();
    }
    expect(expected.head().number).toBeGreaterThan(ROUNDS);
  }, 600_000);
});

/** Damages files of a real LevelDB and looks at what is made of it: a refusal, or some whole block, never a mixture. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { openLevelStore } from '@menglian/storage/levelStore';
import type { KeyValueStore } from '@menglian/storage/ports';
import { Ledger } from './ledger.js';
import { TEST_GENESIS, TestChain } from './testing/chainFixture.js';

const BLOCKS = 40;
const ROUNDS = process.env['MENGLIAN_LONG'] === '1' ? 2000 : 50;

let suite: CryptoSuite;
let folder: string;
let log: Uint8Array;
let logName: string;
/** Contents of the store after each block. */
const expected: string[] = [];

async function openStore(name: string): Promise<KeyValueStore> {
  const store = await openLevelStore(join(folder, name));
  if (!store.ok) throw new Error(store.reason.message);
  return store.value;
}

async function contents(store: KeyValueStore): Promise<string> {
  const entries = await store.scan({ from: Uint8Array.of(0), to: Uint8Array.of(0xff) });
  return toHex(suite.hash(Buffer.from(entries.map(([key, value]) => `${toHex(key)}=${toHex(value)}`).join('\n'))));
}

beforeAll(async () => {
  suite = await loadSuite('ecdsa');
  folder = await mkdtemp(join(tmpdir(), 'menglian-damage-'));
  const store = await openStore('whole');
  const ledger = await Ledger.open(store, suite, TEST_GENESIS);
  if (!ledger.ok) throw new Error(ledger.reason.message);
  expected.push(await contents(store));
  const chain = new TestChain(suite, 5);
  for (let number = 1; number <= BLOCKS; number++) {
    const { block, changes, order, signed } = chain.next({ transactions: 5, changes: 10 });
    await ledger.value.commit(block, changes, order, [], signed);
    expected.push(await contents(store));
  }
  await store.close();
  logName = (await readdir(join(folder, 'whole'))).find((name) => name.endsWith('.log'))!;
  log = await readFile(join(folder, 'whole', logName));
});
afterAll(() => rm(folder, { recursive: true }));

/** Opens a copy whose log is replaced. @returns the number of the head, or the code of the refusal */
async function openDamaged(damagedLog: Uint8Array): Promise<number | string> {
  await cp(join(folder, 'whole'), join(folder, 'damaged'), { recursive: true });
  await writeFile(join(folder, 'damaged', logName), damagedLog);
  const opened = await openLevelStore(join(folder, 'damaged'));
  if (!opened.ok) return opened.reason.code;
  const store = opened.value;
  try {
    const isEmpty = (await store.scan({ from: Uint8Array.of(0), to: Uint8Array.of(0xff), limit: 1 })).length === 0;
    if (isEmpty) return -1;
    const ledger = await Ledger.open(store, suite, TEST_GENESIS);
    if (!ledger.ok) return ledger.reason.code;
    const { number } = ledger.value.head();
    expect(await contents(store)).toBe(expected[number]);
    return number;
  } finally {
    await store.close();
    await rm(join(folder, 'damaged'), { recursive: true });
  }
}

describe('a damaged log', () => {
  it('cut anywhere, as by a loss of power, leaves a whole block', async () => {
    expect(await openDamaged(log)).toBe(BLOCKS);
    const random = new SeededRandom(1);
    for (let round = 0; round < ROUNDS / 2; round++) {
      const length = random.below(log.length);
      const outcome = await openDamaged(log.subarray(0, length));
      expect([length, typeof outcome]).toEqual([length, 'number']);
      expect(outcome).toBeLessThan(BLOCKS);
    }
  }, 600_000);

  it('changed anywhere is refused or leaves a whole block', async () => {
    const random = new SeededRandom(2);
    const outcomes = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      const damaged = log.slice();
      const at = random.below(log.length);
      damaged[at]! ^= 1 << random.below(8);
      const outcome = await openDamaged(damaged);
      if (typeof outcome === 'string') expect(outcome).toMatch(/^(ledger|storage)\/(corrupt|not-a-ledger)/);
      outcomes.add(typeof outcome);
    }
    expect(outcomes).toContain('string');
  }, 600_000);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { invariant } from '@menglian/base/invariant';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { Ledger } from '@menglian/ledger/ledger';
import { TEST_GENESIS, TestChain, type TestBlock } from '@menglian/ledger/testing/chainFixture';
import { openLevelStore } from '@menglian/storage/levelStore';
import { encodeReceipt } from '@menglian/types/receipt';
import { ClassicLevel } from 'classic-level';
import type { MicroCase } from './microCase.js';
import { packageVersion } from './packageVersion.js';

const SIZE = { transactions: 1000, changes: 1000, inputBytes: 160 };
const SEED = 4;

export const COMMIT_CASE: MicroCase = {
  name: 'commit',
  description: {
    en: 'storing a block of 1,000 transactions durably, a transaction; the library writes a key for each and its receipt',
    zh: '持久化 1000 笔交易的区块（按每笔计）；对照库为每笔交易及回执各写一个键',
  },
  async prepare() {
    const suite = await loadSuite('ecdsa');
    const folder = mkdtempSync(join(tmpdir(), 'menglian-bench-'));
    const store = await openLevelStore(join(folder, 'ledger'));
    invariant(store.ok, 'benchmarks/store');
    const ledger = await Ledger.open(store.value, suite, TEST_GENESIS);
    invariant(ledger.ok, 'benchmarks/ledger');
    const level = new ClassicLevel<Uint8Array, Uint8Array>(join(folder, 'level'), {
      keyEncoding: 'view',
      valueEncoding: 'view',
    });
    await level.open();
    const chain = new TestChain(suite, SEED);
    let next: TestBlock;
    const ours = {
      name: 'menglian',
      version: '',
      prepare() {
        next = chain.next(SIZE);
      },
      async run() {
        const { block, changes, order, signed } = next;
        await ledger.value.commit(block, changes, order, [], signed);
        return signed.length;
      },
    };
    const other = new TestChain(suite, SEED + 1);
    const library = {
      name: 'classic-level',
      version: packageVersion('classic-level'),
      prepare() {
        next = other.next(SIZE);
      },
      async run() {
        const { block, changes, signed } = next;
        const put = (kind: number, key: Uint8Array, value: Uint8Array) => {
          const full = new Uint8Array(key.length + 1);
          full[0] = kind;
          full.set(key, 1);
          return { type: 'put' as const, key: full, value };
        };
        const puts = signed.map(({ hash, raw }) => put(0, hash, raw));
        for (const [index, receipt] of block.receipts.entries())
          puts.push(put(1, signed[index]!.hash, encodeReceipt(receipt)));
        for (const { key, value } of changes) if (value !== undefined) puts.push(put(2, key, value));
        await level.batch(puts, { sync: true });
        return signed.length;
      },
    };
    return {
      ours,
      others: [library],
      async close() {
        await store.value.close();
        await level.close();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};

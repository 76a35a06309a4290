import { toHex } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { layeredView } from '@menglian/ledger/stateView';
import type { StateView } from '@menglian/ledger/stateView';
import { merkleRoot } from '@menglian/types/merkle';
import { receiptHash } from '@menglian/types/receipt';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSerialExecutor } from './serialExecutor.js';
import { RandomBlocks, shown } from './testing/randomBlocks.js';
import { TestChain } from './testing/testChain.js';

let suite: CryptoSuite;
beforeAll(async () => {
  suite = await loadSuite('ecdsa');
});

const DAG_TRANSFER = '5002'.padStart(40, '0');
const USERS = ['a', 'b', 'c', 'd'];

describe('a block', () => {
  it('without transactions changes nothing but the digest', () => {
    const chain = new TestChain(suite, suite);
    const before = chain.digest;
    const result = chain.run();
    expect(result).toMatchObject({ receipts: [], changes: [] });
    expect(result.stateDigest).not.toStrictEqual(before);
    expect(result.transactionsRoot).toStrictEqual(suite.emptyHash);
  });

  it('has its digest in every receipt, and roots over hashes of transactions and receipts', () => {
    const chain = new TestChain(suite, suite);
    const alice = chain.account(1);
    const transactions = USERS.map((user) =>
      chain.sign(alice, { to: DAG_TRANSFER, data: chain.data('userSave(string,uint256)', user, 5n) }),
    );
    const result = chain.run(...transactions);
    for (const receipt of result.receipts) expect(receipt.stateRoot).toStrictEqual(result.stateDigest);
    const hashes = transactions.map(({ hash }) => hash);
    expect(result.transactionsRoot).toStrictEqual(merkleRoot(suite, hashes));
    const receiptHashes = result.receipts.map((receipt) => receiptHash(suite, receipt));
    expect(result.receiptsRoot).toStrictEqual(merkleRoot(suite, receiptHashes));
  });
});

describe('DagTransfer', () => {
  it('keeps the sum of all balances whatever is transferred, in any blocks', () => {
    const transfer = fc.record({
      from: fc.constantFrom(...USERS),
      to: fc.constantFrom(...USERS),
      amount: fc.bigInt({ min: 0n, max: 150n }),
    });
    fc.assert(
      fc.property(fc.array(fc.array(transfer, { maxLength: 8 }), { maxLength: 4 }), (blocks) => {
        const chain = new TestChain(suite, suite);
        const alice = chain.account(1);
        const sign = (signature: string, ...values: (string | bigint)[]) =>
          chain.sign(alice, { to: DAG_TRANSFER, data: chain.data(signature, ...values) });
        chain.run(...USERS.map((user) => sign('userSave(string,uint256)', user, 100n)));
        for (const transfers of blocks) {
          chain.run(
            ...transfers.map(({ from, to, amount }) => sign('userTransfer(string,string,uint256)', from, to, amount)),
          );
        }
        const balances = USERS.map((user) => {
          const { output } = chain.call(alice.address, {
            to: DAG_TRANSFER,
            data: chain.data('userBalance(string)', user),
          });
          return BigInt(`0x${toHex(output.subarray(32))}`);
        });
        expect(balances.reduce((sum, balance) => sum + balance, 0n)).toBe(400n);
      }),
      { numRuns: 25 },
    );
  });
});

const BLOCKS = process.env['MENGLIAN_LONG'] === '1' ? 5_000 : 100;

describe('random blocks', () => {
  it('give equal bytes when executed twice, with warm and cold caches, on committed and on layered state', () => {
    const blocks = new RandomBlocks(suite, 7);
    const { chain } = blocks;
    /** An older state with the blocks since then layered over it. */
    let layered: StateView = chain.state.copy();
    const seen = new Set<number>();
    for (let i = 0; i < BLOCKS; i++) {
      const transactions = blocks.next();
      const input = chain.input(transactions);
      const cold = createSerialExecutor(suite).executeBlock({ ...input, view: layered });
      const warm = chain.execute(transactions);
      expect(shown(cold)).toStrictEqual(shown(warm));
      const kept = chain.run(...transactions);
      expect(shown(kept)).toStrictEqual(shown(warm));
      layered = i % 5 === 4 ? chain.state.copy() : layeredView(kept.changes, layered);
      blocks.learn(kept);
      for (const { status } of kept.receipts) seen.add(status);
    }
    // The blocks mean something: success and most ways to fail occurred.
    for (const status of [0, 10, 12, 14, 21, 22, 25, 26, 30]) expect(seen).toContain(status);
  });
});

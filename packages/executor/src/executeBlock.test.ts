import { toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { ProgramGenerator } from '@menglian/evm/testing/randomProgram';
import { layeredView } from '@menglian/ledger/stateView';
import type { StateView } from '@menglian/ledger/stateView';
import { merkleRoot } from '@menglian/types/merkle';
import { encodeReceipt, receiptHash } from '@menglian/types/receipt';
import type { SignedTransaction } from '@menglian/types/transaction';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BlockResult } from './ports.js';
import { createSerialExecutor } from './serialExecutor.js';
import { deploying, TestChain } from './testing/testChain.js';
import type { TestAccount } from './testing/testChain.js';

let suite: CryptoSuite;
beforeAll(async () => {
  suite = await loadSuite('ecdsa');
});

const DAG_TRANSFER = '5002'.padStart(40, '0');
const USERS = ['a', 'b', 'c', 'd'];

/** Everything of a result, as text. */
function shown(result: BlockResult): unknown {
  return {
    receipts: result.receipts.map((receipt) => toHex(encodeReceipt(receipt))),
    changes: result.changes.map(({ key, value }) => [toHex(key), value === undefined ? undefined : toHex(value)]),
    roots: [result.stateDigest, result.transactionsRoot, result.receiptsRoot].map(toHex),
  };
}

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

/** Accounts and random contracts that call one another, system contracts and built-ins, and deploy more of their kind. */
class RandomBlocks {
  readonly chain: TestChain;
  readonly #random: SeededRandom;
  readonly #accounts: readonly TestAccount[];
  readonly #contracts: string[] = [];

  constructor(seed: number) {
    this.chain = new TestChain(suite, suite, { gasLimit: 400_000n });
    this.#random = new SeededRandom(seed);
    this.#accounts = [1, 2, 3].map((number) => this.chain.account(number));
  }

  next(): SignedTransaction[] {
    return Array.from({ length: 1 + this.#random.below(12) }, () => this.#transaction());
  }

  learn(result: BlockResult): void {
    for (const { contractAddress, status } of result.receipts) {
      if (status === 0 && !/^0+$/.test(contractAddress)) this.#contracts.push(contractAddress);
    }
  }

  #transaction(): SignedTransaction {
    const random = this.#random;
    const account = random.pick(this.#accounts);
    if (this.#contracts.length === 0 || random.chance(20)) {
      const others = ['04', '1000', '1001', '1002', '5002', '010001'].map((digits) => digits.padStart(40, '0'));
      const contracts = this.#contracts.length === 0 ? [account.address] : this.#contracts.slice(-8);
      const generator = new ProgramGenerator(random, { contracts, others });
      return this.chain.sign(account, {
        data: random.chance(80) ? deploying(generator.program()) : generator.initCode(1),
      });
    }
    if (random.chance(40))
      return this.chain.sign(account, { to: random.pick(this.#contracts.slice(-8)), data: random.bytes(70) });
    return this.chain.sign(account, this.#systemCall());
  }

  #systemCall() {
    const { chain } = this;
    const random = this.#random;
    const user = random.pick(USERS);
    const contract = random.pick(this.#contracts.slice(-8));
    const at = (digits: string, signature: string, ...values: (string | bigint)[]) => ({
      to: digits.padStart(40, '0'),
      data: chain.data(signature, ...values),
    });
    return random.pick([
      at('5002', 'userSave(string,uint256)', user, 10n),
      at('5002', 'userTransfer(string,string,uint256)', user, random.pick(USERS), 3n),
      at('1001', 'createTable(string,string,string)', user, 'id', 'item'),
      at('1001', 'createTable(string,string,string)', 'no good', 'id', 'item'),
      at('1002', 'insert(string,string,string,string)', user, 'k', '{"item":"v"}', ''),
      at('1002', 'remove(string,string,string,string)', user, 'k', '{}', ''),
      at('1007', 'freeze(address)', contract),
      at('1007', 'unfreeze(address)', contract),
      at('1005', 'insert(string,string)', user, `0x${random.pick(this.#accounts).address}`),
      at('1005', 'grantWrite(address,address)', contract, random.pick(this.#accounts).address),
      at('1000', 'setValueByKey(string,string)', 'tx_count_limit', String(1 + random.below(99))),
    ]);
  }
}

const BLOCKS = process.env['MENGLIAN_LONG'] === '1' ? 5_000 : 100;

describe('random blocks', () => {
  it('give equal bytes when executed twice, with warm and cold caches, on committed and on layered state', () => {
    const blocks = new RandomBlocks(7);
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

import { toBigInt } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { systemAddress } from '@menglian/precompiled/addresses';
import type { Address } from '@menglian/types/address';
import type { SignedTransaction } from '@menglian/types/transaction';
import { describe, expect, it } from 'vitest';
import { forwarder } from './testing/contracts.js';
import { Interleaving } from './testing/interleaving.js';
import { shown } from './testing/randomBlocks.js';
import { CLOSE, GRANTED, ISSUE, OPENED, PAY, PAY_OUT, REFERENCE } from './testing/systemCasesOfClearing.js';
import {
  ALICE,
  BOB,
  callData,
  type ContractCall,
  newChain,
  runBlock,
  signed,
  suite,
} from './testing/systemScenario.js';
import { deploying, type TestAccount, type TestChain } from './testing/testChain.js';

/**
 * Goal: that everybody pays to one account makes nobody wait. Workers run a block of payments in any order, and each settles without a
 * conflict; where something needs the exact sums they come out as if one had followed the other.
 */

const ecdsa = await loadSuite('ecdsa');
const [MONEY, SHADOWS] = [0x2005, 0x2006];
const MOST = 2n ** 256n - 1n;
const PAYERS = Array.from({ length: 24 }, (_, index) => newChain().account(100 + index));

/** `shop` is open and each payer has 100. */
function prepared(): TestChain {
  const chain = newChain();
  for (const block of [...OPENED, GRANTED]) runBlock(chain, block);
  const issues = PAYERS.map((payer): ContractCall => [ALICE, MONEY, ISSUE, payer.address, 100n]);
  runBlock(chain, issues);
  return chain;
}

const pay = (who: TestAccount, amount: bigint): ContractCall => [who, SHADOWS, PAY, 'shop', amount, REFERENCE];
const payOut = (to: Address, amount: bigint): ContractCall => [BOB, SHADOWS, PAY_OUT, 'shop', to, amount, REFERENCE];
const close = (who: TestAccount): ContractCall => [who, SHADOWS, CLOSE, 'shop'];

/** Executes the block both ways and keeps it. @returns the codes */
function run(chain: TestChain, parallel: Interleaving, transactions: readonly SignedTransaction[]): readonly bigint[] {
  const expected = chain.execute(transactions);
  expect(shown(parallel.execute(chain.input(transactions), () => true))).toStrictEqual(shown(expected));
  chain.keep(expected);
  return expected.receipts.map(({ output }) => BigInt.asIntN(256, toBigInt(output.subarray(-32))));
}

function runCalls(chain: TestChain, parallel: Interleaving, calls: readonly ContractCall[]): readonly bigint[] {
  return run(
    chain,
    parallel,
    calls.map((call) => signed(chain, call)),
  );
}

/** In, out and payments of the open epoch. */
function open(chain: TestChain): readonly bigint[] {
  const data = callData([ALICE, SHADOWS, 'shadow(string)', 'shop']);
  const { output } = chain.call(ALICE.address, { to: systemAddress(SHADOWS), data });
  return [3, 4, 5].map((word) => toBigInt(output.subarray(32 * word, 32 * word + 32)));
}

describe.each([1, 2, 3, 8])('with %i workers', (workers) => {
  it('payments of many to one account meet no conflict', () => {
    const chain = prepared();
    const parallel = new Interleaving(suite, ecdsa, workers, workers);
    const calls = PAYERS.map((payer, index) => pay(payer, BigInt(index + 1)));
    expect(new Set(runCalls(chain, parallel, calls))).toEqual(new Set([1n]));
    expect(parallel.counts).toStrictEqual({ merged: PAYERS.length, conflict: 0, 'in order': 0 });
    expect(open(chain)).toEqual([300n, 0n, 24n]);
  });

  it('epochs are closed between payments, and amounts near a bound are refused, as one after another', () => {
    const chain = prepared();
    const parallel = new Interleaving(suite, ecdsa, workers, workers);
    const random = new SeededRandom(workers);
    for (let block = 0; block < 6; block++) {
      const calls = Array.from({ length: 20 }, (): ContractCall => {
        const who = random.pick(PAYERS);
        if (random.chance(10)) return close(who);
        if (random.chance(20)) return payOut(random.pick(PAYERS).address, BigInt(random.below(12)));
        return pay(who, random.chance(5) ? MOST : BigInt(random.below(40)));
      });
      runCalls(chain, parallel, calls);
    }
    expect(parallel.counts.merged).toBeGreaterThan(0);
  });
});

describe('payments that a contract makes', () => {
  it('take from one balance and go to one account, and meet no conflict', () => {
    const chain = prepared();
    const code = deploying(forwarder('CALL', systemAddress(SHADOWS)));
    const { contractAddress } = chain.run(chain.sign(ALICE, { data: code })).receipts[0]!;
    runBlock(chain, [[ALICE, MONEY, ISSUE, contractAddress, 1000n]]);
    const parallel = new Interleaving(suite, ecdsa, 1, 4);
    const spend = (amount: bigint) =>
      PAYERS.map((payer) => chain.sign(payer, { to: contractAddress, data: callData(pay(payer, amount)) }));
    expect(new Set(run(chain, parallel, spend(10n)))).toEqual(new Set([1n]));
    expect(parallel.counts).toStrictEqual({ merged: PAYERS.length, conflict: 0, 'in order': 0 });
    // 760 are left: not enough for all of these, and who comes too late depends on those before.
    const codes = run(chain, parallel, spend(50n));
    expect(codes.filter((one) => one === 1n)).toHaveLength(15);
    expect(codes.slice(15)).toEqual(codes.slice(15).map(() => -60_601n));
    expect(open(chain)).toEqual([240n + 750n, 0n, 39n]);
  });
});

import { SeededRandom } from '@menglian/base/seededRandom';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { assemble } from '@menglian/evm/testing/assembler';
import { accountKey, encodeAccount } from '@menglian/ledger/stateRecords';
import type { Address } from '@menglian/types/address';
import type { SignedTransaction } from '@menglian/types/transaction';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ExecutionSettings } from '../ports.js';
import { newAccount } from '../state/accounts.js';
import { Interleaving } from '../testing/interleaving.js';
import { RandomBlocks, shown } from '../testing/randomBlocks.js';
import { deploying, TestChain } from '../testing/testChain.js';

let suite: CryptoSuite;
beforeAll(async () => {
  suite = await loadSuite('ecdsa');
});

/** Before the first block; it counts only where gas is charged. */
function giveGas(chain: TestChain, address: Address): void {
  const record = { ...newAccount(suite), remainGas: 10n ** 7n };
  chain.state.apply([{ key: accountKey(address), value: encodeAccount(record) }]);
}

const BLOCKS = process.env['MENGLIAN_LONG'] === '1' ? 1_000 : 40;

describe('parallel execution', () => {
  it('of payments to one account meets no conflict, also when a contract makes them, until amounts are near a bound', () => {
    const chain = new TestChain(suite, suite);
    const account = chain.account(1);
    const dagTransfer = '5002'.padStart(40, '0');
    // Hands its data on to DagTransfer, and the answer back.
    const relay = assemble(
      `CALLDATASIZE 0 0 CALLDATACOPY 32 0 CALLDATASIZE 0 0 PUSH20 0x${dagTransfer} GAS CALL POP 32 0 RETURN`,
    );
    const deployed = chain.run(chain.sign(account, { data: deploying(relay) })).receipts[0]!.contractAddress;
    const send = (to: Address, signature: string, ...values: (string | bigint)[]) => {
      const { address } = chain.account(chain.number * 100 + ++senders);
      return { ...chain.sign(account, { to, data: chain.data(signature, ...values) }), sender: address };
    };
    let senders = 0;
    const payers = Array.from({ length: 20 }, (_, i) => `payer${i}`);
    chain.run(...payers.map((payer) => send(dagTransfer, 'userSave(string,uint256)', payer, 100n)));
    chain.run(send(dagTransfer, 'userSave(string,uint256)', 'shop', 5n));
    const parallel = new Interleaving(suite, suite, 1, 4);
    const run = (transactions: readonly SignedTransaction[]): void => {
      const expected = chain.execute(transactions);
      expect(shown(parallel.execute(chain.input(transactions), () => true))).toStrictEqual(shown(expected));
      chain.keep(expected);
    };
    for (const to of [dagTransfer, deployed]) {
      run(payers.map((payer) => send(to, 'userTransfer(string,string,uint256)', payer, 'shop', 3n)));
    }
    expect(parallel.counts).toStrictEqual({ merged: 40, conflict: 0, 'in order': 0 });
    // 125 are there: some of these are refused, which depends on those before.
    run(payers.map((payer) => send(deployed, 'userTransfer(string,string,uint256)', 'shop', payer, 20n)));
    expect(parallel.counts.conflict).toBeGreaterThan(0);
    run([send(dagTransfer, 'userSave(string,uint256)', 'shop', 2n ** 256n - 50n)]);
    run(payers.map((payer) => send(dagTransfer, 'userTransfer(string,string,uint256)', payer, 'shop', 9n)));
  });

  it.each<{ workers: number; seed: number; settings: Partial<ExecutionSettings> }>([
    { workers: 1, seed: 1, settings: {} },
    { workers: 2, seed: 2, settings: { freeStorage: true } },
    { workers: 3, seed: 3, settings: { chargeGas: true } },
    { workers: 8, seed: 4, settings: {} },
    { workers: 16, seed: 5, settings: { gasLimit: 3_000_000n } },
  ])(
    'equals serial execution with $workers workers in any order',
    ({ workers, seed, settings }) => {
      const blocks = new RandomBlocks(suite, seed, settings);
      for (const account of [1, 2, 3]) giveGas(blocks.chain, blocks.chain.account(account).address);
      const parallel = new Interleaving(suite, suite, seed, workers);
      const random = new SeededRandom(seed);
      for (let i = 0; i < BLOCKS; i++) {
        const transactions = blocks.next();
        const input = blocks.chain.input(transactions);
        const expected = blocks.chain.execute(transactions);
        const share = random.pick([100, 100, 80, 20]);
        expect(shown(parallel.execute(input, () => random.chance(share)))).toStrictEqual(shown(expected));
        // Now and then a block is executed twice, or another one in its place: a candidate that was not chosen.
        if (random.chance(20)) continue;
        blocks.chain.keep(expected);
        blocks.learn(expected);
      }
      expect(parallel.counts.merged).toBeGreaterThan(BLOCKS / 2);
      expect(parallel.counts['in order']).toBeGreaterThan(0);
      // Where senders pay, one sender's transactions wait for one another.
      if (workers > 1 && settings.chargeGas !== true) expect(parallel.counts.conflict).toBeGreaterThan(0);
    },
    600_000,
  );
});

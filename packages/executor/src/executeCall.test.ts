import type { CryptoSuite } from '@menglian/crypto/suite';
import { fromHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { TransactionStatus } from '@menglian/types/status';
import { beforeAll, expect, it } from 'vitest';
import { answering, CELLS, hex, word } from './testing/contracts.js';
import { deploying, TestChain } from './testing/testChain.js';

let suite: CryptoSuite;
beforeAll(async () => {
  suite = await loadSuite('ecdsa');
});

it('a call sees the latest block, gas price 1 and its own writes, and leaves nothing', () => {
  const chain = new TestChain(suite, suite);
  const alice = chain.account(1);
  const addresses = chain
    .run(
      ...['NUMBER', 'TIMESTAMP', 'GASPRICE', 'GAS'].map((name) =>
        chain.sign(alice, { data: deploying(answering(name)) }),
      ),
    )
    .receipts.map(({ contractAddress }) => contractAddress);
  const cells = chain.run(chain.sign(alice, { data: deploying(CELLS) })).receipts[0]!.contractAddress;
  const from = '11'.repeat(20);
  const values = addresses.map((to) => BigInt(`0x${hex(chain.call(from, { to }).output)}`));
  expect(values).toStrictEqual([2n, 1_700_000_002_000n, 1n, 300_000_000n - 21_000n - 2n]);

  const before = chain.state.entries();
  expect(chain.call(from, { to: cells, data: fromHex(word(1) + word(2)) }).status).toBe(0);
  expect(chain.state.entries()).toStrictEqual(before);
  expect(hex(chain.call(from, { to: cells, data: fromHex(word(1)) }).output)).toBe(word(0));
});

it('a call without a target goes to the zero address, which has no code', () => {
  const chain = new TestChain(suite, suite);
  expect(chain.call('11'.repeat(20), { data: deploying(CELLS) }).status).toBe(TransactionStatus.CallAddressError);
});

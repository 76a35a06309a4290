import { fromHex } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { contractAddress, ZERO_ADDRESS } from '@menglian/types/address';
import { TransactionStatus } from '@menglian/types/status';
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answering, CELLS, hex, INVALID, REVERT_WITH_WORD, word } from '../testing/contracts.js';
import { deploying, TestChain } from '../testing/testChain.js';
import type { TestAccount } from '../testing/testChain.js';

let suite: CryptoSuite;
let chain: TestChain;
let alice: TestAccount;

beforeAll(async () => {
  suite = await loadSuite('ecdsa');
});

beforeEach(() => {
  chain = new TestChain(suite, suite);
  alice = chain.account(1);
});

function deploy(code: Uint8Array): string {
  const [receipt] = chain.run(chain.sign(alice, { data: deploying(code) })).receipts;
  expect(receipt!.status).toBe(TransactionStatus.None);
  return receipt!.contractAddress;
}

describe('base gas', () => {
  it('is 4 for a zero byte and 68 for another, of a call and of a creation', () => {
    const to = '00'.repeat(19) + 'ff';
    const { receipts } = chain.run(
      chain.sign(alice, { to, data: Uint8Array.of(0, 0, 1) }),
      chain.sign(alice, { data: Uint8Array.of(0, 0) }),
    );
    expect(receipts.map(({ status }) => status)).toStrictEqual([TransactionStatus.CallAddressError, 0]);
    expect(receipts.map(({ gasUsed }) => gasUsed)).toStrictEqual([21_076n, 53_008n]);
  });

  it('above the limit: status 4, all gas, and nothing else happened', () => {
    const poor = new TestChain(suite, suite, { gasLimit: 100_000n });
    const data = deploying(new Uint8Array(700).fill(0xfe));
    const { receipts, changes } = poor.run(poor.sign(poor.account(1), { data }));
    expect(receipts[0]).toMatchObject({ status: TransactionStatus.OutOfGasIntrinsic, gasUsed: 100_000n });
    expect(changes).toStrictEqual([]);
  });

  it('is flat with free storage, where the limit is still held against the normal formula', () => {
    const free = new TestChain(suite, suite, { freeStorage: true, gasLimit: 100_000n });
    const account = free.account(1);
    const to = 'ff'.repeat(20);
    const { receipts } = free.run(
      free.sign(account, { to, data: new Uint8Array(500).fill(1) }),
      free.sign(account, { to, data: new Uint8Array(1200).fill(1) }),
    );
    expect(receipts.map(({ status, gasUsed }) => [status, gasUsed])).toStrictEqual([
      [TransactionStatus.CallAddressError, 20_000n],
      [TransactionStatus.OutOfGasIntrinsic, 100_000n],
    ]);
  });
});

describe('endings', () => {
  it('revert keeps the gas and the data, a bad instruction takes everything', () => {
    const reverting = deploy(REVERT_WITH_WORD);
    const invalid = deploy(INVALID);
    const { receipts, changes } = chain.run(chain.sign(alice, { to: reverting }), chain.sign(alice, { to: invalid }));
    expect(receipts[0]).toMatchObject({ status: TransactionStatus.RevertInstruction, gasUsed: 21_018n });
    expect(hex(receipts[0]!.output)).toBe(word(42));
    expect(receipts[1]).toMatchObject({ status: TransactionStatus.BadInstruction, gasUsed: 300_000_000n });
    expect(changes).toStrictEqual([]);
  });

  it('CALLVALUE shows a value that nobody pays, up to 2^256 - 1', () => {
    const to = deploy(answering('CALLVALUE'));
    const value = 2n ** 256n - 1n;
    const [receipt] = chain.run(chain.sign(alice, { to, value })).receipts;
    expect(receipt!.status).toBe(0);
    expect(hex(receipt!.output)).toBe('ff'.repeat(32));
  });

  it('a creation with value is refused with status 7 and leaves no contract', () => {
    const [receipt] = chain.run(chain.sign(alice, { data: deploying(CELLS), value: 1n })).receipts;
    expect(receipt).toMatchObject({ status: TransactionStatus.NotEnoughCash, contractAddress: ZERO_ADDRESS });
    const address = contractAddress(suite, alice.address, 0n);
    expect(chain.call(alice.address, { to: address }).status).toBe(TransactionStatus.CallAddressError);
  });

  it('the gas field does not limit, and a small one wraps gasUsed when there is a refund', () => {
    const to = deploy(CELLS);
    const store = (slot: number, value: number): Uint8Array => fromHex(word(slot) + word(value));
    chain.run(chain.sign(alice, { to, data: store(1, 1) }));
    const [receipt] = chain.run(chain.sign(alice, { to, data: store(1, 0), gas: 1n })).receipts;
    expect(receipt!.status).toBe(0);
    const real = receipt!.gasUsed + 15_000n;
    const [capped] = chain
      .run(chain.sign(alice, { to, data: store(2, 1) }), chain.sign(alice, { to, data: store(2, 0) }))
      .receipts.slice(1);
    expect(capped!.gasUsed).toBe(real - real / 2n);
  });
});

describe('any input', () => {
  it('has a receipt: 0 to 3 bytes to every kind of address', () => {
    const contract = deploy(CELLS);
    const kinds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0x1000, 0x1001, 0x1002, 0x1003, 0x1004, 0x1005, 0x1006, 0x1007, 0x1008];
    const others = [0x1009, 0x1010, 0x1011, 0x5002, 0x5003, 0x5004, 0x5005, 0x5006, 0x10001, 0];
    const targets = [...kinds, ...others].map((number) => number.toString(16).padStart(40, '0'));
    targets.push(contract, alice.address);
    const inputs = ['', '00', 'ff', '0000', 'e555', 'e555f3', 'ffffff'].map(fromHex);
    const transactions = targets.flatMap((to) => inputs.map((data) => chain.sign(alice, { to, data })));
    const { receipts } = chain.run(...transactions);
    expect(receipts).toHaveLength(transactions.length);
    for (const receipt of receipts) expect(receipt.stateRoot).toHaveLength(32);
  });

  it('has a receipt: random call data and init code', () => {
    const contract = deploy(CELLS);
    const system = fc.constantFrom(0x1000, 0x1001, 0x1002, 0x1004, 0x1005, 0x1008, 0x5002, 5, 8, 9, 0x10001);
    const target = fc.oneof(
      system.map((number) => number.toString(16).padStart(40, '0')),
      fc.constantFrom(contract, undefined),
    );
    const part = fc.record({
      to: target,
      data: fc.uint8Array({ maxLength: 200 }),
      value: fc.bigInt({ min: 0n, max: 2n }),
    });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const transactions = parts.map(({ to, data, value }) =>
          chain.sign(alice, to === undefined ? { data, value } : { to, data, value }),
        );
        expect(chain.execute(transactions).receipts).toHaveLength(parts.length);
      }),
      { numRuns: 100 },
    );
  });
});

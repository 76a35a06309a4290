import { fromHex, toHex } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { assemble } from '@menglian/evm/testing/assembler';
import { TransactionStatus } from '@menglian/types/status';
import type { SignedTransaction } from '@menglian/types/transaction';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hex, word } from '../testing/contracts.js';
import { deploying, TestChain } from '../testing/testChain.js';
import type { TestAccount } from '../testing/testChain.js';

let suite: CryptoSuite;
let chain: TestChain;
let alice: TestAccount;

const SYSTEM = (number: number): string => number.toString(16).padStart(40, '0');
const NO_PERMISSION = word(2n ** 256n - 50_000n);

beforeAll(async () => {
  suite = await loadSuite('ecdsa');
});

beforeEach(() => {
  chain = new TestChain(suite, suite);
  alice = chain.account(1);
});

function createTable(name: string) {
  return chain.sign(alice, {
    to: SYSTEM(0x1001),
    data: chain.data('createTable(string,string,string)', name, 'id', 'item'),
  });
}

function insert(account: TestAccount, table: string, key: string, item: string) {
  const data = chain.data('insert(string,string,string,string)', table, key, JSON.stringify({ item }), '');
  return chain.sign(account, { to: SYSTEM(0x1002), data });
}

function outputs(...transactions: readonly SignedTransaction[]): string[] {
  return chain.run(...transactions).receipts.map(({ output }) => hex(output));
}

describe('temporary objects', () => {
  it('are numbered from 0x10001 through the block, failed transactions included, and end with it', () => {
    const table = SYSTEM(0x1001);
    const open = chain.data('openTable(string)', 't');
    // Opens, then reverts: the object stays.
    const reverting = assemble(
      `CALLDATASIZE 0 0 CALLDATACOPY 0 0 CALLDATASIZE 0 0 PUSH20 0x${table} GAS CALL POP 0 0 REVERT`,
    );
    const deployed = chain.run(chain.sign(alice, { data: deploying(reverting) }), createTable('t')).receipts;
    const [first, , third] = outputs(
      chain.sign(alice, { to: table, data: open }),
      chain.sign(alice, { to: deployed[0]!.contractAddress, data: open }),
      chain.sign(alice, { to: table, data: open }),
    );
    expect([first, third]).toStrictEqual([word(0x10001), word(0x10003)]);

    const newEntry = chain.data('newEntry()');
    const { receipts } = chain.run(
      chain.sign(alice, { to: SYSTEM(0x10001), data: newEntry }),
      chain.sign(alice, { to: table, data: open }),
      chain.sign(alice, { to: SYSTEM(0x10001), data: newEntry }),
    );
    expect(receipts[0]!.status).toBe(TransactionStatus.CallAddressError);
    expect(hex(receipts[1]!.output)).toBe(word(0x10001));
    expect(hex(receipts[2]!.output)).toBe(word(0x10002));
    const call = chain.call(alice.address, { to: table, data: open });
    expect(hex(call.output)).toBe(word(0x10001));
  });
});

describe('tables', () => {
  it('can be written in the block that created them, and keep the order of insertion', () => {
    const [created, one, two] = outputs(createTable('t'), insert(alice, 't', 'k', 'a'), insert(alice, 't', 'k', 'b'));
    expect([created, one, two]).toStrictEqual([word(0), word(1), word(1)]);
    chain.run(insert(alice, 't', 'k', 'c'));
    const select = chain.data('select(string,string,string,string)', 't', 'k', '{}', '');
    const { output } = chain.call(alice.address, { to: SYSTEM(0x1002), data: select });
    const text = Buffer.from(output).toString('latin1');
    expect([...text.matchAll(/"item" : "(.)"/g)].map(([, item]) => item)).toStrictEqual(['a', 'b', 'c']);
  });

  it('take a second creation as existing, also within the block', () => {
    expect(outputs(createTable('t'), createTable('t'))).toStrictEqual([word(0), word(2n ** 256n - 50_001n)]);
  });

  it('are guarded from the block after the grant', () => {
    const bob = chain.account(2);
    chain.run(createTable('t'));
    const data = chain.data('insert(string,string)', 't', `0x${bob.address}`);
    const grant = chain.sign(alice, { to: SYSTEM(0x1005), data });
    expect(outputs(grant, insert(alice, 't', 'k', 'same block'))).toStrictEqual([word(1), word(1)]);
    expect(outputs(insert(alice, 't', 'k', 'a'), insert(bob, 't', 'k', 'b'))).toStrictEqual([NO_PERMISSION, word(1)]);
  });
});

describe('settings', () => {
  it('count from the next block', () => {
    const data = chain.data('setValueByKey(string,string)', 'tx_gas_limit', '100000');
    const invalid = (): SignedTransaction => chain.sign(alice, { data: fromHex('fe') });
    const used = (...transactions: readonly SignedTransaction[]): bigint =>
      chain.run(...transactions).receipts.at(-1)!.gasUsed;
    expect(used(chain.sign(alice, { to: SYSTEM(0x1000), data }), invalid())).toBe(300_000_000n);
    expect(used(invalid())).toBe(100_000n);
  });
});

describe('names of any length', () => {
  it('are kept apart', () => {
    const long = 'x'.repeat(300);
    const save = (user: string, amount: bigint) =>
      chain.sign(alice, { to: SYSTEM(0x5002), data: chain.data('userSave(string,uint256)', user, amount) });
    chain.run(save(long, 1n), save(`${long}y`, 2n));
    const balance = chain.call(alice.address, {
      to: SYSTEM(0x5002),
      data: chain.data('userBalance(string)', `${long}y`),
    });
    expect(toHex(balance.output)).toBe(word(0) + word(2));
  });
});

import { toHex } from '@menglian/base/bytes';
import { encodeAbi } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { ZERO_ADDRESS } from '@menglian/types/address';
import { beforeEach, describe, expect, it } from 'vitest';
import { systemAddress } from './addresses.js';
import { ALICE, BOB, SystemTester } from './testing/systemTester.js';

const suite = await loadSuite('ecdsa');
const MONEY = 0x2005;
const BALANCES = systemAddress(MONEY);
const COORDINATOR = systemAddress(0x2004);
const CHAIN = new Uint8Array(32).fill(7);
const [ID, OTHER] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const MOST = 2n ** 256n - 1n;

const OUT = 'prepareOut(bytes32,bytes32,address,address,bytes)';
const IN = 'prepareIn(bytes32,bytes32,address,bytes)';

let tester: SystemTester;
beforeEach(() => {
  tester = new SystemTester(suite);
  tester.code(MONEY, 'setIssuer(address)', ALICE);
  tester.code(MONEY, 'issue(address,uint256)', ALICE, 100n);
  tester.code(MONEY, 'allow(bytes32,bool)', CHAIN, true);
  tester.callingContract = COORDINATOR;
});

const transfer = (to: string, amount: bigint): Uint8Array => encodeAbi(['address', 'uint256'], [to, amount]);

function balance(account: string): bigint {
  return tester.values(['uint256'], MONEY, 'balanceOf(address)', account)[0] as bigint;
}

const prepareIn = (id: Uint8Array, data: Uint8Array, peer = BALANCES, chain = CHAIN): unknown =>
  tester.values(['bool'], MONEY, IN, id, chain, peer, data)[0];

const events = (): string[] =>
  ['Locked', 'Departed', 'Arrived', 'Returned'].filter((name) => {
    const topic = toHex(suite.hash(Buffer.from(`${name}(bytes32,bytes32,address,uint256)`)));
    return tester.host.logs.some(({ topics }) => toHex(topics[0]!) === topic);
  });

describe('money that leaves', () => {
  it('is taken at once, and gone when it is confirmed', () => {
    const [told] = tester.values(['bytes'], MONEY, OUT, ID, CHAIN, BALANCES, ALICE, transfer(BOB, 30n));
    expect(told).toEqual(transfer(BOB, 30n));
    expect(balance(ALICE)).toBe(70n);
    expect(tester.code(MONEY, 'confirm(bytes32)', ID)).toBe(1);
    expect(balance(ALICE)).toBe(70n);
    expect(events()).toEqual(['Locked', 'Departed']);
  });

  it('comes back when it is cancelled, once', () => {
    tester.values(['bytes'], MONEY, OUT, ID, CHAIN, BALANCES, ALICE, transfer(BOB, 30n));
    expect(tester.code(MONEY, 'cancel(bytes32)', ID)).toBe(1);
    expect(balance(ALICE)).toBe(100n);
    expect(tester.error(MONEY, 'cancel(bytes32)', ID)).toBe('no money is held for this transaction');
    expect(tester.error(MONEY, 'confirm(bytes32)', ID)).toBe('no money is held for this transaction');
    expect(balance(ALICE)).toBe(100n);
    expect(events()).toEqual(['Locked', 'Returned']);
  });

  it('is refused where anything is wrong with it', () => {
    const refusal = (chain: Uint8Array, remote: string, data: Uint8Array): string =>
      tester.error(MONEY, OUT, ID, chain, remote, ALICE, data);
    expect(refusal(CHAIN, BALANCES, new Uint8Array(63))).toBe('data is not an address and an amount');
    expect(refusal(CHAIN, BOB, transfer(BOB, 1n))).toBe('money goes only to the Balances contract of another chain');
    expect(refusal(OTHER, BALANCES, transfer(BOB, 1n))).toBe('the committee does not allow money of this chain');
    expect(refusal(CHAIN, BALANCES, transfer(BOB, 101n))).toBe('the balance is too small');
    expect(refusal(CHAIN, BALANCES, transfer(BOB, 0n))).toBe('the amount is zero');
    tester.send(MONEY, OUT, ID, CHAIN, BALANCES, ALICE, transfer(BOB, 1n));
    expect(refusal(CHAIN, BALANCES, transfer(BOB, 1n))).toBe('money is held for this transaction already');
    expect(balance(ALICE)).toBe(99n);
  });
});

describe('money that arrives', () => {
  it('is there when it is confirmed, once', () => {
    expect(prepareIn(ID, transfer(BOB, 30n))).toBe(true);
    expect(balance(BOB)).toBe(0n);
    expect(tester.code(MONEY, 'confirm(bytes32)', ID)).toBe(1);
    expect(tester.error(MONEY, 'confirm(bytes32)', ID)).toBe('no money is held for this transaction');
    expect(balance(BOB)).toBe(30n);
    expect(events()).toEqual(['Arrived']);
  });

  it('never was when it is cancelled', () => {
    prepareIn(ID, transfer(BOB, 30n));
    expect(tester.code(MONEY, 'cancel(bytes32)', ID)).toBe(1);
    expect(balance(BOB)).toBe(0n);
    expect(events()).toEqual([]);
    expect(prepareIn(ID, transfer(BOB, 30n))).toBe(true);
  });

  it('is refused where anything is wrong with it', () => {
    expect(prepareIn(ID, new Uint8Array(10))).toBe(false);
    expect(prepareIn(ID, transfer(BOB, 0n))).toBe(false);
    expect(prepareIn(ID, transfer(ZERO_ADDRESS, 1n))).toBe(false);
    expect(prepareIn(ID, transfer(ALICE, MOST))).toBe(false);
    expect(prepareIn(ID, transfer(BOB, 1n), BOB)).toBe(false);
    expect(prepareIn(ID, transfer(BOB, 1n), BALANCES, OTHER)).toBe(false);
    expect(prepareIn(ID, transfer(BOB, 1n))).toBe(true);
    expect(prepareIn(ID, transfer(BOB, 1n))).toBe(false);
  });

  it('waits for room', () => {
    prepareIn(ID, transfer(BOB, MOST));
    prepareIn(OTHER, transfer(BOB, 1n));
    tester.code(MONEY, 'confirm(bytes32)', OTHER);
    expect(tester.error(MONEY, 'confirm(bytes32)', ID)).toBe('the balance has no room for it');
    tester.callingContract = undefined;
    tester.as(BOB).code(MONEY, 'transfer(address,uint256)', ALICE, 1n);
    tester.callingContract = COORDINATOR;
    expect(tester.code(MONEY, 'confirm(bytes32)', ID)).toBe(1);
  });
});

it('only CrossTransactions may do any of it', () => {
  for (const caller of [undefined, systemAddress(0x2002), BALANCES]) {
    tester.callingContract = caller;
    const calls = [
      tester.send(MONEY, OUT, ID, CHAIN, BALANCES, ALICE, transfer(BOB, 1n)),
      tester.send(MONEY, IN, ID, CHAIN, BALANCES, transfer(BOB, 1n)),
      tester.send(MONEY, 'confirm(bytes32)', ID),
      tester.send(MONEY, 'cancel(bytes32)', ID),
    ];
    for (const call of calls) expect(tester.errorOf(call)).toBe('only CrossTransactions may call this');
  }
});

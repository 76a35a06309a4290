import { toHex } from '@menglian/base/bytes';
import { decodeAbi } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { ZERO_ADDRESS } from '@menglian/types/address';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { ALICE, BOB, CAROL, CONTRACT, SystemTester } from './testing/systemTester.js';

const suite = await loadSuite('ecdsa');
const MONEY = 0x2005;
const CHAIN = new Uint8Array(32).fill(7);
const MOST = 2n ** 256n - 1n;

let tester: SystemTester;
beforeEach(() => {
  tester = new SystemTester(suite);
  tester.code(MONEY, 'setIssuer(address)', ALICE);
});

const issue = (to: string, amount: bigint): number => tester.code(MONEY, 'issue(address,uint256)', to, amount);
const transfer = (to: string, amount: bigint): number => tester.code(MONEY, 'transfer(address,uint256)', to, amount);

function balance(account: string): bigint {
  return tester.values(['uint256'], MONEY, 'balanceOf(address)', account)[0] as bigint;
}

function supply(): bigint {
  return tester.values(['uint256'], MONEY, 'supply()')[0] as bigint;
}

describe('the issuer', () => {
  it('is named by the committee, and nobody at first', () => {
    expect(new SystemTester(suite).address(MONEY, 'issuer()')).toBe(ZERO_ADDRESS);
    expect(tester.address(MONEY, 'issuer()')).toBe(ALICE);
    tester.code(0x1008, 'grantCommitteeMember(address)', ALICE);
    tester.host.nextBlock();
    expect(tester.as(BOB).code(MONEY, 'setIssuer(address)', BOB)).toBe(-60_605);
    expect(tester.code(MONEY, 'allow(bytes32,bool)', CHAIN, true)).toBe(-60_605);
    expect(tester.as(ALICE).code(MONEY, 'setIssuer(address)', BOB)).toBe(1);
    expect(issue(CAROL, 1n)).toBe(-60_600);
    expect(tester.as(BOB).code(MONEY, 'issue(address,uint256)', CAROL, 1n)).toBe(1);
  });

  it('issues to anybody, and the supply says how much', () => {
    expect(issue(BOB, 100n)).toBe(1);
    expect(issue(BOB, 5n)).toBe(1);
    expect(issue(CAROL, 7n)).toBe(1);
    expect([balance(BOB), balance(CAROL), supply()]).toEqual([105n, 7n, 112n]);
  });

  it('issues neither nothing, nor to nobody, nor more than a word holds', () => {
    expect(issue(BOB, 0n)).toBe(-60_603);
    expect(issue(ZERO_ADDRESS, 1n)).toBe(-50_102);
    expect(issue(BOB, MOST)).toBe(1);
    expect(issue(BOB, 1n)).toBe(-60_602);
    expect(issue(CAROL, 1n)).toBe(-60_602);
    expect([balance(BOB), balance(CAROL), supply()]).toEqual([MOST, 0n, MOST]);
  });
});

describe('a transfer', () => {
  it('moves money of the caller, a contract too', () => {
    issue(ALICE, 10n);
    issue(CONTRACT, 10n);
    expect(transfer(BOB, 4n)).toBe(1);
    tester.callingContract = CONTRACT;
    expect(transfer(BOB, 10n)).toBe(1);
    expect([ALICE, BOB, CONTRACT].map(balance)).toEqual([6n, 14n, 0n]);
  });

  it('is refused for nothing, to nobody, and of more than is there', () => {
    issue(ALICE, 10n);
    expect(transfer(BOB, 0n)).toBe(-60_603);
    expect(transfer(ZERO_ADDRESS, 1n)).toBe(-50_102);
    expect(transfer(BOB, 11n)).toBe(-60_601);
    expect(tester.as(BOB).code(MONEY, 'transfer(address,uint256)', ALICE, 1n)).toBe(-60_601);
    expect(balance(ALICE)).toBe(10n);
  });

  it('to oneself changes nothing, also of all there can be', () => {
    issue(ALICE, MOST);
    expect(transfer(ALICE, MOST)).toBe(1);
    expect(transfer(ALICE, 1n)).toBe(1);
    expect(balance(ALICE)).toBe(MOST);
  });

  it('leaves the sum as it was, whatever is tried', () => {
    const accounts = [ALICE, BOB, CAROL];
    const step = fc.tuple(fc.constantFrom(...accounts), fc.constantFrom(...accounts), fc.bigInt(0n, 12n));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        tester = new SystemTester(suite);
        tester.code(MONEY, 'setIssuer(address)', ALICE);
        const model = new Map(accounts.map((account) => [account, 10n]));
        for (const account of accounts) issue(account, 10n);
        for (const [from, to, amount] of steps) {
          const expected = amount === 0n ? -60_603 : amount > model.get(from)! ? -60_601 : 1;
          expect(tester.as(from).code(MONEY, 'transfer(address,uint256)', to, amount)).toBe(expected);
          if (expected === 1) {
            model.set(from, model.get(from)! - amount);
            model.set(to, model.get(to)! + amount);
          }
        }
        expect(accounts.map(balance)).toEqual([...model.values()]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('events', () => {
  it('say what each change did, and refusals leave none', () => {
    issue(BOB, 9n);
    tester.as(BOB).code(MONEY, 'transfer(address,uint256)', CAROL, 4n);
    tester.code(MONEY, 'transfer(address,uint256)', CAROL, 100n);
    tester.code(MONEY, 'allow(bytes32,bool)', CHAIN, true);
    const signatures = [
      'IssuerChanged(address)',
      'Issued(address,uint256)',
      'Transferred(address,address,uint256)',
      'ChainAllowed(bytes32,bool)',
    ];
    const { logs } = tester.host;
    expect(logs.map(({ topics }) => toHex(topics[0]!))).toEqual(
      signatures.map((text) => toHex(suite.hash(Buffer.from(text)))),
    );
    expect(logs[2]!.topics.slice(1).map(toHex)).toEqual([BOB, CAROL].map((account) => account.padStart(64, '0')));
    expect(decodeAbi(['uint256'], logs[2]!.data)).toEqual({ ok: true, value: [4n] });
    expect(decodeAbi(['bool'], logs[3]!.data)).toEqual({ ok: true, value: [true] });
  });
});

describe('a chain', () => {
  it('is allowed until the committee changes its mind', () => {
    const isAllowed = (): unknown => tester.values(['bool'], MONEY, 'isAllowed(bytes32)', CHAIN)[0];
    expect(isAllowed()).toBe(false);
    tester.code(MONEY, 'allow(bytes32,bool)', CHAIN, true);
    expect(isAllowed()).toBe(true);
    tester.code(MONEY, 'allow(bytes32,bool)', CHAIN, false);
    expect(isAllowed()).toBe(false);
  });
});

import type { AbiValue } from '@menglian/codec/abi';
import { encodeClearingMessage } from '@menglian/interchain/clearingRecordMessages';
import { decodeClearingRecord } from '@menglian/interchain/clearingRecord';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { balances } from './2005-balances.js';
import { shadowAccounts } from './2006-shadowAccounts.js';
import { hotAccounts } from './2007-hotAccounts.js';
import { ClearingChains, HOT, SHADOWS } from './testing/clearingChains.js';
import { HOSTILE_VALUES } from './testing/hostileValues.js';
import { ALICE, BOB, CAROL } from './testing/systemTester.js';

const suite = await loadSuite('ecdsa');
const [MONEY, SHADOW, ACCOUNTS] = [0x2005, 0x2006, 0x2007];
const PEOPLE = [...new Set([ALICE, BOB, CAROL, ...(HOSTILE_VALUES['address'] as string[])])];

/** Chain 1 has a shadow account of chain 0 with money in every place: balances, an open and a closed epoch, a quota. */
function prepared() {
  const network = new ClearingChains(suite, 2);
  const [hot, users] = network.chains as [(typeof network.chains)[number], (typeof network.chains)[number]];
  users.tester.as(ALICE).code(MONEY, 'issue(address,uint256)', CAROL, 1000n);
  hot.tester.as(ALICE).code(ACCOUNTS, 'create(string,address)', 'shop', BOB);
  hot.tester.as(BOB).code(ACCOUNTS, 'attach(string,bytes32)', 'shop', users.identity);
  network.deliverAll();
  const grant = encodeClearingMessage({ kind: 'grant', account: 'shop', number: 1n, amount: 50n });
  const way = { source: hot.identity, chain: users.identity, from: 0, to: 1, sender: HOT, receiver: SHADOWS };
  network.hand({ ...way, sequence: 9n, payload: grant });
  const pay = () => users.tester.as(CAROL).code(SHADOW, 'pay(string,uint256,bytes32)', 'shop', 20n, hot.identity);
  pay();
  users.tester.code(SHADOW, 'close(string)', 'shop');
  pay();
  return users;
}

describe('hostile values', () => {
  it('in any argument of any function move no money that they should not, whoever calls', () => {
    const { tester, identity } = prepared();
    const ordinary: Readonly<Record<string, AbiValue>> = {
      string: 'shop',
      address: BOB,
      uint256: 1n,
      bytes32: identity,
      bytes: new Uint8Array(64),
      bool: true,
    };
    const sum = (): bigint => {
      const types = ['bytes32', 'address', ...Array.from({ length: 7 }, () => 'uint256')];
      const shadow = tester.values(types, SHADOW, 'shadow(string)', 'shop').slice(2) as bigint[];
      let total = shadow[1]! + shadow[4]!;
      for (let epoch = 1n; epoch < shadow[0]!; epoch++) {
        const [record] = tester.values(['bytes'], SHADOW, 'record(string,uint256)', 'shop', epoch);
        const read = decodeClearingRecord(record as Uint8Array);
        if (read.ok) total += read.value.amountIn;
      }
      for (const one of PEOPLE) total += tester.values(['uint256'], MONEY, 'balanceOf(address)', one)[0] as bigint;
      return total;
    };
    const supply = (): bigint => tester.values(['uint256'], MONEY, 'supply()')[0] as bigint;
    const other = sum() - supply();
    expect(other).toBe(50n);
    for (const [target, kind] of [
      [SHADOW, shadowAccounts],
      [MONEY, balances],
      [ACCOUNTS, hotAccounts],
    ] as const) {
      for (const { signature, types } of kind.functions) {
        const usual = types.map((type) => ordinary[type]!);
        const cases = types.flatMap((type, index) => HOSTILE_VALUES[type]!.map((value) => usual.with(index, value)));
        for (const values of [usual, ...cases]) {
          for (const caller of [CAROL, BOB]) {
            const { status } = tester.as(caller).send(target, signature, ...values);
            expect([0, 21]).toContain(status);
          }
        }
        expect([signature, sum() - supply()]).toEqual([signature, other]);
      }
    }
  });
});

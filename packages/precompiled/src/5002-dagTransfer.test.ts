import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import {
  AMOUNT_INVALID,
  BALANCE_INSUFFICIENT,
  BALANCE_OVERFLOW,
  USER_EXISTS,
  USER_MISSING,
  USER_NAME_INVALID,
} from './codes.js';
import { NO_PERMISSION } from './ports.js';
import { ALICE, BOB, SystemTester } from './testing/systemTester.js';

const suite = await loadSuite('ecdsa');
const ADD = 'userAdd(string,uint256)';
const SAVE = 'userSave(string,uint256)';
const DRAW = 'userDraw(string,uint256)';
const TRANSFER = 'userTransfer(string,string,uint256)';
const MAX = 2n ** 256n - 1n;

function balance(tester: SystemTester, user: string): unknown {
  const [code, amount] = tester.values(['int256', 'uint256'], 0x5002, 'userBalance(string)', user);
  return code === 0n ? amount : Number(code);
}

describe('DagTransfer', () => {
  it('moves balances', () => {
    const tester = new SystemTester(suite);
    expect(balance(tester, 'a')).toBe(USER_MISSING);
    expect(tester.code(0x5002, ADD, 'a', 0n)).toBe(0);
    expect(tester.code(0x5002, SAVE, 'a', 10n)).toBe(0);
    expect(tester.code(0x5002, SAVE, 'b', 5n)).toBe(0);
    expect(tester.code(0x5002, DRAW, 'a', 1n)).toBe(0);
    expect(tester.code(0x5002, TRANSFER, 'a', 'b', 2n)).toBe(0);
    expect(tester.code(0x5002, TRANSFER, 'a', 'new', 3n)).toBe(0);
    expect(['a', 'b', 'new'].map((user) => balance(tester, user))).toEqual([4n, 7n, 3n]);
    expect(tester.gas(0x5002, TRANSFER, 'a', 'b', 1n)).toBe(3);
  });

  it('answers every code', () => {
    const tester = new SystemTester(suite);
    tester.code(0x5002, ADD, 'a', 5n);
    tester.code(0x5002, ADD, 'rich', MAX);
    const cases: [number, string, ...(string | bigint)[]][] = [
      [USER_NAME_INVALID, ADD, '', 0n],
      [USER_NAME_INVALID, SAVE, '', 0n],
      [USER_NAME_INVALID, DRAW, '', 0n],
      [USER_NAME_INVALID, TRANSFER, '', 'a', 0n],
      [USER_NAME_INVALID, TRANSFER, 'a', '', 0n],
      [AMOUNT_INVALID, SAVE, 'a', 0n],
      [AMOUNT_INVALID, DRAW, 'x', 0n],
      [AMOUNT_INVALID, TRANSFER, 'x', 'x', 0n],
      [USER_MISSING, DRAW, 'x', 1n],
      [USER_MISSING, TRANSFER, 'x', 'a', 1n],
      [USER_EXISTS, ADD, 'a', 0n],
      [BALANCE_INSUFFICIENT, DRAW, 'a', 6n],
      [BALANCE_INSUFFICIENT, TRANSFER, 'a', 'x', 6n],
      [BALANCE_OVERFLOW, SAVE, 'rich', 1n],
      [BALANCE_OVERFLOW, TRANSFER, 'a', 'rich', 1n],
      [0, TRANSFER, 'nobody', 'nobody', 1n],
    ];
    for (const [code, signature, ...values] of cases) {
      expect(tester.code(0x5002, signature, ...values), signature).toBe(code);
    }
    expect(balance(tester, '')).toBe(USER_NAME_INVALID);
    expect(balance(tester, 'x')).toBe(USER_MISSING);
    expect(balance(tester, 'rich')).toBe(MAX);
    expect(tester.code(0x5002, DRAW, 'rich', MAX)).toBe(0);
  });

  it('needs authority on its table, and on the table directory for the first call', () => {
    const tester = new SystemTester(suite);
    tester.code(0x1005, 'insert(string,string)', '_sys_tables_', `0x${ALICE}`);
    tester.host.nextBlock();
    expect(tester.as(BOB).error(0x5002, ADD, 'b', 1n)).toBe('create table permission denied');
    expect(tester.code(0x5002, TRANSFER, 'b', 'b', 1n)).toBe(0);
    expect(tester.as(ALICE).code(0x5002, ADD, 'a', 5n)).toBe(0);
    expect(tester.as(BOB).code(0x5002, ADD, 'b', 1n)).toBe(0);
    tester.code(0x1005, 'insert(string,string)', 'dag_transfer', `0x${ALICE}`);
    tester.host.nextBlock();
    for (const [signature, ...values] of [
      [ADD, 'c', 1n],
      [SAVE, 'c', 1n],
      [SAVE, 'a', 1n],
      [DRAW, 'a', 1n],
      [TRANSFER, 'a', 'b', 1n],
      [TRANSFER, 'a', 'c', 1n],
    ] as const) {
      expect(tester.code(0x5002, signature, ...values)).toBe(NO_PERMISSION);
    }
    expect(['a', 'b', 'c'].map((user) => balance(tester, user))).toEqual([5n, 1n, USER_MISSING]);
  });

  it('fails on a balance that is no number', () => {
    const tester = new SystemTester(suite);
    tester.code(0x5002, ADD, 'a', 5n);
    const update = 'update(string,string,string,string,string)';
    for (const text of ['x', '-1', '', '1.5', MAX.toString() + '0', (MAX + 1n).toString()]) {
      expect(tester.code(0x1002, update, 'dag_transfer', 'a', JSON.stringify({ user_balance: text }), '{}', '')).toBe(
        1,
      );
      expect(tester.error(0x5002, SAVE, 'a', 1n)).toBe('PrecompiledError');
    }
  });
});

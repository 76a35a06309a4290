import { loadSuite } from '@menglian/crypto/loadSuite';
import { ZERO_ADDRESS } from '@menglian/types/address';
import { describe, expect, it } from 'vitest';
import { TABLE_EXISTS } from './codes.js';
import { ALICE, BOB, SystemTester } from './testing/systemTester.js';

const suite = await loadSuite('ecdsa');
const CREATE = 'createTable(string,string,string)';
const SET = 'set(string,address)';

function prices(): { tester: SystemTester; table: string } {
  const tester = new SystemTester(suite);
  expect(tester.code(0x1010, CREATE, 'prices', 'id', 'price,title')).toBe(0);
  return { tester, table: tester.address(0x1010, 'openTable(string)', 'prices') };
}

function entry(tester: SystemTester, table: string, fields: Record<string, string>): string {
  const address = tester.address(table, 'newEntry()');
  for (const [name, value] of Object.entries(fields)) tester.send(address, 'set(string,string)', name, value);
  return address;
}

describe('KVTableFactory', () => {
  it('shares its tables with TableFactory', () => {
    const { tester } = prices();
    expect(tester.code(0x1010, CREATE, 'prices', 'id', 'price')).toBe(TABLE_EXISTS);
    expect(tester.code(0x1001, CREATE, 'prices', 'id', 'price')).toBe(TABLE_EXISTS);
    expect(tester.address(0x1001, 'openTable(string)', 'prices')).not.toBe(ZERO_ADDRESS);
    expect(tester.error(0x1010, 'openTable(string)', 'none')).toBe('u_none does not exist');
  });

  it.each([
    ['t b', 'k', 'f', 'invalid tablename:t b'],
    ['t', '_k', 'f', 'invalid field:_k'],
    ['t', 'k!', 'f', 'invalid field:k!'],
    ['t', 'k', 'f,f', 'dumplicate field:f'],
    ['t', 'k', 'f'.repeat(65), 'table field name length overflow 64'],
    ['t'.repeat(49), 'k', 'f', 'tableName length overflow 50'],
  ])('refuses %s, %s, %s in its own words', (name, key, fields, message) => {
    expect(new SystemTester(suite).error(0x1010, CREATE, name, key, fields)).toBe(message);
  });

  it('fails without authority', () => {
    const { tester } = prices();
    tester.code(0x1005, 'insert(string,string)', '_sys_tables_', `0x${ALICE}`);
    tester.code(0x1005, 'insert(string,string)', 'prices', `0x${ALICE}`);
    tester.host.nextBlock();
    tester.as(BOB);
    expect(tester.error(0x1010, CREATE, 'other', 'k', 'f')).toBe(
      `Permission denied. ${BOB} can't create table u_other`,
    );
    const table = tester.address(0x1010, 'openTable(string)', 'prices');
    const unknown = entry(tester, table, { colour: 'red' });
    expect(tester.error(table, SET, 'a', unknown)).toBe(`Permission denied. ${BOB} can't write u_prices`);
  });
});

describe('KVTable', () => {
  it('inserts and then updates the rows of a key', () => {
    const { tester, table } = prices();
    const get = 'get(string)';
    expect(tester.values(['bool', 'address'], table, get, 'a')).toEqual([false, ZERO_ADDRESS]);
    expect(tester.code(table, SET, 'a', entry(tester, table, { price: '1', title: 'x' }))).toBe(1);
    expect(tester.code(table, SET, 'a', entry(tester, table, { price: '2', id: 'ignored' }))).toBe(1);
    const [found, row] = tester.values(['bool', 'address'], table, get, 'a');
    expect(found).toBe(true);
    const text = (name: string): string => tester.text(String(row), 'getString(string)', name);
    expect(['id', 'price', 'title'].map((name) => text(name))).toEqual(['a', '2', 'x']);
  });

  it('refuses wrong objects, unknown fields and long keys', () => {
    const { tester, table } = prices();
    for (const wrong of [ZERO_ADDRESS, table, 'ff'.repeat(20)]) {
      expect(tester.error(table, SET, 'a', wrong)).toBe('PrecompiledError');
    }
    expect(tester.error(table, SET, 'a', entry(tester, table, { colour: 'red' }))).toBe('PrecompiledError');
    const row = entry(tester, table, { price: '1' });
    expect(tester.error(table, SET, 'k'.repeat(256), row)).toBe('size of value/key greater than255');
    expect(tester.code(table, SET, 'k'.repeat(255), row)).toBe(1);
  });

  it('charges for the rows found and then for the entry, whose size replaces the rest', () => {
    const { tester, table } = prices();
    const title = 't'.repeat(3200);
    const long = entry(tester, table, { title });
    const memoryGas = (bytes: number): number => {
      const words = Math.ceil(bytes / 32);
      return 3 * words + Math.floor(words ** 2 / 512);
    };
    const capacity = 'id'.length + 'a'.length + 'title'.length + title.length;
    expect(tester.gas(table, SET, 'a', long)).toBe(10_000 + memoryGas(capacity));
    expect(tester.gas(table, 'get(string)', 'a')).toBe(200 + memoryGas(capacity));
    const short = entry(tester, table, { title: 't' });
    expect(tester.gas(table, SET, 'a', short)).toBe(200 + 10_000 + memoryGas(32));
  });
});

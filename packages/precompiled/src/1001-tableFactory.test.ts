import { toHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { ZERO_ADDRESS } from '@menglian/types/address';
import { describe, expect, it } from 'vitest';
import { systemAddress } from './addresses.js';
import { TABLE_EXISTS } from './codes.js';
import { NO_PERMISSION } from './ports.js';
import { ALICE, BOB, bytesOf, CONTRACT, SystemTester } from './testing/systemTester.js';

const suite = await loadSuite('ecdsa');
const CREATE = 'createTable(string,string,string)';
const OPEN = 'openTable(string)';

/** A table of goods with open objects for it. */
function goods(): { tester: SystemTester; table: string; entry: string; condition: string } {
  const tester = new SystemTester(suite);
  expect(tester.code(0x1001, CREATE, 'goods', 'kind', 'id,price,note')).toBe(0);
  const table = tester.address(0x1001, OPEN, 'goods');
  const entry = tester.address(table, 'newEntry()');
  const condition = tester.address(table, 'newCondition()');
  return { tester, table, entry, condition };
}

function insertGoods(tester: SystemTester, table: string, kind: string, fields: Record<string, string>): number {
  const entry = tester.address(table, 'newEntry()');
  for (const [name, value] of Object.entries(fields)) tester.send(entry, 'set(string,string)', name, value);
  return tester.code(table, 'insert(string,address)', kind, entry);
}

function idsOf(tester: SystemTester, entries: string): string[] {
  const size = tester.code(entries, 'size()');
  return Array.from({ length: size }, (_, index) => {
    const entry = tester.address(entries, 'get(int256)', BigInt(index));
    return tester.text(entry, 'getString(string)', 'id');
  });
}

describe('TableFactory.createTable', () => {
  const LETTERS = 'must be letters or numbers, and only supports "{$, _, @}" as special character set';
  const START = `the size of the field must be larger than 0 and the field can't start with "_"`;

  it.each([
    ['t', 'k', 'f'],
    ['', 'k', 'f'],
    ['A$_@9', 'K$_@9', 'f$,g_,h@'],
    ['t'.repeat(48), 'k'.repeat(64), `${'f'.repeat(64)},g`],
    ['t', ' \t\nk\v\f\r', ' f , g '],
    ['t', 'k', Array.from({ length: 102 }, (_, index) => `field${String(index).padStart(4, '0')}`).join(',')],
  ])('creates %s', (name, key, fields) => {
    const tester = new SystemTester(suite);
    expect(tester.code(0x1001, CREATE, name, key, fields)).toBe(0);
    const definition = tester.host.table(`u_${name}`)!;
    expect(definition.keyField).toBe(key.trim());
    expect(definition.valueFields).toEqual(fields.split(',').map((field) => field.trim()));
    expect(tester.code(0x1001, CREATE, name, key, fields)).toBe(TABLE_EXISTS);
  });

  it.each([
    ['t', 'k'.repeat(65), 'f', 'table field name length overflow 64'],
    ['t b', 'k', 'f'.repeat(65), 'table field name length overflow 64'],
    ['t b', '_k', 'f', `Invalid table name "t b", the table name ${LETTERS}`],
    ['t', '_k', 'k,_f', `Invalid field "_k", ${START}`],
    ['t', '', 'f', `Invalid field "", ${START}`],
    ['t', 'k-', 'f,f', `Invalid field "k-", the field name ${LETTERS}`],
    ['t', 'k', 'f,f', 'duplicate field:f'],
    ['t', 'k', 'f,k', 'duplicate field:k'],
    ['t', 'k', '', `Invalid field "", ${START}`],
    ['t', 'k', 'f,', `Invalid field "", ${START}`],
    ['t', 'k', 'f,g h', `Invalid field "g h", the field name ${LETTERS}`],
    ['t', 'k', bytesOf('名'), `Invalid field "${bytesOf('名')}", the field name ${LETTERS}`],
    [
      't',
      'k',
      Array.from({ length: 103 }, (_, index) => `field${1000 + index}`).join(','),
      'total table field name length overflow 1024',
    ],
    ['t'.repeat(49), 'k', 'f', 'tableName length overflow 50'],
  ])('refuses %s, %s', (name, key, fields, message) => {
    const tester = new SystemTester(suite);
    expect(tester.error(0x1001, CREATE, name, key, fields)).toBe(message);
    expect(tester.host.table(`u_${name}`)).toBeUndefined();
  });

  it('answers a code to an origin that may not create tables', () => {
    const tester = new SystemTester(suite);
    tester.code(0x1005, 'insert(string,string)', '_sys_tables_', `0x${ALICE}`);
    tester.host.nextBlock();
    expect(tester.as(BOB).code(0x1001, CREATE, 't', 'k', 'f')).toBe(NO_PERMISSION);
    expect(tester.as(ALICE).code(0x1001, CREATE, 't', 'k', 'f')).toBe(0);
    expect(tester.as(BOB).code(0x1001, CREATE, 't', 'k', 'f')).toBe(TABLE_EXISTS);
  });

  it('asks whether the origin may write the calling contract', () => {
    const tester = new SystemTester(suite);
    tester.host.addAccount(CONTRACT, { hasCode: true, frozen: false, managers: [ALICE] });
    tester.code(0x1005, 'grantWrite(address,address)', CONTRACT, ALICE);
    tester.host.nextBlock();
    tester.callingContract = CONTRACT;
    const message = `Permission denied. ${BOB} can't call contract ${CONTRACT}`;
    expect(tester.as(BOB).error(0x1001, CREATE, 't', 'k', 'f')).toBe(message);
    expect(tester.error(0x1010, CREATE, 't', 'k', 'f')).toBe(message);
    expect(tester.as(ALICE).code(0x1001, CREATE, 't', 'k', 'f')).toBe(0);

    const table = tester.address(0x1001, OPEN, 't');
    const kvTable = tester.address(0x1010, OPEN, 't');
    const entry = tester.address(table, 'newEntry()');
    const condition = tester.address(table, 'newCondition()');
    tester.as(BOB);
    expect(tester.error(table, 'insert(string,address)', 'a', entry)).toBe(message);
    expect(tester.error(table, 'update(string,address,address)', 'a', entry, condition)).toBe(message);
    expect(tester.error(table, 'remove(string,address)', 'a', condition)).toBe(message);
    expect(tester.error(kvTable, 'set(string,address)', 'a', entry)).toBe(message);
    expect(tester.code(tester.address(table, 'select(string,address)', 'a', condition), 'size()')).toBe(0);
  });

  it('charges for the table only when it is created', () => {
    const tester = new SystemTester(suite);
    const memory = 3 * Math.ceil(tester.input(CREATE, 't', 'k', 'f').length / 32);
    expect(tester.gas(0x1001, CREATE, 't', 'k', 'f')).toBe(16_000 + memory);
    expect(tester.gas(0x1001, CREATE, 't', 'k', 'f')).toBe(memory);
    expect(new SystemTester(suite, { freeStorage: true }).gas(0x1001, CREATE, 't', 'k', 'f')).toBe(500 + memory);
  });
});

describe('temporary objects', () => {
  it('count up through the block, over failed calls, and start again with the next', () => {
    const { tester, table, entry, condition } = goods();
    expect([table, entry, condition]).toEqual([0x10001, 0x10002, 0x10003].map((number) => systemAddress(number)));
    tester.gasLimit = 0;
    expect(tester.send(0x1001, OPEN, 'goods').status).toBe(21);
    tester.gasLimit = 1_000_000;
    expect(tester.address(0x1001, OPEN, 'goods')).toBe(systemAddress(0x10005));
    tester.host.nextBlock();
    expect(tester.host.objectAt(table)).toBeUndefined();
    expect(tester.address(0x1001, OPEN, 'goods')).toBe(systemAddress(0x10001));
  });

  it('are the zero address for a missing table, and for system tables', () => {
    const tester = new SystemTester(suite);
    expect(tester.address(0x1001, OPEN, 'none')).toBe(ZERO_ADDRESS);
    expect(tester.address(0x1001, OPEN, '_sys_config_')).toBe(ZERO_ADDRESS);
    expect(tester.gas(0x1001, OPEN, 'none')).toBe(200 + 12);
  });

  it('are refused where another kind is expected', () => {
    const { tester, table, entry, condition } = goods();
    for (const wrong of [
      ZERO_ADDRESS,
      table,
      condition,
      systemAddress(0x1000),
      systemAddress(0x10099),
      'ff'.repeat(20),
    ]) {
      expect(tester.error(table, 'insert(string,address)', 'a', wrong)).toBe('PrecompiledError');
      expect(tester.error(table, 'update(string,address,address)', 'a', wrong, condition)).toBe('PrecompiledError');
    }
    for (const wrong of [ZERO_ADDRESS, table, entry, systemAddress(0x1000), systemAddress(0x10099), 'ff'.repeat(20)]) {
      expect(tester.error(table, 'select(string,address)', 'a', wrong)).toBe('PrecompiledError');
      expect(tester.error(table, 'remove(string,address)', 'a', wrong)).toBe('PrecompiledError');
      expect(tester.error(table, 'update(string,address,address)', 'a', entry, wrong)).toBe('PrecompiledError');
    }
  });
});

describe('Table', () => {
  it('keeps several rows of a key in their order', () => {
    const { tester, table, condition } = goods();
    for (const id of ['3', '1', '2']) expect(insertGoods(tester, table, 'fruit', { id })).toBe(1);
    expect(insertGoods(tester, table, 'nut', { id: '9' })).toBe(1);
    expect(idsOf(tester, tester.address(table, 'select(string,address)', 'fruit', condition))).toEqual(['3', '1', '2']);
  });

  it('updates and removes what the condition names', () => {
    const { tester, table, entry, condition } = goods();
    for (const id of ['1', '2', '3']) insertGoods(tester, table, 'fruit', { id, price: '10' });
    tester.send(condition, 'GE(string,int256)', 'id', 2n);
    tester.send(entry, 'set(string,uint256)', 'price', 11n);
    tester.send(entry, 'set(string,string)', 'kind', 'ignored');
    expect(tester.code(table, 'update(string,address,address)', 'fruit', entry, condition)).toBe(2);
    const prices = tester.host.select('u_goods', 'fruit').map((row) => row.fields.get('price'));
    expect(prices).toEqual(['10', '11', '11']);
    expect(tester.host.select('u_goods', 'fruit').every((row) => row.fields.get('kind') === 'fruit')).toBe(true);
    expect(tester.code(table, 'remove(string,address)', 'fruit', condition)).toBe(2);
    expect(tester.host.select('u_goods', 'fruit').map((row) => row.fields.get('id'))).toEqual(['1']);
  });

  it('refuses fields that the table does not have, hidden ones too', () => {
    const { tester, table, condition } = goods();
    for (const name of ['colour', '_status_', '_id_', '']) {
      const entry = tester.address(table, 'newEntry()');
      tester.send(entry, 'set(string,string)', name, '1');
      expect(tester.error(table, 'insert(string,address)', 'a', entry)).toBe('PrecompiledError');
      expect(tester.error(table, 'update(string,address,address)', 'a', entry, condition)).toBe('PrecompiledError');
    }
  });

  it('refuses keys of more than 255 bytes on insert', () => {
    const { tester, table, condition } = goods();
    const entry = tester.address(table, 'newEntry()');
    expect(tester.code(table, 'insert(string,address)', 'k'.repeat(255), entry)).toBe(1);
    expect(tester.error(table, 'insert(string,address)', 'k'.repeat(256), entry)).toBe(
      'size of value/key greater than255',
    );
    const found = tester.address(table, 'select(string,address)', 'k'.repeat(256), condition);
    expect(tester.code(found, 'size()')).toBe(0);
  });

  it('refuses values above 16 MiB - 1', () => {
    const { tester, table, condition } = goods();
    const entry = tester.address(table, 'newEntry()');
    tester.send(entry, 'set(string,string)', 'note', 'n'.repeat(16 * 1024 * 1024));
    const message = 'size of value/key greater than16777215';
    expect(tester.error(table, 'insert(string,address)', 'a', entry)).toBe(message);
    expect(tester.error(table, 'update(string,address,address)', 'a', entry, condition)).toBe(message);
  });

  it('answers a code without authority, before anything else about the entry', () => {
    const { tester, entry: unused, condition: alsoUnused } = goods();
    expect([unused, alsoUnused]).toHaveLength(2);
    tester.code(0x1005, 'insert(string,string)', 'goods', `0x${ALICE}`);
    tester.host.nextBlock();
    const table = tester.as(BOB).address(0x1001, OPEN, 'goods');
    const entry = tester.address(table, 'newEntry()');
    const condition = tester.address(table, 'newCondition()');
    tester.send(entry, 'set(string,string)', 'colour', 'red');
    expect(tester.code(table, 'insert(string,address)', 'a', entry)).toBe(NO_PERMISSION);
    expect(tester.code(table, 'update(string,address,address)', 'a', entry, condition)).toBe(NO_PERMISSION);
    expect(tester.code(table, 'remove(string,address)', 'a', condition)).toBe(NO_PERMISSION);
  });

  it('adds the key to the condition object, and the key field to an inserted entry', () => {
    const { tester, table, entry, condition } = goods();
    tester.code(0x1001, CREATE, 'other', 'name', 'id');
    const other = tester.address(0x1001, OPEN, 'other');
    tester.send(entry, 'set(string,string)', 'id', '1');
    expect(tester.code(other, 'insert(string,address)', 'fruit', entry)).toBe(1);
    expect(tester.text(entry, 'getString(string)', 'name')).toBe('fruit');
    // Its field `name` is none of this table's.
    expect(tester.error(table, 'insert(string,address)', 'fruit', entry)).toBe('PrecompiledError');
    const selected = (target: string): number =>
      tester.code(tester.address(target, 'select(string,address)', 'fruit', condition), 'size()');
    expect(selected(other)).toBe(1);
    expect(selected(table)).toBe(0);
    // Rows of `other` have no field `kind`, which the condition now names.
    expect(selected(other)).toBe(0);
  });

  it('gives entries that are copies of their rows', () => {
    const { tester, table, condition } = goods();
    insertGoods(tester, table, 'fruit', { id: '1', price: '5' });
    const entries = tester.address(table, 'select(string,address)', 'fruit', condition);
    const entry = tester.address(entries, 'get(int256)', 0n);
    tester.send(entry, 'set(string,string)', 'price', '6');
    expect(tester.host.select('u_goods', 'fruit')[0]!.fields.get('price')).toBe('5');
    expect(tester.text(tester.address(entries, 'get(int256)', 0n), 'getString(string)', 'price')).toBe('6');
    for (const index of [-1n, 1n, 2n ** 255n - 1n]) {
      expect(tester.error(entries, 'get(int256)', index)).toBe(`Entries no exists: ${index}`);
    }
  });

  it('charges by rows and by the size of entries', () => {
    const { tester, table, condition } = goods();
    const input = 132 + 4;
    const entry = tester.address(table, 'newEntry()');
    tester.send(entry, 'set(string,string)', 'note', 'n'.repeat(1000));
    const capacity = 'kind'.length + 'fruit'.length + 'note'.length + 1000;
    const memoryGas = (bytes: number): number =>
      3 * Math.ceil(bytes / 32) + Math.floor(Math.ceil(bytes / 32) ** 2 / 512);
    expect(tester.gas(table, 'insert(string,address)', 'fruit', entry)).toBe(10_000 + memoryGas(capacity));
    expect(tester.gas(table, 'insert(string,address)', 'fruit', entry)).toBe(10_000 + memoryGas(capacity));
    expect(tester.gas(table, 'select(string,address)', 'fruit', condition)).toBe(400 + memoryGas(2 * capacity));
    expect(tester.gas(table, 'select(string,address)', 'none', condition)).toBe(memoryGas(input));
    // The entry's size replaces that of the input, here a smaller one by a larger one and back.
    expect(tester.gas(table, 'update(string,address,address)', 'fruit', entry, condition)).toBe(
      20_000 + memoryGas(2 * capacity),
    );
    const small = tester.address(table, 'newEntry()');
    tester.send(small, 'set(string,string)', 'note', '1');
    expect(tester.gas(table, 'update(string,address,address)', 'fruit', small, condition)).toBe(20_000 + memoryGas(32));
    expect(tester.gas(table, 'remove(string,address)', 'fruit', condition)).toBe(5_000 + memoryGas(input));
    expect(tester.gas(table, 'remove(string,address)', 'fruit', condition)).toBe(memoryGas(input));
  });
});

describe('Entry', () => {
  it('stores numbers in decimal and addresses without 0x', () => {
    const { tester, entry } = goods();
    const cases = [
      ['set(string,int256)', -(2n ** 255n), (-(2n ** 255n)).toString()],
      ['set(string,uint256)', 2n ** 256n - 1n, (2n ** 256n - 1n).toString()],
      ['set(string,address)', CONTRACT, CONTRACT],
      ['set(string,string)', '\u0000\u00ff', '\u0000\u00ff'],
    ] as const;
    for (const [signature, value, text] of cases) {
      expect(tester.send(entry, signature, 'id', value).output).toEqual(new Uint8Array(0));
      expect(tester.text(entry, 'getString(string)', 'id')).toBe(text);
    }
  });

  it('reads text as numbers, addresses and bytes', () => {
    const { tester, entry } = goods();
    const set = (text: string): unknown => tester.send(entry, 'set(string,string)', 'id', text);
    set('-17');
    expect(tester.values(['int256'], entry, 'getInt(string)', 'id')).toEqual([-17n]);
    expect(tester.values(['uint256'], entry, 'getUInt(string)', 'id')).toEqual([2n ** 256n - 17n]);
    for (const text of ['', '1.0', ' 1', 'x', '0x1', '9'.repeat(200)]) {
      set(text);
      expect(tester.error(entry, 'getInt(string)', 'id')).toBe('PrecompiledError');
      expect(tester.error(entry, 'getUInt(string)', 'id')).toBe('PrecompiledError');
    }
    const addresses = [
      [`0x${CONTRACT.toUpperCase()}`, CONTRACT],
      [CONTRACT, CONTRACT],
      ['', ZERO_ADDRESS],
      ['0x12', ZERO_ADDRESS],
      ['123', ZERO_ADDRESS],
      [`${CONTRACT}00`, ZERO_ADDRESS],
    ] as const;
    for (const [text, address] of addresses) {
      set(text);
      expect(tester.address(entry, 'getAddress(string)', 'id')).toBe(address);
    }
    set('xyz');
    expect(tester.error(entry, 'getAddress(string)', 'id')).toBe('PrecompiledError');
    expect(toHex(tester.send(entry, 'getBytes32(string)', 'id').output)).toBe('78797a'.padEnd(64, '0'));
    expect(toHex(tester.send(entry, 'getBytes64(string)', 'id').output)).toBe('78797a'.padEnd(128, '0'));
    set('y'.repeat(100));
    expect(toHex(tester.send(entry, 'getBytes64(string)', 'id').output)).toBe('79'.repeat(64));
    expect(tester.text(entry, 'getString(string)', 'missing')).toBe('');
  });

  it('charges by function', () => {
    const { tester, entry } = goods();
    tester.send(entry, 'set(string,string)', 'id', '1');
    expect(tester.gas(entry, 'getInt(string)', 'id')).toBe(3 + 12);
    expect(tester.gas(entry, 'getBytes32(string)', 'id')).toBe(96 + 12);
    expect(tester.gas(entry, 'getBytes64(string)', 'id')).toBe(192 + 12);
    expect(tester.gas(entry, 'set(string,int256)', 'id', 1n)).toBe(3 + 15);
  });
});

describe('Condition', () => {
  it('has a function for every comparison and both limits', () => {
    const { tester, table } = goods();
    for (const id of ['1', '2', '3']) insertGoods(tester, table, 'fruit', { id, note: CONTRACT });
    const selected = (signature: string, ...values: (string | bigint)[]): string[] => {
      const condition = tester.address(table, 'newCondition()');
      expect(tester.gas(condition, signature, ...values)).toBeGreaterThan(3);
      return idsOf(tester, tester.address(table, 'select(string,address)', 'fruit', condition));
    };
    expect(selected('EQ(string,int256)', 'id', 2n)).toEqual(['2']);
    expect(selected('EQ(string,string)', 'id', '2')).toEqual(['2']);
    expect(selected('EQ(string,address)', 'note', CONTRACT)).toEqual(['1', '2', '3']);
    expect(selected('NE(string,int256)', 'id', 2n)).toEqual(['1', '3']);
    expect(selected('NE(string,string)', 'id', '2')).toEqual(['1', '3']);
    expect(selected('GT(string,int256)', 'id', 2n)).toEqual(['3']);
    expect(selected('GE(string,int256)', 'id', 2n)).toEqual(['2', '3']);
    expect(selected('LT(string,int256)', 'id', 2n)).toEqual(['1']);
    expect(selected('LE(string,int256)', 'id', 2n)).toEqual(['1', '2']);
    expect(selected('limit(int256)', 2n)).toEqual(['1', '2']);
    expect(selected('limit(int256,int256)', 1n, 1n)).toEqual(['2']);
    expect(selected('limit(int256,int256)', -1n, 1n)).toEqual(['1', '2', '3']);
    expect(selected('limit(int256)', 2n ** 255n - 1n)).toEqual(['1', '2', '3']);
  });
});

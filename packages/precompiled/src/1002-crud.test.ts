import { toHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { CONDITION_INVALID, ENTRY_INVALID, KEY_FIELD_UPDATE, OPERATOR_UNKNOWN, TABLE_MISSING } from './codes.js';
import { NO_PERMISSION } from './ports.js';
import { ALICE, BOB, bytesOf, SystemTester } from './testing/systemTester.js';

const suite = await loadSuite('ecdsa');
const INSERT = 'insert(string,string,string,string)';
const UPDATE = 'update(string,string,string,string,string)';
const REMOVE = 'remove(string,string,string,string)';
const SELECT = 'select(string,string,string,string)';

function stock(): SystemTester {
  const tester = new SystemTester(suite);
  tester.code(0x1001, 'createTable(string,string,string)', 'stock', 'kind', 'id,note');
  return tester;
}

function insert(tester: SystemTester, key: string, entry: object | string): number {
  const json = typeof entry === 'string' ? entry : bytesOf(JSON.stringify(entry));
  return tester.code(0x1002, INSERT, 'stock', key, json, '');
}

function select(tester: SystemTester, condition: string, key = 'fruit', table = 'stock'): Record<string, string>[] {
  return JSON.parse(tester.text(0x1002, SELECT, table, key, condition, '')) as Record<string, string>[];
}

function idsOf(tester: SystemTester, condition: string): (string | undefined)[] {
  return select(tester, condition).map((row) => row['id']);
}

describe('CRUD entries', () => {
  it.each([
    ['{"id":"1"}', '1'],
    ['{"id":1}', '1'],
    ['{"id":-0}', '0'],
    ['{"id":18446744073709551615}', '18446744073709551615'],
    ['{"id":18446744073709551616}', '1.8446744073709552e+19'],
    ['{"id":0.1}', '0.10000000000000001'],
    ['{"id":1e2}', '100.0'],
    ['{"id":true}', 'true'],
    ['{"id":false}', 'false'],
    ['{"id":null}', ''],
    ['{"id":"1","id":"2"}', '2'],
    [String.raw`{"id":"\u4e2d\ud83d\ude00\n\/"}`, bytesOf('中😀\n/')],
    [bytesOf('{"id":"中"}'), bytesOf('中')],
    ['{"id":"\xff\xfe"}', '\xff\xfe'],
    [' {\t"id"\n:\r"1" } ', '1'],
  ])('keeps the value of %s as text', (json, text) => {
    const tester = stock();
    expect(insert(tester, 'fruit', json)).toBe(1);
    expect(tester.host.select('u_stock', 'fruit')[0]!.fields.get('id')).toBe(text);
  });

  it.each([
    '',
    '{',
    '}',
    '{"id"}',
    '{"id":}',
    '{"id":"1",}',
    "{'id':'1'}",
    '{"id":"1"} x',
    '[]',
    '"id"',
    '1',
    'true',
    '{"id":{}}',
    '{"id":["1"]}',
    '{"id":01}',
    '{"id":+1}',
    '{"id":1e999}',
    '{"id":"1',
    String.raw`{"id":"\x"}`,
    String.raw`{"id":"\u12"}`,
    String.raw`{"id":"\ud800"}`,
    `{"id":${'['.repeat(100_000)}`,
    `${'{"id":'.repeat(100)}1${'}'.repeat(100)}`,
  ])('refuses %s', (json) => {
    expect(insert(stock(), 'fruit', json)).toBe(ENTRY_INVALID);
    expect(stock().code(0x1002, UPDATE, 'stock', 'fruit', json, '{}', '')).toBe(ENTRY_INVALID);
  });

  it('takes null for an entry without fields, and the key of the call for the key field', () => {
    const tester = stock();
    expect(insert(tester, 'fruit', 'null')).toBe(1);
    expect(insert(tester, 'fruit', { kind: 'nut', id: '1' })).toBe(1);
    expect(select(tester, '{}')).toEqual([{ kind: 'fruit' }, { kind: 'fruit', id: '1' }]);
  });

  it('refuses unknown and hidden fields, and long keys', () => {
    const tester = stock();
    expect(tester.error(0x1002, INSERT, 'stock', 'fruit', '{"colour":"red"}', '')).toBe('PrecompiledError');
    expect(tester.error(0x1002, INSERT, 'stock', 'fruit', '{"_status_":"1"}', '')).toBe('PrecompiledError');
    expect(tester.error(0x1002, UPDATE, 'stock', 'fruit', '{"_num_":"1"}', '{}', '')).toBe('PrecompiledError');
    const message = 'size of value/key greater than255';
    expect(tester.error(0x1002, INSERT, 'stock', 'k'.repeat(256), '{}', '')).toBe(message);
    expect(tester.error(0x1002, INSERT, 'none', 'k'.repeat(256), '{}', '')).toBe(message);
    expect(insert(tester, 'k'.repeat(255), '{}')).toBe(1);
  });
});

describe('CRUD conditions', () => {
  const filled = (): SystemTester => {
    const tester = stock();
    for (const id of ['1', '2', '3', '4']) insert(tester, 'fruit', { id });
    insert(tester, 'nut', { id: '9' });
    return tester;
  };

  it.each([
    ['{}', ['1', '2', '3', '4']],
    ['null', ['1', '2', '3', '4']],
    ['{"id":{"eq":"2"}}', ['2']],
    ['{"id":{"eq":2}}', ['2']],
    ['{"id":{"ne":"2"}}', ['1', '3', '4']],
    ['{"id":{"gt":"2"}}', ['3', '4']],
    ['{"id":{"ge":"2","lt":"4"}}', ['2', '3']],
    ['{"id":{"le":"2"}}', ['1', '2']],
    ['{"limit":{"limit":"0,10"}}', ['1', '2', '3', '4']],
    ['{"limit":{"limit":"1,2"}}', ['2', '3']],
    ['{"limit":{"limit":"-1,2"}}', ['1', '2', '3', '4']],
    ['{"id":{"gt":"1"},"limit":{"limit":"0,1"}}', ['2']],
    ['{"id":{}}', ['1', '2', '3', '4']],
    ['{"_id_":{"eq":"7"},"x_":5}', ['1', '2', '3', '4']],
    ['{"note":{"eq":""}}', []],
    ['{"kind":{"eq":"nut"}}', []],
    ['{"absent":{"eq":"1"}}', []],
  ])('%s selects %j', (condition, ids) => {
    const tester = filled();
    expect(idsOf(tester, condition)).toEqual(ids);
    expect(tester.code(0x1002, UPDATE, 'stock', 'fruit', '{"note":"n"}', condition, '')).toBe(ids.length);
    const noted = select(tester, '{"note":{"eq":"n"}}').map((row) => row['id']);
    expect(noted).toEqual(ids);
  });

  it('removes what it selects', () => {
    const tester = filled();
    expect(tester.code(0x1002, REMOVE, 'stock', 'fruit', '{"id":{"gt":"1"},"limit":{"limit":"1,2"}}', '')).toBe(2);
    expect(idsOf(tester, '{}')).toEqual(['1', '2']);
    expect(tester.code(0x1002, REMOVE, 'stock', 'none', '{}', '')).toBe(0);
  });

  it.each([
    ['', CONDITION_INVALID],
    ['[]', CONDITION_INVALID],
    ['{"id":"1"}', CONDITION_INVALID],
    ['{"id":{"eq":{}}}', CONDITION_INVALID],
    ['{"id":{"like":"1"}}', OPERATOR_UNKNOWN],
    ['{"limit":{"limit":"10"}}', CONDITION_INVALID],
    ['{"limit":{"limit":""}}', CONDITION_INVALID],
    ['{"limit":{"limit":","}}', CONDITION_INVALID],
    ['{"limit":{"limit":"1,2,3"}}', CONDITION_INVALID],
    ['{"limit":{"limit":"a,b"}}', CONDITION_INVALID],
    ['{"limit":{"limit":null}}', CONDITION_INVALID],
    ['{"limit":"0,1"}', CONDITION_INVALID],
  ])('refuses %s in select, update and remove', (condition, code) => {
    const tester = filled();
    expect(tester.code(0x1002, SELECT, 'stock', 'fruit', condition, '')).toBe(code);
    expect(tester.code(0x1002, UPDATE, 'stock', 'fruit', '{}', condition, '')).toBe(code);
    expect(tester.code(0x1002, REMOVE, 'stock', 'fruit', condition, '')).toBe(code);
  });
});

describe('CRUD', () => {
  it('answers the code for a missing table, as a number even for select', () => {
    const tester = new SystemTester(suite);
    expect(insert(tester, 'fruit', 'not even JSON')).toBe(TABLE_MISSING);
    expect(tester.code(0x1002, UPDATE, 'stock', 'k', '', '', '')).toBe(TABLE_MISSING);
    expect(tester.code(0x1002, REMOVE, 'stock', 'k', '', '')).toBe(TABLE_MISSING);
    expect(toHex(tester.send(0x1002, SELECT, 'stock', 'k', '{}', '').output)).toBe(`${'f'.repeat(60)}3c4c`);
    expect(tester.code(0x1002, SELECT, '_sys_config_', 'k', '{}', '')).toBe(TABLE_MISSING);
  });

  it('refuses to update the key field', () => {
    const tester = stock();
    insert(tester, 'fruit', { id: '1' });
    expect(tester.code(0x1002, UPDATE, 'stock', 'fruit', '{"kind":"nut"}', '{', '')).toBe(KEY_FIELD_UPDATE);
  });

  it('writes rows with every field in order of name, and no rows as an empty list', () => {
    const tester = stock();
    insert(tester, 'fruit', { note: bytesOf('"\\\t\u0001/\x7f') + bytesOf('果'), id: '1' });
    expect(tester.text(0x1002, SELECT, 'stock', 'fruit', '{}', '')).toBe(
      `[\n\t{\n\t\t"id" : "1",\n\t\t"kind" : "fruit",\n\t\t"note" : "\\"\\\\\\t\\u0001/\x7f${bytesOf(bytesOf('果'))}"\n\t}\n]\n`,
    );
    expect(tester.text(0x1002, SELECT, 'stock', 'none', '{}', '')).toBe('[]\n');
  });

  it('describes tables, in the form of desc and of older clients', () => {
    const tester = stock();
    expect(tester.values(['string', 'string'], 0x1002, 'desc(string)', 'stock')).toEqual(['kind', 'id,note']);
    expect(tester.values(['string', 'string'], 0x1002, 'desc(string)', 'none')).toEqual(['', '']);
    expect(select(tester, '{}', 'u_stock', '_sys_tables_')).toEqual([
      { key_field: 'kind', table_name: 'u_stock', value_field: 'id,note' },
    ]);
    expect(select(tester, '{}', 'u_none', '_sys_tables_')).toEqual([]);
  });

  it('lets everybody read and only listed origins write', () => {
    const tester = stock();
    insert(tester, 'fruit', { id: '1' });
    tester.code(0x1005, 'insert(string,string)', 'stock', `0x${ALICE}`);
    tester.host.nextBlock();
    tester.as(BOB);
    expect(insert(tester, 'fruit', { colour: 'unknown' })).toBe(NO_PERMISSION);
    expect(tester.code(0x1002, UPDATE, 'stock', 'none', '{}', '{}', '')).toBe(NO_PERMISSION);
    expect(tester.code(0x1002, REMOVE, 'stock', 'none', '{}', '')).toBe(NO_PERMISSION);
    expect(idsOf(tester, '{}')).toEqual(['1']);
  });

  it('charges for the table, each comparison and each row', () => {
    const tester = stock();
    const memory = (...values: [string, ...string[]]): number => 3 * Math.ceil(tester.input(...values).length / 32);
    const condition = '{"id":{"ge":"1","le":"5"},"limit":{"limit":"0,9"},"_x":{"eq":"1"}}';
    insert(tester, 'fruit', { id: '1' });
    insert(tester, 'fruit', { id: '2' });
    expect(tester.gas(0x1002, SELECT, 'stock', 'fruit', condition, '')).toBe(
      200 + 9 + 400 + memory(SELECT, 'stock', 'fruit', condition, ''),
    );
    const update = [UPDATE, 'stock', 'fruit', '{"note":"1"}', condition, ''] as const;
    expect(tester.gas(0x1002, ...update)).toBe(200 + 9 + 20_000 + memory(...update));
    const remove = [REMOVE, 'stock', 'fruit', condition, ''] as const;
    expect(tester.gas(0x1002, ...remove)).toBe(200 + 9 + 5_000 + memory(...remove));
    expect(tester.gas(0x1002, ...remove)).toBe(200 + 9 + memory(...remove));
    const missing = [REMOVE, 'none', 'fruit', condition, ''] as const;
    expect(tester.gas(0x1002, ...missing)).toBe(200 + memory(...missing));
  });
});

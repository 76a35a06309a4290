import { sm3, keccak256 } from '@menglian/crypto/hashes';
import { sm2PublicKey, sm2Sign } from '@menglian/crypto/sm2';
import { proveVrf, verifyVrf, vrfPublicKey } from '@menglian/crypto/curve25519Vrf';
import { fromHex, toBigInt, toHex, utf8Bytes } from '@menglian/base/bytes';
import type { AbiValue } from '@menglian/codec/abi';
import {
  ALICE,
  type Block,
  BOB,
  code,
  type ContractCall,
  NOTHING,
  object,
  PARAMETER_ERROR,
  reach,
  sentence,
  type SystemCase,
  text,
  values,
} from './systemScenario.js';

/** Functions that keep or compute something for contracts and clients: tables, balances, cryptography. */

const ZERO = '0'.repeat(40);
const NO_PERMISSION = code(-50_000);

const CREATE: ContractCall = [ALICE, 0x1001, 'createTable(string,string,string)', 't', 'id', 'item'];
const ROW: ContractCall = [ALICE, 0x1002, 'insert(string,string,string,string)', 't', 'k', '{"item":"7"}', ''];
const guard = (table: string): ContractCall => [ALICE, 0x1005, 'insert(string,string)', table, `0x${BOB.address}`];

const open = (factory: number): ContractCall => [ALICE, factory, 'openTable(string)', 't'];
/** Table, Entry and Condition as the objects 1, 2 and 3 of the block. */
const OBJECTS: Block = [
  open(0x1001),
  [ALICE, object(1), 'newEntry()'],
  [ALICE, object(1), 'newCondition()'],
  [ALICE, object(2), 'set(string,string)', 'item', '8'],
];
const [TABLE, ENTRY, CONDITION] = [object(1), object(2), object(3)];

const create = (factory: number, name: string): ContractCall => [
  ALICE,
  factory,
  'createTable(string,string,string)',
  name,
  'id',
  'item',
];

const TABLE_FACTORY: readonly SystemCase[] = [
  reach('TableFactory', values(['address'], [object(1)]), [CREATE], [open(0x1001)]),
  reach('TableFactory', values(['address'], [ZERO]), [open(0x1001)]),
  reach('TableFactory', code(0), [CREATE]),
  reach('TableFactory', code(-50_001), [CREATE, CREATE]),
  reach('TableFactory', NO_PERMISSION, [guard('_sys_tables_')], [CREATE]),
  reach('TableFactory', sentence('Invalid table name "a b"'), [create(0x1001, 'a b')]),
];

function ofTable(answer: SystemCase['answer'], ...call: readonly [signature: string, ...args: AbiValue[]]): SystemCase {
  return reach('Table', answer, [CREATE, ROW], [...OBJECTS, [ALICE, TABLE, ...call]]);
}
function ofGuardedTable(...call: readonly [signature: string, ...args: AbiValue[]]): SystemCase {
  return reach('Table', NO_PERMISSION, [CREATE, ROW, guard('t')], [...OBJECTS, [ALICE, TABLE, ...call]]);
}

const TABLES: readonly SystemCase[] = [
  ofTable(values(['address'], [object(4)]), 'select(string,address)', 'k', CONDITION),
  ofTable(PARAMETER_ERROR, 'select(string,address)', 'k', ENTRY),
  ofTable(code(1), 'insert(string,address)', 'k', ENTRY),
  ofTable(PARAMETER_ERROR, 'insert(string,address)', 'k', CONDITION),
  ofTable(sentence('size of value/key greater than255'), 'insert(string,address)', 'k'.repeat(256), ENTRY),
  ofGuardedTable('insert(string,address)', 'k', ENTRY),
  ofTable(code(1), 'update(string,address,address)', 'k', ENTRY, CONDITION),
  ofTable(code(0), 'update(string,address,address)', 'other', ENTRY, CONDITION),
  ofTable(PARAMETER_ERROR, 'update(string,address,address)', 'k', CONDITION, ENTRY),
  ofGuardedTable('update(string,address,address)', 'k', ENTRY, CONDITION),
  ofTable(code(1), 'remove(string,address)', 'k', CONDITION),
  ofTable(PARAMETER_ERROR, 'remove(string,address)', 'k', ENTRY),
  ofGuardedTable('remove(string,address)', 'k', CONDITION),
  ofTable(values(['address'], [object(4)]), 'newEntry()'),
  ofTable(values(['address'], [object(4)]), 'newCondition()'),
];

function ofEntries(
  answer: SystemCase['answer'],
  ...call: readonly [signature: string, ...args: AbiValue[]]
): SystemCase {
  const select: ContractCall = [ALICE, TABLE, 'select(string,address)', 'k', CONDITION];
  return reach('Entries', answer, [CREATE, ROW], [...OBJECTS, select, [ALICE, object(4), ...call]]);
}

function ofEntry(
  answer: SystemCase['answer'],
  stored: readonly [signature: string, value: AbiValue],
  getter: string,
): SystemCase {
  const [signature, value] = stored;
  const set: ContractCall = [ALICE, ENTRY, signature, 'item', value];
  return reach('Entry', answer, [CREATE], [...OBJECTS, set, [ALICE, ENTRY, getter, 'item']]);
}

function settingEntry(signature: string, value: AbiValue): SystemCase {
  return reach('Entry', NOTHING, [CREATE], [...OBJECTS, [ALICE, ENTRY, signature, 'item', value]]);
}

const AS_TEXT = 'set(string,string)';
const ENTRIES: readonly SystemCase[] = [
  ofEntries(values(['address'], [object(5)]), 'get(int256)', 0n),
  ofEntries(sentence('Entries no exists: 1'), 'get(int256)', 1n),
  ofEntries(code(1), 'size()'),
  ofEntry(values(['int256'], [-7n]), ['set(string,int256)', -7n], 'getInt(string)'),
  ofEntry(PARAMETER_ERROR, [AS_TEXT, 'seven'], 'getInt(string)'),
  ofEntry(values(['uint256'], [7n]), ['set(string,uint256)', 7n], 'getUInt(string)'),
  ofEntry(PARAMETER_ERROR, [AS_TEXT, ''], 'getUInt(string)'),
  ofEntry(values(['address'], [BOB.address]), ['set(string,address)', BOB.address], 'getAddress(string)'),
  ofEntry(PARAMETER_ERROR, [AS_TEXT, 'nobody'], 'getAddress(string)'),
  ofEntry(
    values(['uint256', 'uint256'], [BigInt(`0x${'61'.repeat(32)}`), 0n]),
    [AS_TEXT, 'a'.repeat(32)],
    'getBytes64(string)',
  ),
  ofEntry(values(['bytes32'], [utf8Bytes('b'.repeat(32))]), [AS_TEXT, 'b'.repeat(40)], 'getBytes32(string)'),
  ofEntry(text('seven'), [AS_TEXT, 'seven'], 'getString(string)'),
  settingEntry('set(string,int256)', -1n),
  settingEntry('set(string,uint256)', 1n),
  settingEntry('set(string,address)', BOB.address),
  settingEntry(AS_TEXT, 'x'),
];

const COMPARISONS: readonly (readonly [signature: string, ...args: AbiValue[]])[] = [
  ['EQ(string,int256)', 'item', 1n],
  ['EQ(string,string)', 'item', '1'],
  ['EQ(string,address)', 'item', BOB.address],
  ['NE(string,int256)', 'item', 1n],
  ['NE(string,string)', 'item', '1'],
  ['GT(string,int256)', 'item', 1n],
  ['GE(string,int256)', 'item', 1n],
  ['LT(string,int256)', 'item', 1n],
  ['LE(string,int256)', 'item', 1n],
  ['limit(int256)', 1n],
  ['limit(int256,int256)', 0n, 1n],
];
const CONDITIONS: readonly SystemCase[] = COMPARISONS.map((call) =>
  reach('Condition', NOTHING, [CREATE], [...OBJECTS, [ALICE, CONDITION, ...call]]),
);

function ofCrud(answer: SystemCase['answer'], ...call: readonly [signature: string, ...args: AbiValue[]]): SystemCase {
  return reach('CRUD', answer, [CREATE, ROW], [[ALICE, 0x1002, ...call]]);
}
function ofGuardedCrud(...call: readonly [signature: string, ...args: AbiValue[]]): SystemCase {
  return reach('CRUD', NO_PERMISSION, [CREATE, ROW, guard('t')], [[ALICE, 0x1002, ...call]]);
}

const INSERT = 'insert(string,string,string,string)';
const UPDATE = 'update(string,string,string,string,string)';
const REMOVE = 'remove(string,string,string,string)';
const SELECT = 'select(string,string,string,string)';
const ITEM = '{"item":"8"}';
const ANY = '{}';
const BAD = '{"item"';
const ODD = '{"item":{"like":"1"}}';

const CRUD: readonly SystemCase[] = [
  ofCrud(code(1), INSERT, 't', 'k', ITEM, ''),
  ofCrud(code(-50_100), INSERT, 'missing', 'k', ITEM, ''),
  ofCrud(code(-51_500), INSERT, 't', 'k', BAD, ''),
  ofGuardedCrud(INSERT, 't', 'k', ITEM, ''),
  ofCrud(PARAMETER_ERROR, INSERT, 't', 'k', '{"colour":"red"}', ''),
  ofCrud(sentence('size of value/key greater than255'), INSERT, 't', 'k'.repeat(256), ITEM, ''),
  ofCrud(code(1), UPDATE, 't', 'k', ITEM, ANY, ''),
  ofCrud(code(-50_100), UPDATE, 'missing', 'k', ITEM, ANY, ''),
  ofCrud(code(-51_500), UPDATE, 't', 'k', BAD, ANY, ''),
  ofCrud(code(-51_501), UPDATE, 't', 'k', ITEM, BAD, ''),
  ofCrud(code(-51_502), UPDATE, 't', 'k', ITEM, ODD, ''),
  ofCrud(code(-51_503), UPDATE, 't', 'k', '{"id":"other"}', ANY, ''),
  ofGuardedCrud(UPDATE, 't', 'k', ITEM, ANY, ''),
  ofCrud(PARAMETER_ERROR, UPDATE, 't', 'k', '{"colour":"red"}', ANY, ''),
  ofCrud(code(1), REMOVE, 't', 'k', ANY, ''),
  ofCrud(code(0), REMOVE, 't', 'other', ANY, ''),
  ofCrud(code(-50_100), REMOVE, 'missing', 'k', ANY, ''),
  ofCrud(code(-51_501), REMOVE, 't', 'k', BAD, ''),
  ofCrud(code(-51_502), REMOVE, 't', 'k', ODD, ''),
  ofGuardedCrud(REMOVE, 't', 'k', ANY, ''),
  ofCrud(text('[\n\t{\n\t\t"id" : "k",\n\t\t"item" : "7"\n\t}\n]\n'), SELECT, 't', 'k', ANY, ''),
  ofCrud(code(-50_100), SELECT, 'missing', 'k', ANY, ''),
  ofCrud(code(-51_501), SELECT, 't', 'k', BAD, ''),
  ofCrud(code(-51_502), SELECT, 't', 'k', ODD, ''),
  ofCrud(values(['string', 'string'], ['id', 'item']), 'desc(string)', 't'),
];

/** KVTable and Entry as the objects 1 and 2. */
const KV_OBJECTS: Block = [
  open(0x1010),
  [ALICE, object(1), 'newEntry()'],
  [ALICE, object(2), 'set(string,string)', 'item', '8'],
];
const KV_SET: ContractCall = [ALICE, TABLE, 'set(string,address)', 'k', ENTRY];

const KEY_VALUES: readonly SystemCase[] = [
  reach('KVTableFactory', values(['address'], [object(1)]), [CREATE], [open(0x1010)]),
  reach('KVTableFactory', sentence('u_t does not exist'), [open(0x1010)]),
  reach('KVTableFactory', code(0), [create(0x1010, 't')]),
  reach('KVTableFactory', code(-50_001), [CREATE, create(0x1010, 't')]),
  reach('KVTableFactory', sentence('invalid tablename:a b'), [create(0x1010, 'a b')]),
  reach('KVTableFactory', sentence('Permission denied. '), [guard('_sys_tables_')], [create(0x1010, 't')]),
  reach(
    'KVTable',
    values(['bool', 'address'], [true, object(3)]),
    [CREATE, ROW],
    [...KV_OBJECTS, [ALICE, TABLE, 'get(string)', 'k']],
  ),
  reach(
    'KVTable',
    values(['bool', 'address'], [false, ZERO]),
    [CREATE],
    [...KV_OBJECTS, [ALICE, TABLE, 'get(string)', 'k']],
  ),
  reach('KVTable', code(1), [CREATE], [...KV_OBJECTS, KV_SET]),
  reach('KVTable', code(1), [CREATE, ROW], [...KV_OBJECTS, KV_SET]),
  reach('KVTable', PARAMETER_ERROR, [CREATE], [...KV_OBJECTS, [ALICE, TABLE, 'set(string,address)', 'k', TABLE]]),
  reach('KVTable', sentence('Permission denied. '), [CREATE, guard('t')], [...KV_OBJECTS, KV_SET]),
  reach('KVTable', values(['address'], [object(2)]), [CREATE], [open(0x1010), [ALICE, TABLE, 'newEntry()']]),
];

const MOST = 2n ** 256n - 1n;
const user = (name: string, balance: bigint): ContractCall => [ALICE, 0x5002, 'userAdd(string,uint256)', name, balance];
const USERS: Block = [user('anna', 5n), user('ben', MOST)];
const BROKEN: ContractCall = [ALICE, 0x1002, INSERT, 'dag_transfer', 'eve', '{"user_balance":"much"}', ''];

function ofTransfer(
  answer: SystemCase['answer'],
  ...call: readonly [signature: string, ...args: AbiValue[]]
): SystemCase {
  return reach('DagTransfer', answer, [...USERS, BROKEN], [[ALICE, 0x5002, ...call]]);
}
function ofGuardedTransfer(...call: readonly [signature: string, ...args: AbiValue[]]): readonly SystemCase[] {
  return [
    reach('DagTransfer', NO_PERMISSION, [...USERS, guard('dag_transfer')], [[ALICE, 0x5002, ...call]]),
    reach(
      'DagTransfer',
      sentence('create table permission denied'),
      [guard('_sys_tables_')],
      [[ALICE, 0x5002, ...call]],
    ),
  ];
}

const ADD = 'userAdd(string,uint256)';
const SAVE = 'userSave(string,uint256)';
const DRAW = 'userDraw(string,uint256)';
const BALANCE = 'userBalance(string)';
const TRANSFER = 'userTransfer(string,string,uint256)';

const TRANSFERS: readonly SystemCase[] = [
  ofTransfer(code(0), ADD, 'carl', 0n),
  ofTransfer(code(-51_400), ADD, '', 1n),
  ofTransfer(code(-51_403), ADD, 'anna', 1n),
  ...ofGuardedTransfer(ADD, 'carl', 1n),
  ofTransfer(code(0), SAVE, 'anna', 1n),
  ofTransfer(code(0), SAVE, 'carl', 1n),
  ofTransfer(code(-51_400), SAVE, '', 1n),
  ofTransfer(code(-51_401), SAVE, 'anna', 0n),
  ofTransfer(code(-51_405), SAVE, 'ben', 1n),
  ofTransfer(PARAMETER_ERROR, SAVE, 'eve', 1n),
  ...ofGuardedTransfer(SAVE, 'anna', 1n),
  ofTransfer(code(0), DRAW, 'anna', 5n),
  ofTransfer(code(-51_400), DRAW, '', 1n),
  ofTransfer(code(-51_401), DRAW, 'anna', 0n),
  ofTransfer(code(-51_402), DRAW, 'carl', 1n),
  ofTransfer(code(-51_404), DRAW, 'anna', 6n),
  ofTransfer(PARAMETER_ERROR, DRAW, 'eve', 1n),
  ...ofGuardedTransfer(DRAW, 'anna', 1n),
  ofTransfer(values(['int256', 'uint256'], [0n, 5n]), BALANCE, 'anna'),
  ofTransfer(values(['int256', 'uint256'], [-51_400n, 0n], -51_400), BALANCE, ''),
  ofTransfer(values(['int256', 'uint256'], [-51_402n, 0n], -51_402), BALANCE, 'carl'),
  ofTransfer(PARAMETER_ERROR, BALANCE, 'eve'),
  ofTransfer(code(0), TRANSFER, 'anna', 'carl', 5n),
  ofTransfer(code(0), TRANSFER, 'carl', 'carl', 5n),
  ofTransfer(code(-51_400), TRANSFER, 'anna', '', 1n),
  ofTransfer(code(-51_401), TRANSFER, 'anna', 'ben', 0n),
  ofTransfer(code(-51_402), TRANSFER, 'carl', 'anna', 1n),
  ofTransfer(code(-51_404), TRANSFER, 'anna', 'ben', 6n),
  ofTransfer(code(-51_405), TRANSFER, 'anna', 'ben', 1n),
  ofTransfer(PARAMETER_ERROR, TRANSFER, 'anna', 'eve', 1n),
  ...ofGuardedTransfer(TRANSFER, 'anna', 'carl', 1n),
];

const MESSAGE = utf8Bytes('message');
const SM2_SECRET = fromHex('11'.repeat(32));
const SM2_KEY = sm2PublicKey(SM2_SECRET);
const SIGNED = keccak256(MESSAGE);
const SIGNATURE = sm2Sign(SIGNED, SM2_SECRET);
const VRF_SECRET = fromHex('22'.repeat(32));
const VRF_KEY = vrfPublicKey(VRF_SECRET);
const PROOF = proveVrf(VRF_SECRET, MESSAGE);
const [R, S] = [SIGNATURE.subarray(0, 32), SIGNATURE.subarray(32, 64)];

function ofCrypto(
  answer: SystemCase['answer'],
  ...call: readonly [signature: string, ...args: AbiValue[]]
): SystemCase {
  return reach('Crypto', answer, [[ALICE, 0x5006, ...call]]);
}

const VERIFY = 'sm2Verify(bytes32,bytes,bytes32,bytes32)';
const CHECK = 'curve25519VRFVerify(string,string,string)';
const NO = values(['bool', 'uint256'], [false, 0n]);

const CRYPTOGRAPHY: readonly SystemCase[] = [
  ofCrypto(values(['bytes32'], [sm3(MESSAGE)]), 'sm3(bytes)', MESSAGE),
  ofCrypto(values(['bytes32'], [keccak256(MESSAGE)]), 'keccak256Hash(bytes)', MESSAGE),
  ofCrypto(values(['bool', 'address'], [true, toHex(sm3(SM2_KEY).subarray(12))]), VERIFY, SIGNED, SM2_KEY, R, S),
  ofCrypto(NO, VERIFY, SIGNED, SM2_KEY, S, R),
  ofCrypto(
    values(['bool', 'uint256'], [true, toBigInt(verifyVrf(VRF_KEY, MESSAGE, PROOF)!)]),
    CHECK,
    'message',
    toHex(VRF_KEY),
    toHex(PROOF),
  ),
  ofCrypto(NO, CHECK, 'other', toHex(VRF_KEY), toHex(PROOF)),
];

export const CASES_OF_TABLES: readonly SystemCase[] = [
  ...TABLE_FACTORY,
  ...TABLES,
  ...ENTRIES,
  ...CONDITIONS,
  ...CRUD,
  ...KEY_VALUES,
  ...TRANSFERS,
  ...CRYPTOGRAPHY,
];

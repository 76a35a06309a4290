import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { CONFIGURATION_INVALID } from './codes.js';
import { NO_PERMISSION } from './ports.js';
import { CONFIG_TABLE } from './tables/systemTables.js';
import { ALICE, BOB, SystemTester } from './testing/systemTester.js';

const suite = await loadSuite('ecdsa');
const SET = 'setValueByKey(string,string)';

describe('SystemConfig', () => {
  it.each([
    ['tx_count_limit', '1'],
    ['tx_count_limit', '+5'],
    ['tx_count_limit', '05'],
    ['TX_COUNT_Limit', '9223372036854775807'],
    ['tx_gas_limit', '100000'],
    ['rpbft_epoch_sealer_num', '1'],
    ['rpbft_epoch_block_num', '2'],
    ['consensus_timeout', '3'],
    ['consensus_timeout', '4294966'],
    ['enable_charge_mgr', 'on'],
    ['enable_charge_mgr', 'off'],
  ])('takes %s = %s and keeps the text', (key, value) => {
    const tester = new SystemTester(suite);
    expect(tester.code(0x1000, SET, key, value)).toBe(1);
    const [row, ...others] = tester.host.select(CONFIG_TABLE, key.toLowerCase());
    expect(Object.fromEntries(row!.fields)).toEqual({ key: key.toLowerCase(), value, enable_num: '1' });
    expect(others).toEqual([]);
  });

  it.each([
    ['', ''],
    ['nope', '1'],
    ['tx_count_limit', '0'],
    ['tx_count_limit', '-1'],
    ['tx_count_limit', ''],
    ['tx_count_limit', ' 7'],
    ['tx_count_limit', '7 '],
    ['tx_count_limit', '5.0'],
    ['tx_count_limit', '0x10'],
    ['tx_count_limit', '9223372036854775808'],
    ['tx_count_limit ', '7'],
    ['tx_gas_limit', '99999'],
    ['rpbft_epoch_sealer_num', '0'],
    ['rpbft_epoch_block_num', '1'],
    ['consensus_timeout', '2'],
    ['consensus_timeout', '4294967'],
    ['enable_charge_mgr', 'ON'],
    ['enable_charge_mgr', ''],
    ['charger_list', ''],
    ['notify_rotate', '1'],
  ])('refuses %s = %s', (key, value) => {
    expect(new SystemTester(suite).code(0x1000, SET, key, value)).toBe(CONFIGURATION_INVALID);
  });

  it('replaces value and block number together', () => {
    const tester = new SystemTester(suite);
    tester.code(0x1000, SET, 'tx_count_limit', '10');
    tester.host.nextBlock();
    expect(tester.code(0x1000, SET, 'tx_count_limit', '20')).toBe(1);
    const rows = tester.host.select(CONFIG_TABLE, 'tx_count_limit');
    expect(rows.map((row) => [row.fields.get('value'), row.fields.get('enable_num')])).toEqual([['20', '2']]);
  });

  it('needs authority from the block after the grant on, for new keys and for known ones', () => {
    const tester = new SystemTester(suite);
    expect(tester.code(0x1005, 'insert(string,string)', CONFIG_TABLE, `0x${ALICE}`)).toBe(1);
    expect(tester.as(BOB).code(0x1000, SET, 'tx_count_limit', '10')).toBe(1);
    tester.host.nextBlock();
    expect(tester.code(0x1000, SET, 'tx_count_limit', '11')).toBe(NO_PERMISSION);
    expect(tester.code(0x1000, SET, 'tx_gas_limit', '200000')).toBe(NO_PERMISSION);
    expect(tester.code(0x1000, SET, 'tx_gas_limit', '1')).toBe(CONFIGURATION_INVALID);
    expect(tester.as(ALICE).code(0x1000, SET, 'tx_gas_limit', '200000')).toBe(1);
  });
});

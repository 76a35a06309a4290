import { describe, expect, it } from 'vitest';
import { genesisState } from './genesisState.js';
import { encodeRows, rowsKey } from './stateRecords.js';
import { layeredView, type StateView } from './stateView.js';
import { readMembership, readSystemConfig, readTableAccess } from './systemState.js';
import { ACCESS_TABLE, CONFIG_TABLE, CONSENSUS_TABLE, readRows, ROTATION_TABLE } from './systemTables.js';
import { TEST_GENESIS } from './testing/chainFixture.js';

const EMPTY: StateView = { get: () => undefined };
const GENESIS = layeredView(genesisState(TEST_GENESIS), EMPTY);

function withRows(
  view: StateView,
  table: string,
  key: string,
  fields: ReadonlyArray<Record<string, string>>,
): StateView {
  const rows = fields.map((row, id) => ({ id, fields: new Map(Object.entries(row)), block: 0 }));
  return layeredView([{ key: rowsKey(table, key), value: encodeRows(rows) }], view);
}

describe('genesis state', () => {
  it('holds the limits of the genesis file, in force from block 0', () => {
    expect(readSystemConfig(GENESIS, 'tx_count_limit', 0)).toBe('1000');
    expect(readSystemConfig(GENESIS, 'tx_gas_limit', 0)).toBe('300000000');
    expect(readSystemConfig(GENESIS, 'consensus_timeout', 0)).toBe('3');
    expect(readSystemConfig(GENESIS, 'rpbft_epoch_block_num', 0)).toBe('');
    expect(readSystemConfig(GENESIS, 'enable_charge_mgr', 0)).toBe('');
    const rpbft = layeredView(genesisState({ ...TEST_GENESIS, consensusType: 'rpbft' }), EMPTY);
    expect(readSystemConfig(rpbft, 'rpbft_epoch_block_num', 0)).toBe('1000');
    expect(readSystemConfig(rpbft, 'rpbft_epoch_sealer_num', 0)).toBe('4');
  });

  it('lists the sealers ascending, whatever order the file has', () => {
    const expected = TEST_GENESIS.sealers.toSorted();
    expect(readMembership(GENESIS, 0)).toEqual({
      sealers: expected,
      observers: [],
      inStorageOrder: { workingSealers: [], sealers: expected, observers: [] },
    });
    const turned = { ...TEST_GENESIS, sealers: TEST_GENESIS.sealers.toReversed() };
    expect(genesisState(turned)).toEqual(genesisState(TEST_GENESIS));
  });
});

describe('working sealers', () => {
  const RPBFT = { ...TEST_GENESIS, consensusType: 'rpbft' as const, epochSealerCount: 3 };
  const ids = (digits: string): string[] => [...digits].map((digit) => digit.repeat(128));
  const member = (digit: string, type: string) => ({
    name: 'node',
    type,
    node_id: digit.repeat(128),
    enable_num: '0',
  });

  it('are at first the lowest of the genesis file, and vote alone', () => {
    const sorted = TEST_GENESIS.sealers.toSorted();
    const working = sorted.slice(0, 3);
    expect(readMembership(layeredView(genesisState(RPBFT), EMPTY), 0)).toEqual({
      sealers: working,
      observers: sorted.slice(3),
      inStorageOrder: { workingSealers: working, sealers: sorted, observers: [] },
    });
    const all = layeredView(genesisState({ ...RPBFT, epochSealerCount: 9 }), EMPTY);
    expect(readMembership(all, 0).sealers).toEqual(sorted);
  });

  it('stand before those that wait; when none is left, all vote', () => {
    const rows = [member('d', 'sealer'), member('c', 'wSealer'), member('b', 'observer'), member('a', 'wSealer')];
    expect(readMembership(withRows(GENESIS, CONSENSUS_TABLE, 'node', rows), 0)).toEqual({
      sealers: ids('ac'),
      observers: ids('db'),
      inStorageOrder: { workingSealers: ids('ca'), sealers: ids('cad'), observers: ids('b') },
    });
    const none = withRows(GENESIS, CONSENSUS_TABLE, 'node', [member('d', 'sealer'), member('b', 'observer')]);
    expect(readMembership(none, 0)).toMatchObject({ sealers: ids('d'), observers: ids('b') });
  });

  it('begin at an epoch of their own group', () => {
    const rowOf = (config: typeof RPBFT) => readRows(layeredView(genesisState(config), EMPTY), ROTATION_TABLE, 'epoch');
    const [row] = rowOf(RPBFT);
    expect(Object.fromEntries(row!.fields)).toMatchObject({ key: 'epoch', epoch: '0', enable_num: '0' });
    expect(row!.fields.get('randomness')).toMatch(/^[0-9a-f]{64}$/);
    const [other] = rowOf({ ...RPBFT, groupId: 2 });
    expect(other!.fields.get('randomness')).not.toBe(row!.fields.get('randomness'));
    expect(readRows(GENESIS, ROTATION_TABLE, 'epoch')).toEqual([]);
  });
});

describe('enable_num', () => {
  it('brings a changed setting into force at its number, and there is nothing before it', () => {
    const view = withRows(GENESIS, CONFIG_TABLE, 'tx_gas_limit', [
      { key: 'tx_gas_limit', value: '500000', enable_num: '7' },
    ]);
    expect(readSystemConfig(view, 'tx_gas_limit', 6)).toBe('');
    expect(readSystemConfig(view, 'tx_gas_limit', 7)).toBe('500000');
    expect(readSystemConfig(view, 'tx_gas_limit', 8)).toBe('500000');
    expect(readSystemConfig(view, 'tx_count_limit', 6)).toBe('1000');
  });

  it('brings members into force at their number; both orders are kept', () => {
    const node = (digit: string, type: string, enable: string): Record<string, string> => ({
      name: 'node',
      type,
      node_id: digit.repeat(128),
      enable_num: enable,
    });
    const view = withRows(GENESIS, CONSENSUS_TABLE, 'node', [
      node('c', 'sealer', '0'),
      node('b', 'observer', '3'),
      node('a', 'sealer', '5'),
      node('9', 'observer', '0'),
      node('8', 'sealer', 'soon'),
    ]);
    const ids = (digits: string): string[] => [...digits].map((digit) => digit.repeat(128));
    expect(readMembership(view, 4)).toEqual({
      sealers: ids('c'),
      observers: ids('b9'),
      inStorageOrder: { workingSealers: [], sealers: ids('c'), observers: ids('b9') },
    });
    expect(readMembership(view, 5)).toEqual({
      sealers: ids('ac'),
      observers: ids('b9'),
      inStorageOrder: { workingSealers: [], sealers: ids('ca'), observers: ids('b9') },
    });
    expect(readMembership(view, 2).observers).toEqual(ids('9'));
  });

  it('brings grants into force at their number; odd texts match nobody but count', () => {
    const view = withRows(GENESIS, ACCESS_TABLE, 'u_t', [
      { table_name: 'u_t', address: `0x${'Ab'.repeat(20)}`, enable_num: '2' },
      { table_name: 'u_t', address: '0x12', enable_num: '4' },
    ]);
    expect(readTableAccess(view, 'u_t', 1)).toEqual([]);
    expect(readTableAccess(view, 'u_t', 2)).toEqual(['ab'.repeat(20)]);
    expect(readTableAccess(view, 'u_t', 9)).toEqual(['ab'.repeat(20), '12']);
    expect(readTableAccess(view, 'u_other', 9)).toEqual([]);
  });
});

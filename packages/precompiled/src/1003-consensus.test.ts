import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { LAST_SEALER, NODE_ID_INVALID } from './codes.js';
import { NO_PERMISSION } from './ports.js';
import { UNCHECKED } from './tables/rows.js';
import { CONSENSUS_KEY, CONSENSUS_TABLE } from './tables/systemTables.js';
import { ALICE, BOB, bytesOf, SystemTester } from './testing/systemTester.js';

const suite = await loadSuite('ecdsa');
const ADD_SEALER = 'addSealer(string)';
const ADD_OBSERVER = 'addObserver(string)';
const REMOVE = 'remove(string)';
const [A, B, C] = ['a', 'b', 'c'].map((digit) => digit.repeat(128)) as [string, string, string];

function group(types: Record<string, string>): SystemTester {
  const tester = new SystemTester(suite);
  for (const [id, type] of Object.entries(types)) {
    const fields = { name: CONSENSUS_KEY, type, node_id: id, enable_num: '0' };
    tester.host.insert(CONSENSUS_TABLE, CONSENSUS_KEY, new Map(Object.entries(fields)), UNCHECKED);
  }
  tester.host.nextBlock(7);
  return tester;
}

function membership(tester: SystemTester): Record<string, string> {
  const rows = tester.host.select(CONSENSUS_TABLE, CONSENSUS_KEY);
  return Object.fromEntries(
    rows.map(({ fields }) => [fields.get('node_id')!, `${fields.get('type')}@${fields.get('enable_num')}`]),
  );
}

describe('Consensus', () => {
  it('adds, changes and removes members from this block on', () => {
    const tester = group({ [A]: 'sealer', [B]: 'sealer' });
    expect(tester.code(0x1003, ADD_OBSERVER, C.toUpperCase())).toBe(1);
    expect(tester.code(0x1003, ADD_OBSERVER, B)).toBe(1);
    expect(membership(tester)).toEqual({ [A]: 'sealer@0', [B]: 'observer@7', [C]: 'observer@7' });
    expect(tester.code(0x1003, ADD_SEALER, C)).toBe(1);
    expect(tester.code(0x1003, ADD_SEALER, C)).toBe(1);
    expect(tester.code(0x1003, REMOVE, A)).toBe(1);
    expect(tester.code(0x1003, REMOVE, A)).toBe(0);
    expect(membership(tester)).toEqual({ [B]: 'observer@7', [C]: 'sealer@7' });
  });

  it('keeps the last sealer', () => {
    const tester = group({ [A]: 'sealer', [B]: 'observer' });
    expect(tester.code(0x1003, ADD_OBSERVER, A)).toBe(LAST_SEALER);
    expect(tester.code(0x1003, REMOVE, A)).toBe(LAST_SEALER);
    expect(tester.code(0x1003, REMOVE, B)).toBe(1);
    expect(tester.code(0x1003, ADD_SEALER, A)).toBe(1);
  });

  it('keeps the last working sealer of rPBFT when nobody waits', () => {
    const tester = group({ [A]: 'wSealer', [B]: 'observer' });
    expect(tester.code(0x1003, ADD_OBSERVER, A)).toBe(LAST_SEALER);
    expect(tester.code(0x1003, REMOVE, A)).toBe(LAST_SEALER);
    expect(tester.code(0x1003, ADD_SEALER, B)).toBe(1);
    expect(tester.code(0x1003, REMOVE, A)).toBe(1);
  });

  it('lets a sealer go when working sealers of rPBFT are left', () => {
    const tester = group({ [A]: 'sealer', [B]: 'wSealer' });
    expect(tester.code(0x1003, ADD_OBSERVER, A)).toBe(1);
    expect(tester.code(0x1003, ADD_SEALER, B)).toBe(1);
    expect(membership(tester)[B]).toBe('sealer@7');
  });

  it.each([
    '',
    'abc',
    'a'.repeat(127),
    'a'.repeat(129),
    `0x${'a'.repeat(126)}`,
    `${'a'.repeat(127)}g`,
    bytesOf('节'.repeat(43)),
  ])('refuses the id %s', (id) => {
    const tester = group({ [A]: 'sealer' });
    for (const signature of [ADD_SEALER, ADD_OBSERVER, REMOVE]) {
      expect(tester.code(0x1003, signature, id)).toBe(NODE_ID_INVALID);
    }
  });

  it('needs authority, also to remove nobody', () => {
    const tester = group({ [A]: 'sealer', [B]: 'sealer' });
    tester.code(0x1005, 'insert(string,string)', CONSENSUS_TABLE, `0x${ALICE}`);
    tester.host.nextBlock();
    tester.as(BOB);
    for (const [signature, id] of [
      [ADD_SEALER, A],
      [ADD_SEALER, C],
      [ADD_OBSERVER, A],
      [REMOVE, A],
      [REMOVE, C],
    ] as const) {
      expect(tester.code(0x1003, signature, id)).toBe(NO_PERMISSION);
    }
    expect(membership(tester)).toEqual({ [A]: 'sealer@0', [B]: 'sealer@0' });
  });
});

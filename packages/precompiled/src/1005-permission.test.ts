import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import {
  ADDRESS_INVALID,
  MEMBER_AS_OPERATOR,
  PERMISSION_CONTRACT_MISSING,
  PERMISSION_EXISTS,
  PERMISSION_MISSING,
  PERMISSION_TABLE_NAME_TOO_LONG,
  PERMISSION_THROUGH_GOVERNANCE,
} from './codes.js';
import { NO_PERMISSION } from './ports.js';
import { ALICE, BOB, CAROL, CONTRACT, SystemTester } from './testing/systemTester.js';

const suite = await loadSuite('ecdsa');
const INSERT = 'insert(string,string)';
const REMOVE = 'remove(string,string)';
const QUERY = 'queryByName(string)';
const GRANT = 'grantWrite(address,address)';
const REVOKE = 'revokeWrite(address,address)';

/** A chain with a committee of the given members, in force. */
function committee(...members: string[]): SystemTester {
  const tester = new SystemTester(suite);
  for (const member of members) {
    for (const voter of members) tester.as(voter).send(0x1008, 'grantCommitteeMember(address)', member);
  }
  tester.host.nextBlock();
  return tester.as(ALICE);
}

describe('Permission of tables', () => {
  it('lists grants under the full name, in lower case', () => {
    const tester = new SystemTester(suite);
    expect(tester.code(0x1005, INSERT, 'goods', `0X${ALICE.toUpperCase()}`)).toBe(1);
    expect(tester.code(0x1005, INSERT, 'goods', BOB)).toBe(1);
    expect(tester.code(0x1005, INSERT, 'goods', '0x12')).toBe(1);
    expect(tester.code(0x1005, INSERT, '_sys_tables_', `0x${ALICE}`)).toBe(1);
    const row = (address: string, table: string): string =>
      `{"address":"${address}","enable_num":"1","table_name":"${table}"}`;
    expect(tester.text(0x1005, QUERY, 'goods')).toBe(
      `[${[`0x${ALICE}`, BOB, '0x12'].map((address) => row(address, 'u_goods')).join(',')}]\n`,
    );
    expect(tester.text(0x1005, QUERY, '_sys_tables_')).toBe(`[${row(`0x${ALICE}`, '_sys_tables_')}]\n`);
    expect(tester.text(0x1005, QUERY, '_sys_number_2_hash_')).toBe('[]\n');
  });

  it('refuses in the order of 2.x', () => {
    const tester = new SystemTester(suite);
    const long = 't'.repeat(63);
    expect(tester.code(0x1005, INSERT, '_sys_table_access_', 'no address')).toBe(PERMISSION_THROUGH_GOVERNANCE);
    expect(tester.code(0x1005, REMOVE, '_sys_table_access_', 'no address')).toBe(PERMISSION_THROUGH_GOVERNANCE);
    expect(tester.code(0x1005, INSERT, long, 'no address')).toBe(PERMISSION_TABLE_NAME_TOO_LONG);
    expect(tester.code(0x1005, INSERT, 't'.repeat(62), 'no address')).toBe(ADDRESS_INVALID);
    expect(tester.code(0x1005, INSERT, 't'.repeat(62), ALICE)).toBe(1);
    expect(tester.code(0x1005, INSERT, 't'.repeat(62), ALICE)).toBe(PERMISSION_EXISTS);
    expect(tester.code(0x1005, REMOVE, 't'.repeat(62), BOB)).toBe(PERMISSION_MISSING);
    expect(tester.code(0x1005, REMOVE, 't'.repeat(62), ALICE.toUpperCase())).toBe(1);
    expect(tester.code(0x1005, REMOVE, 't'.repeat(62), ALICE)).toBe(PERMISSION_MISSING);
  });

  it('keeps members and operators apart', () => {
    const tester = committee(ALICE);
    for (const address of [`0x${ALICE}`, ALICE]) {
      expect(tester.code(0x1005, INSERT, '_sys_tables_', address)).toBe(MEMBER_AS_OPERATOR);
      expect(tester.code(0x1005, INSERT, '_sys_cns_', address)).toBe(MEMBER_AS_OPERATOR);
      expect(tester.code(0x1005, REMOVE, '_sys_config_', address)).toBe(NO_PERMISSION);
      expect(tester.code(0x1005, REMOVE, '_sys_consensus_', address)).toBe(NO_PERMISSION);
    }
    expect(tester.code(0x1005, INSERT, '_sys_config_', `0x${BOB}`)).toBe(1);
    expect(tester.code(0x1005, REMOVE, '_sys_config_', `0x${BOB}`)).toBe(1);
  });

  it('is guarded by the committee from the second member on', () => {
    const one = committee(ALICE);
    expect(one.as(CAROL).code(0x1005, INSERT, 'goods', `0x${CAROL}`)).toBe(1);
    const two = committee(ALICE, BOB);
    expect(two.as(CAROL).code(0x1005, INSERT, 'goods', `0x${CAROL}`)).toBe(NO_PERMISSION);
    expect(two.as(BOB).code(0x1005, INSERT, 'goods', `0x${CAROL}`)).toBe(1);
    expect(two.as(CAROL).code(0x1005, REMOVE, 'goods', `0x${CAROL}`)).toBe(NO_PERMISSION);
  });
});

describe('Permission of contracts', () => {
  it('is the managers’ to give, and lists the accounts', () => {
    const tester = new SystemTester(suite);
    expect(tester.code(0x1005, GRANT, CONTRACT, BOB)).toBe(PERMISSION_CONTRACT_MISSING);
    tester.host.addAccount(CONTRACT, { hasCode: true, frozen: false, managers: [ALICE] });
    expect(tester.as(BOB).code(0x1005, GRANT, CONTRACT, BOB)).toBe(NO_PERMISSION);
    expect(tester.as(ALICE).code(0x1005, GRANT, CONTRACT, BOB)).toBe(1);
    expect(tester.as(BOB).code(0x1005, GRANT, CONTRACT, BOB)).toBe(PERMISSION_EXISTS);
    expect(tester.text(0x1005, 'queryPermission(address)', CONTRACT)).toBe(
      `[{"address":"0x${BOB}","enable_num":"1","table_name":"c_${CONTRACT}"}]\n`,
    );
    expect(tester.host.isAuthorized(`c_${CONTRACT}`)).toBe(true);
    tester.host.nextBlock();
    expect(tester.host.isAuthorized(`c_${CONTRACT}`)).toBe(true);
    expect(tester.as(ALICE).host.isAuthorized(`c_${CONTRACT}`)).toBe(false);
    expect(tester.code(0x1005, REVOKE, CONTRACT, ALICE)).toBe(PERMISSION_MISSING);
    expect(tester.as(BOB).code(0x1005, REVOKE, CONTRACT, BOB)).toBe(NO_PERMISSION);
    expect(tester.as(ALICE).code(0x1005, REVOKE, CONTRACT, BOB)).toBe(1);
    expect(tester.text(0x1005, 'queryPermission(address)', CONTRACT)).toBe('[]\n');
  });

  it('does not ask the committee', () => {
    const tester = committee(BOB, CAROL);
    tester.host.addAccount(CONTRACT, { hasCode: true, frozen: false, managers: [ALICE] });
    expect(tester.code(0x1005, GRANT, CONTRACT, ALICE)).toBe(1);
    expect(tester.code(0x1005, REVOKE, CONTRACT, ALICE)).toBe(1);
    expect(tester.as(BOB).code(0x1005, GRANT, CONTRACT, BOB)).toBe(NO_PERMISSION);
  });
});

import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import {
  CONTRACT_AVAILABLE,
  CONTRACT_FROZEN,
  CONTRACT_MISSING,
  CONTRACT_NO_PERMISSION,
  LAST_MANAGER,
  MANAGER_EXISTS,
  MANAGER_MISSING,
  NOT_A_CONTRACT,
} from './codes.js';
import { ALICE, BOB, CAROL, CONTRACT, SystemTester } from './testing/systemTester.js';

const suite = await loadSuite('ecdsa');
const ACCOUNT = 'ac'.repeat(20);
const FREEZE = 'freeze(address)';
const UNFREEZE = 'unfreeze(address)';
const GRANT = 'grantManager(address,address)';
const REVOKE = 'revokeManager(address,address)';

function deployed(): SystemTester {
  const tester = new SystemTester(suite);
  tester.host.addAccount(CONTRACT, { hasCode: true, frozen: false, managers: [ALICE] });
  tester.host.addAccount(ACCOUNT, { hasCode: false, frozen: false, managers: [] });
  return tester;
}

function status(tester: SystemTester, address: string): unknown {
  return tester.values(['int256', 'string'], 0x1007, 'getStatus(address)', address);
}

describe('ContractLifeCycle', () => {
  it('freezes and unfreezes', () => {
    const tester = deployed();
    expect(status(tester, CONTRACT)).toEqual([0n, 'The contract is available.']);
    expect(tester.code(0x1007, UNFREEZE, CONTRACT)).toBe(CONTRACT_AVAILABLE);
    expect(tester.code(0x1007, FREEZE, CONTRACT)).toBe(1);
    expect(tester.code(0x1007, FREEZE, CONTRACT)).toBe(CONTRACT_FROZEN);
    expect(status(tester, CONTRACT)).toEqual([
      0n,
      'The contract has been frozen. You can invoke this contract after unfreezing it.',
    ]);
    expect(tester.code(0x1007, UNFREEZE, CONTRACT)).toBe(1);
  });

  it('checks the address, then who asks, then the state', () => {
    const tester = deployed().as(BOB);
    for (const signature of [FREEZE, UNFREEZE]) {
      expect(tester.code(0x1007, signature, CAROL)).toBe(CONTRACT_MISSING);
      expect(tester.code(0x1007, signature, ACCOUNT)).toBe(NOT_A_CONTRACT);
      expect(tester.code(0x1007, signature, CONTRACT)).toBe(CONTRACT_NO_PERMISSION);
    }
    for (const signature of [GRANT, REVOKE]) {
      expect(tester.code(0x1007, signature, CAROL, BOB)).toBe(CONTRACT_MISSING);
      expect(tester.code(0x1007, signature, ACCOUNT, BOB)).toBe(NOT_A_CONTRACT);
      expect(tester.code(0x1007, signature, CONTRACT, ALICE)).toBe(CONTRACT_NO_PERMISSION);
    }
    expect(status(tester, CAROL)).toEqual([0n, 'The address is nonexistent.']);
    expect(status(tester, ACCOUNT)).toEqual([0n, 'This is not a contract address.']);
  });

  it('adds and removes managers, never the last', () => {
    const tester = deployed();
    const managers = (): unknown => tester.values(['int256', 'address[]'], 0x1007, 'listManager(address)', CONTRACT);
    expect(tester.code(0x1007, REVOKE, CONTRACT, BOB)).toBe(LAST_MANAGER);
    expect(tester.code(0x1007, REVOKE, CONTRACT, ALICE)).toBe(LAST_MANAGER);
    expect(tester.code(0x1007, GRANT, CONTRACT, BOB)).toBe(1);
    expect(tester.code(0x1007, GRANT, CONTRACT, BOB)).toBe(MANAGER_EXISTS);
    expect(managers()).toEqual([0n, [ALICE, BOB]]);
    expect(tester.as(BOB).code(0x1007, REVOKE, CONTRACT, CAROL)).toBe(MANAGER_MISSING);
    expect(tester.code(0x1007, REVOKE, CONTRACT, ALICE)).toBe(1);
    expect(managers()).toEqual([0n, [BOB]]);
    const list = 'listManager(address)';
    expect(tester.values(['int256', 'address[]'], 0x1007, list, CAROL)).toEqual([BigInt(CONTRACT_MISSING), []]);
    expect(tester.values(['int256', 'address[]'], 0x1007, list, ACCOUNT)).toEqual([BigInt(NOT_A_CONTRACT), []]);
  });

  it('obeys committee members too, and charges for the output only', () => {
    const tester = deployed();
    tester.as(CAROL).code(0x1008, 'grantCommitteeMember(address)', CAROL);
    expect(tester.gas(0x1007, FREEZE, CONTRACT)).toBe(3);
    expect(tester.host.account(CONTRACT)!.frozen).toBe(true);
  });
});

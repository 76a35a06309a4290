import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { chainGovernance } from './1008-chainGovernance.js';
import { thresholdPercent, thresholdText } from './1008-votes.js';
import {
  ACCOUNT_AVAILABLE,
  ACCOUNT_FROZEN,
  ACCOUNT_IS_CONTRACT,
  ACCOUNT_MISSING,
  CALLER_NOT_MEMBER,
  MEMBER_AS_OPERATOR,
  MEMBER_EXISTS,
  MEMBER_MISSING,
  OPERATOR_AS_MEMBER,
  OPERATOR_EXISTS,
  OPERATOR_MISSING,
  THRESHOLD_INVALID,
  VALUE_UNCHANGED,
} from './codes.js';
import { NO_PERMISSION } from './ports.js';
import { ALICE, BOB, CAROL, CONTRACT, SystemTester } from './testing/systemTester.js';

const suite = await loadSuite('ecdsa');
const GRANT = 'grantCommitteeMember(address)';
const REVOKE = 'revokeCommitteeMember(address)';
const WEIGHT = 'updateCommitteeMemberWeight(address,int256)';
const THRESHOLD = 'updateThreshold(int256)';
const VOTES = 'queryVotesOfMember(address)';
const THRESHOLD_VOTES = 'queryVotesOfThreshold()';
const DAVE = 'da'.repeat(20);

class Committee extends SystemTester {
  constructor(...members: string[]) {
    super(suite);
    for (const member of members) {
      for (const voter of members) this.as(voter).send(0x1008, GRANT, member);
    }
    this.host.nextBlock();
  }

  /** What each of the voters is answered. */
  vote(voters: readonly string[], signature: string, ...values: (string | bigint)[]): number[] {
    return voters.map((voter) => this.as(voter).code(0x1008, signature, ...values));
  }

  members(): string[] {
    const list = JSON.parse(this.text(0x1008, 'listCommitteeMembers()')) as { address: string }[];
    return list.map((member) => member.address.slice(2));
  }

  weight(member: string): unknown {
    return this.values(['bool', 'int256'], 0x1008, 'queryCommitteeMemberWeight(address)', member);
  }
}

describe('the committee', () => {
  it('is founded by whoever comes first', () => {
    const chain = new Committee();
    expect(chain.text(0x1008, 'listCommitteeMembers()')).toBe('[]\n');
    expect(chain.as(BOB).code(0x1008, GRANT, ALICE)).toBe(1);
    expect(chain.text(0x1008, 'listCommitteeMembers()')).toBe(`[{"address":"0x${ALICE}","enable_num":"2"}]\n`);
    for (const table of ['_sys_table_access_', '_sys_config_', '_sys_consensus_']) {
      const rows = chain.host.select('_sys_table_access_', table);
      expect(rows.map((row) => row.fields.get('address'))).toEqual([`0x${ALICE}`]);
    }
    expect(chain.weight(ALICE)).toEqual([true, 1n]);
    expect(chain.weight(BOB)).toEqual([false, BigInt(MEMBER_MISSING)]);
    expect(chain.code(0x1008, GRANT, BOB)).toBe(CALLER_NOT_MEMBER);
    expect(chain.code(0x1008, GRANT, ALICE)).toBe(MEMBER_EXISTS);
  });

  it('decides by more than the threshold', () => {
    const chain = new Committee(ALICE, BOB);
    expect(chain.members()).toEqual([ALICE, BOB]);
    expect(chain.vote([ALICE, ALICE], GRANT, CAROL)).toEqual([0, 0]);
    expect(chain.vote([BOB], GRANT, CAROL)).toEqual([1]);
    expect(chain.members()).toEqual([ALICE, BOB, CAROL]);
    expect(chain.text(0x1008, VOTES, CAROL)).toBe('null\n');
    expect(chain.vote([ALICE, CAROL], GRANT, DAVE)).toEqual([0, 1]);
    expect(chain.vote([ALICE, BOB, CAROL], REVOKE, DAVE)).toEqual([0, 0, 1]);
    expect(chain.members()).toEqual([ALICE, BOB, CAROL]);
    expect(chain.weight(DAVE)).toEqual([false, BigInt(MEMBER_MISSING)]);
    expect(chain.as(ALICE).code(0x1008, REVOKE, DAVE)).toBe(MEMBER_MISSING);
    expect(chain.as(DAVE).code(0x1008, REVOKE, ALICE)).toBe(CALLER_NOT_MEMBER);
  });

  it('can dissolve itself, and anybody can begin anew', () => {
    const chain = new Committee(ALICE);
    expect(chain.vote([ALICE], REVOKE, ALICE)).toEqual([1]);
    expect(chain.members()).toEqual([]);
    expect(chain.as(BOB).code(0x1008, GRANT, BOB)).toBe(1);
  });

  it('keeps one vote of a voter on a key, and shows votes', () => {
    const chain = new Committee(ALICE, BOB, CAROL);
    chain.host.nextBlock(13);
    chain.vote([BOB], GRANT, DAVE);
    chain.vote([CAROL], WEIGHT, ALICE, 3n);
    chain.vote([BOB], WEIGHT, ALICE, 4n);
    const limit = '"block_limit":"10012",';
    expect(chain.text(0x1008, VOTES, DAVE)).toBe(`{"grant":[{${limit}"voter":"0x${BOB}"}]}\n`);
    chain.vote([CAROL], REVOKE, ALICE);
    expect(chain.text(0x1008, VOTES, ALICE)).toBe(
      `{"revoke":[{${limit}"voter":"0x${CAROL}"}],` +
        `"update_weight":[{${limit}"target":"3","voter":"0x${CAROL}"},{${limit}"target":"4","voter":"0x${BOB}"}]}\n`,
    );
    chain.vote([BOB], WEIGHT, ALICE, 5n);
    expect(chain.text(0x1008, VOTES, ALICE)).not.toContain('"target":"4"');
    expect(chain.vote([CAROL], WEIGHT, ALICE, 5n)).toEqual([1]);
    expect(chain.weight(ALICE)).toEqual([true, 5n]);
    chain.vote([BOB], THRESHOLD, 60n);
    expect(chain.text(0x1008, THRESHOLD_VOTES)).toBe(`{"0.600000":[{${limit}"voter":"0x${BOB}"}]}\n`);
  });

  it('weighs votes', () => {
    const chain = new Committee(ALICE, BOB, CAROL);
    expect(chain.vote([ALICE, BOB], WEIGHT, CAROL, 10n)).toEqual([0, 1]);
    expect(chain.vote([ALICE, BOB], GRANT, DAVE)).toEqual([0, 0]);
    expect(chain.vote([CAROL], THRESHOLD, 90n)).toEqual([1]);
    expect(chain.vote([CAROL], GRANT, DAVE)).toEqual([1]);
  });

  it('forgets votes after 10000 blocks and those of former members', () => {
    const chain = new Committee(ALICE, BOB);
    chain.host.nextBlock(100);
    chain.vote([ALICE], GRANT, DAVE);
    chain.host.nextBlock(100 + 9_999);
    const early = { sender: BOB, input: chain.as(BOB).input(GRANT, DAVE), gasLeft: 1000 };
    expect(chain.host.call(chainGovernance.create(undefined), early).output.at(-1)).toBe(1);
    chain.host.nextBlock(100 + 10_000);
    expect(chain.vote([BOB], GRANT, DAVE)).toEqual([0]);
    expect(chain.text(0x1008, VOTES, DAVE)).not.toContain(ALICE);
    expect(chain.vote([ALICE], GRANT, DAVE)).toEqual([1]);

    chain.vote([DAVE], GRANT, CAROL);
    expect(chain.vote([ALICE, BOB], REVOKE, DAVE)).toEqual([0, 1]);
    expect(chain.vote([ALICE, BOB], GRANT, CAROL)).toEqual([0, 1]);
  });

  it('checks weights in order', () => {
    const chain = new Committee(ALICE, BOB);
    for (const weight of [0n, -5n, -(2n ** 255n)]) {
      expect(chain.as(DAVE).error(0x1008, WEIGHT, DAVE, weight)).toBe(
        `updateCommitteeMemberWeight failed for invalid weight "${weight}", the weight must be greater than 0`,
      );
    }
    expect(chain.code(0x1008, WEIGHT, DAVE, 1n)).toBe(MEMBER_MISSING);
    expect(chain.code(0x1008, WEIGHT, ALICE, 1n)).toBe(VALUE_UNCHANGED);
    expect(chain.code(0x1008, WEIGHT, ALICE, 2n)).toBe(CALLER_NOT_MEMBER);
    expect(chain.vote([ALICE, BOB], WEIGHT, ALICE, 2n ** 255n - 1n)).toEqual([0, 1]);
    expect(chain.weight(ALICE)).toEqual([true, 2n ** 255n - 1n]);
    expect(chain.vote([ALICE], GRANT, DAVE)).toEqual([1]);
  });

  it('checks thresholds in order', () => {
    const chain = new Committee(ALICE);
    expect(chain.as(BOB).code(0x1008, THRESHOLD, -1n)).toBe(THRESHOLD_INVALID);
    expect(chain.code(0x1008, THRESHOLD, 100n)).toBe(THRESHOLD_INVALID);
    expect(chain.code(0x1008, THRESHOLD, 50n)).toBe(VALUE_UNCHANGED);
    expect(chain.code(0x1008, THRESHOLD, 51n)).toBe(CALLER_NOT_MEMBER);
    expect(chain.vote([ALICE], THRESHOLD, 99n)).toEqual([1]);
    expect(chain.code(0x1008, 'queryThreshold()')).toBe(99);
    expect(chain.text(0x1008, THRESHOLD_VOTES)).toBe('null\n');
  });

  it('reads three thresholds back one less than they were set', () => {
    const percents = Array.from({ length: 100 }, (_, percent) => percent);
    const wrong = percents.filter((percent) => thresholdPercent(thresholdText(BigInt(percent))) !== percent);
    expect(wrong).toEqual([29, 57, 58]);
    expect(wrong.map((percent) => thresholdPercent(thresholdText(BigInt(percent))))).toEqual([28, 56, 57]);
    expect(thresholdText(7n)).toBe('0.070000');
  });
});

describe('operators', () => {
  const GRANT_OPERATOR = 'grantOperator(address)';
  const REVOKE_OPERATOR = 'revokeOperator(address)';

  it('are appointed and dismissed by any member', () => {
    const chain = new Committee(ALICE, BOB);
    expect(chain.as(DAVE).code(0x1008, GRANT_OPERATOR, DAVE)).toBe(CALLER_NOT_MEMBER);
    expect(chain.as(BOB).code(0x1008, GRANT_OPERATOR, ALICE)).toBe(MEMBER_AS_OPERATOR);
    expect(chain.code(0x1008, GRANT_OPERATOR, DAVE)).toBe(1);
    expect(chain.code(0x1008, GRANT_OPERATOR, DAVE)).toBe(OPERATOR_EXISTS);
    expect(chain.text(0x1008, 'listOperators()')).toBe(`[{"address":"0x${DAVE}","enable_num":"2"}]\n`);
    expect(chain.code(0x1008, GRANT, DAVE)).toBe(OPERATOR_AS_MEMBER);
    expect(chain.as(DAVE).code(0x1008, REVOKE_OPERATOR, DAVE)).toBe(CALLER_NOT_MEMBER);
    expect(chain.as(ALICE).code(0x1008, REVOKE_OPERATOR, DAVE)).toBe(1);
    expect(chain.code(0x1008, REVOKE_OPERATOR, DAVE)).toBe(OPERATOR_MISSING);
    expect(chain.text(0x1008, 'listOperators()')).toBe('[]\n');
  });

  it('get the half they lack', () => {
    const chain = new Committee(ALICE);
    chain.code(0x1005, 'insert(string,string)', '_sys_cns_', `0x${DAVE}`);
    expect(chain.code(0x1008, GRANT, DAVE)).toBe(OPERATOR_AS_MEMBER);
    expect(chain.text(0x1008, 'listOperators()')).toBe('[]\n');
    expect(chain.code(0x1008, REVOKE_OPERATOR, DAVE)).toBe(OPERATOR_MISSING);
    expect(chain.code(0x1008, GRANT_OPERATOR, DAVE)).toBe(1);
    expect(chain.host.select('_sys_table_access_', '_sys_cns_')).toHaveLength(1);
    expect(chain.host.select('_sys_table_access_', '_sys_tables_')).toHaveLength(1);
  });

  it('cannot be appointed by a member of this very block', () => {
    const chain = new Committee(ALICE, BOB);
    chain.vote([ALICE, BOB], GRANT, CAROL);
    expect(chain.as(CAROL).error(0x1008, GRANT_OPERATOR, DAVE)).toBe(
      `Permission denied. ${CAROL} can't grantOperator operator 0x${DAVE}`,
    );
    chain.host.nextBlock();
    expect(chain.code(0x1008, GRANT_OPERATOR, DAVE)).toBe(1);
  });
});

describe('accounts', () => {
  const FREEZE = 'freezeAccount(address)';
  const UNFREEZE = 'unfreezeAccount(address)';
  const STATUS = 'getAccountStatus(address)';

  it('are frozen by members, in the order of checks of 2.x', () => {
    const chain = new Committee(ALICE, BOB);
    chain.host.addAccount(CONTRACT, { hasCode: true, frozen: false, managers: [DAVE] });
    for (const account of [BOB, DAVE]) chain.host.addAccount(account, { hasCode: false, frozen: false, managers: [] });
    chain.as(DAVE);
    for (const signature of [FREEZE, UNFREEZE]) {
      expect(chain.code(0x1008, signature, CAROL)).toBe(ACCOUNT_MISSING);
      expect(chain.code(0x1008, signature, CONTRACT)).toBe(ACCOUNT_IS_CONTRACT);
      expect(chain.code(0x1008, signature, DAVE)).toBe(NO_PERMISSION);
    }
    chain.as(ALICE);
    expect(chain.code(0x1008, FREEZE, BOB)).toBe(NO_PERMISSION);
    expect(chain.code(0x1008, UNFREEZE, BOB)).toBe(ACCOUNT_AVAILABLE);
    expect(chain.code(0x1008, UNFREEZE, DAVE)).toBe(ACCOUNT_AVAILABLE);
    expect(chain.code(0x1008, FREEZE, DAVE)).toBe(1);
    expect(chain.code(0x1008, FREEZE, DAVE)).toBe(ACCOUNT_FROZEN);
    expect(chain.text(0x1008, STATUS, DAVE)).toBe(
      'The account has been frozen. You can use this account after unfreezing it.',
    );
    expect(chain.code(0x1008, UNFREEZE, DAVE)).toBe(1);
    expect(chain.text(0x1008, STATUS, DAVE)).toBe('The account is available.');
    expect(chain.text(0x1008, STATUS, CAROL)).toBe('The address is nonexistent.');
    expect(chain.text(0x1008, STATUS, CONTRACT)).toBe('This is not a account address.');
  });
});

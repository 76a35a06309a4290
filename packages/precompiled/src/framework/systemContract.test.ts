import { concatBytes, fromBigInt, toHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { SystemTester } from '../testing/systemTester.js';

const suite = await loadSuite('ecdsa');
const guomi = await loadSuite('sm');

const ZERO = '0'.repeat(64);
const UNKNOWN_INT256 = `${'f'.repeat(60)}3c4b`;

/** Contract → what it answers to a selector it does not know. */
const UNKNOWN_ANSWERS: readonly (readonly [number, string])[] = [
  [0x1000, ZERO],
  [0x1001, ''],
  [0x1002, UNKNOWN_INT256],
  [0x1003, ZERO],
  [0x1004, ''],
  [0x1005, ''],
  [0x1006, ''],
  [0x1007, ''],
  [0x1008, ''],
  [0x1009, `${'f'.repeat(60)}30f0`],
  [0x1010, ''],
  [0x1011, ''],
  [0x2000, ''],
  [0x2001, ''],
  [0x2002, ''],
  [0x2003, ''],
  [0x2004, ''],
  [0x2005, ''],
  [0x2006, ''],
  [0x2007, ''],
  [0x5002, ''],
  [0x5006, `${'0'.repeat(56)}ffff3c4b`],
];

describe('dispatch', () => {
  it.each(UNKNOWN_ANSWERS)(
    'answers an unknown function of %i, and call data too short for a selector',
    (number, answer) => {
      const tester = new SystemTester(suite);
      for (const length of [0, 1, 2, 3, 4, 5]) {
        const outcome = tester.sendInput(number, new Uint8Array(length).fill(0xee));
        expect(outcome.status).toBe(0);
        expect(toHex(outcome.output)).toBe(answer);
      }
    },
  );

  it('takes selectors of its own suite only', () => {
    const tester = new SystemTester(guomi);
    const keccakSelector = new SystemTester(suite).input('userAdd(string,uint256)', 'a', 1n);
    expect(tester.sendInput(0x5002, keccakSelector)).toEqual({ status: 0, output: new Uint8Array(0), gasUsed: 0 });
    expect(tester.code(0x5002, 'userAdd(string,uint256)', 'a', 1n)).toBe(0);
  });

  it('reads missing arguments as empty and extra bytes not at all', () => {
    const tester = new SystemTester(suite);
    const input = tester.input('grantCommitteeMember(address)', '00'.repeat(20)).subarray(0, 4);
    expect(tester.sendInput(0x1008, input).status).toBe(0);
    expect(tester.text(0x1008, 'listCommitteeMembers()')).toBe(
      `[{"address":"0x${'00'.repeat(20)}","enable_num":"1"}]\n`,
    );
    const call = concatBytes(tester.input('userAdd(string,uint256)', 'a', 5n), new Uint8Array(7).fill(1));
    expect(tester.sendInput(0x5002, call).status).toBe(0);
    expect(tester.values(['uint256', 'uint256'], 0x5002, 'userBalance(string)', 'a')).toEqual([0n, 5n]);
  });

  it('refuses offsets and lengths beyond the data', () => {
    const tester = new SystemTester(suite);
    const selector = tester.input('openTable(string)', '').subarray(0, 4);
    for (const words of [[2n ** 255n], [32n, 2n ** 64n], [32n, 33n, 0n]]) {
      const input = concatBytes(selector, ...words.map((value) => fromBigInt(value, 32)));
      expect(tester.errorOf(tester.sendInput(0x1001, input))).toBe('PrecompiledError');
    }
  });

  it('has the error selector of its suite', () => {
    const message = 'u_t does not exist';
    const ecdsa = new SystemTester(suite).send(0x1010, 'openTable(string)', 't');
    const sm = new SystemTester(guomi).send(0x1010, 'openTable(string)', 't');
    expect(toHex(ecdsa.output.subarray(0, 4))).toBe('08c379a0');
    expect(toHex(sm.output.subarray(0, 4))).toBe('c703cb12');
    expect(new SystemTester(suite).errorOf(ecdsa)).toBe(message);
  });

  it('fails with status 21 when the gas left does not do, and undoes what was written', () => {
    const tester = new SystemTester(suite);
    tester.gasLimit = 2;
    const failed = tester.send(0x5002, 'userAdd(string,uint256)', 'a', 1n);
    expect(tester.errorOf(failed)).toBe('OutOfGas when executing precompiled Contract, gasUsed: 3, leftGas:2');
    expect(failed.gasUsed).toBe(0);
    tester.gasLimit = 3;
    expect(tester.gas(0x5002, 'userAdd(string,uint256)', 'a', 1n)).toBe(3);
  });
});

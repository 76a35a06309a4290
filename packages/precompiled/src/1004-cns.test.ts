import { loadSuite } from '@menglian/crypto/loadSuite';
import { ZERO_ADDRESS } from '@menglian/types/address';
import { describe, expect, it } from 'vitest';
import { ADDRESS_INVALID, NAME_AND_VERSION_EXIST, VERSION_TOO_LONG } from './codes.js';
import { NO_PERMISSION } from './ports.js';
import { ALICE, BOB, bytesOf, CONTRACT, SystemTester } from './testing/systemTester.js';

const suite = await loadSuite('ecdsa');
const INSERT = 'insert(string,string,string,string)';
const BY_NAME = 'selectByName(string)';
const BY_VERSION = 'selectByNameAndVersion(string,string)';
const ADDRESS = 'getContractAddress(string,string)';

describe('CNS', () => {
  it('keeps names, versions and addresses as they were given', () => {
    const tester = new SystemTester(suite);
    const mixedCase = `0x${'aBcD'.repeat(10)}`;
    expect(tester.code(0x1004, INSERT, bytesOf('名'), '2', mixedCase, '[]')).toBe(1);
    expect(tester.code(0x1004, INSERT, bytesOf('名'), '10', CONTRACT, '"')).toBe(1);
    expect(tester.code(0x1004, INSERT, bytesOf('名'), '1', '0x123', '')).toBe(1);
    const name = bytesOf(bytesOf('名'));
    const first = `{"abi":"[]","address":"${mixedCase}","name":"${name}","version":"2"}`;
    const others = [
      `{"abi":"\\"","address":"${CONTRACT}","name":"${name}","version":"10"}`,
      `{"abi":"","address":"0x123","name":"${name}","version":"1"}`,
    ];
    expect(bytesOf(tester.text(0x1004, BY_NAME, bytesOf('名')))).toBe(`[${[first, ...others].join(',')}]\n`);
    expect(bytesOf(tester.text(0x1004, BY_VERSION, bytesOf('名'), '2'))).toBe(`[${first}]\n`);
    expect(tester.text(0x1004, BY_VERSION, bytesOf('名'), '3')).toBe('[]\n');
    expect(tester.text(0x1004, BY_NAME, 'other')).toBe('[]\n');
    expect(tester.address(0x1004, ADDRESS, bytesOf('名'), '2')).toBe('abcd'.repeat(10));
    expect(tester.address(0x1004, ADDRESS, bytesOf('名'), '10')).toBe(CONTRACT);
    expect(tester.address(0x1004, ADDRESS, bytesOf('名'), '1')).toBe(ZERO_ADDRESS);
    expect(tester.error(0x1004, ADDRESS, bytesOf('名'), '3')).toBe('Entries no exists: 0');
  });

  it('writes a name with a version once', () => {
    const tester = new SystemTester(suite);
    expect(tester.code(0x1004, INSERT, '', '', '', '')).toBe(1);
    expect(tester.code(0x1004, INSERT, '', '', CONTRACT, '')).toBe(NAME_AND_VERSION_EXIST);
    expect(tester.code(0x1004, INSERT, '', '', 'no address', '')).toBe(NAME_AND_VERSION_EXIST);
    expect(tester.code(0x1004, INSERT, '', '1', 'no address', '')).toBe(ADDRESS_INVALID);
    expect(tester.code(0x1004, INSERT, '', 'v'.repeat(128), CONTRACT, '')).toBe(1);
    expect(tester.code(0x1004, INSERT, '', 'v'.repeat(129), 'no address', '')).toBe(VERSION_TOO_LONG);
  });

  it('bounds name and ABI, but only where the address is one', () => {
    const tester = new SystemTester(suite);
    const long = 'n'.repeat(129);
    expect(tester.code(0x1004, INSERT, 'n'.repeat(128), '1', CONTRACT, '')).toBe(1);
    expect(tester.error(0x1004, INSERT, long, 'v'.repeat(129), CONTRACT, '')).toBe('size of value/key greater than128');
    expect(tester.code(0x1004, INSERT, long, '1', 'no address', '')).toBe(ADDRESS_INVALID);
    const abi = 'a'.repeat(16 * 1024 * 1024);
    expect(tester.error(0x1004, INSERT, 'n', '1', CONTRACT, abi)).toBe('size of value/key greater than16777215');
  });

  it('needs authority to register', () => {
    const tester = new SystemTester(suite);
    tester.code(0x1005, 'insert(string,string)', '_sys_cns_', `0x${ALICE}`);
    tester.host.nextBlock();
    expect(tester.as(BOB).code(0x1004, INSERT, 'n', '1', CONTRACT, '')).toBe(NO_PERMISSION);
    expect(tester.code(0x1004, INSERT, 'n', '1', 'no address', '')).toBe(ADDRESS_INVALID);
    expect(tester.as(ALICE).code(0x1004, INSERT, 'n', '1', CONTRACT, '')).toBe(1);
  });

  it('charges by the rows of the name', () => {
    const tester = new SystemTester(suite);
    const memory = (...values: [string, ...string[]]): number => 3 * Math.ceil(tester.input(...values).length / 32);
    const insert = (version: string) => [INSERT, 'n', version, CONTRACT, ''] as const;
    expect(tester.gas(0x1004, ...insert('1'))).toBe(200 + 10_000 + memory(...insert('1')));
    expect(tester.gas(0x1004, ...insert('2'))).toBe(200 + 200 + 10_000 + memory(...insert('2')));
    expect(tester.gas(0x1004, ...insert('2'))).toBe(200 + 400 + memory(...insert('2')));
    const output = (...values: [string, ...string[]]): number =>
      3 * Math.ceil(tester.send(0x1004, ...values).output.length / 32);
    expect(tester.gas(0x1004, BY_NAME, 'n')).toBe(200 + 6 + output(BY_NAME, 'n'));
    expect(tester.gas(0x1004, BY_VERSION, 'n', '2')).toBe(200 + 3 + 200 + memory(BY_VERSION, 'n', '2'));
    expect(tester.gas(0x1004, ADDRESS, 'n', '2')).toBe(400 + memory(ADDRESS, 'n', '2'));
  });
});

import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { PARALLEL_KEY, parallelTable } from './1006-parallelConfig.js';
import { ALICE, BOB, CONTRACT, SystemTester } from './testing/systemTester.js';

const REGISTER = 'registerParallelFunctionInternal(address,string,uint256)';
const UNREGISTER = 'unregisterParallelFunctionInternal(address,string)';
const TRANSFER = 'transfer(string,string,uint256)';

function registered(tester: SystemTester): Record<string, string>[] {
  return tester.host.select(parallelTable(CONTRACT).name, PARALLEL_KEY).map((row) => Object.fromEntries(row.fields));
}

describe('ParallelConfig', () => {
  it.each([
    ['ecdsa', 0x9b80b050],
    ['sm', 0x612d2bff],
  ] as const)('keeps the selector of suite %s in decimal', async (name, selector) => {
    const tester = new SystemTester(await loadSuite(name));
    expect(tester.code(0x1006, REGISTER, CONTRACT, TRANSFER, 2n)).toBe(0);
    expect(registered(tester)).toEqual([
      { key: 'parallel', selector: String(selector), functionName: TRANSFER, criticalSize: '2' },
    ]);
  });

  it('updates, removes and answers 0, whoever asks', async () => {
    const tester = new SystemTester(await loadSuite('ecdsa'));
    tester.code(0x1005, 'insert(string,string)', '_sys_tables_', `0x${ALICE}`);
    tester.host.nextBlock();
    tester.as(BOB);
    expect(tester.code(0x1006, UNREGISTER, CONTRACT, TRANSFER)).toBe(0);
    for (const size of [1n, 2n]) expect(tester.code(0x1006, REGISTER, CONTRACT, TRANSFER, size)).toBe(0);
    expect(tester.code(0x1006, REGISTER, CONTRACT, 'set(string)', 1n)).toBe(0);
    expect(registered(tester).map((row) => row['criticalSize'])).toEqual(['2', '1']);
    expect(tester.code(0x1006, UNREGISTER, CONTRACT, TRANSFER)).toBe(0);
    expect(registered(tester).map((row) => row['functionName'])).toEqual(['set(string)']);
    expect(tester.gas(0x1006, UNREGISTER, CONTRACT, TRANSFER)).toBe(3);
  });
});

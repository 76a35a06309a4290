import { fromHex, toBigInt, toHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { contractAddress, create2Address } from '@menglian/types/address';
import { describe, expect, it } from 'vitest';
import { FREE_STORAGE_SCHEDULE } from './gasSchedule.js';
import { CALL_DEPTH_LIMIT } from './limits.js';
import { assemble } from './testing/assembler.js';
import { CONTRACT, GAS, ORIGIN, OTHER, runText } from './testing/run.js';
import type { Setup } from './testing/run.js';

const suite = await loadSuite('ecdsa');
const run = (text: string, setup: Partial<Setup> = {}) => runText(text, { suite, ...setup });

/** outputSize outputOffset inputSize inputOffset (value) address gas */
const call = (kind: string, gas: string | number = 'GAS') =>
  `0 0 0 0 ${kind === 'CALL' || kind === 'CALLCODE' ? '0 ' : ''}0x${OTHER} ${gas} ${kind}`;
const RETURN_TOP = '0 MSTORE 32 0 RETURN';
const RETURN_RETURNED = 'RETURNDATASIZE 0 0 RETURNDATACOPY RETURNDATASIZE 0 RETURN';

describe('who runs where', () => {
  it.each([
    ['CALL', CONTRACT, OTHER, 0n],
    ['CALLCODE', CONTRACT, CONTRACT, 0n],
    ['DELEGATECALL', ORIGIN, CONTRACT, 9n],
    ['STATICCALL', CONTRACT, OTHER, 0n],
  ])('%s', (kind, caller, address, value) => {
    const other = 'CALLER 0 MSTORE ADDRESS 32 MSTORE CALLVALUE 64 MSTORE 96 0 RETURN';
    const { output } = run(`${call(kind)} POP ${RETURN_RETURNED}`, { other, message: { value: 9n } });
    const words = [0, 32, 64].map((at) => toBigInt(output.subarray(at, at + 32)));
    expect(words).toEqual([BigInt(`0x${caller}`), BigInt(`0x${address}`), value]);
  });

  it('hands over input, takes output up to the size asked for, and keeps all as return data', () => {
    const other = 'CALLDATASIZE 0 0 CALLDATACOPY CALLDATASIZE 0 RETURN';
    const text = `0x0102030405 0 MSTORE 2 64 5 27 0 0x${OTHER} GAS CALL POP RETURNDATASIZE 0 MSTORE 96 0 RETURN`;
    const { output } = run(text, { other });
    expect(toBigInt(output.subarray(0, 32))).toBe(5n);
    expect(toHex(output.subarray(64, 67))).toBe('010200');
  });

  it('ignores the high bits of an address', () => {
    const text = `0 0 0 0 0 0x${'ff'.repeat(12)}${OTHER} GAS CALL ${RETURN_TOP}`;
    expect(toBigInt(run(text, { other: 'STOP' }).output)).toBe(1n);
  });
});

describe('gas of calls', () => {
  it('forwards what is asked for, at most all but a 64th of the exact rest', () => {
    const other = `GAS ${RETURN_TOP}`;
    const seen = (gas: string | number, rest = '') =>
      Number(toBigInt(run(`${call('CALL', gas)} POP ${rest} ${RETURN_RETURNED}`, { other }).output));
    expect(seen(5_000)).toBe(4_998);
    const left = GAS - 6 * 3 - 2 - 700;
    expect(seen('GAS')).toBe(left - Math.floor(left / 64) - 2);
    // What stands behind the call in its block was paid ahead and counts all the same.
    expect(seen('GAS', '1 1 1 POP POP POP')).toBe(left - Math.floor(left / 64) - 2);
    expect(seen(`0x${'ff'.repeat(32)}`)).toBe(left - 1 - Math.floor((left - 1) / 64) - 2);
  });

  it('a callee that runs out of gas hands all of it back', () => {
    const { gasUsed, output } = run(`${call('CALL')} ${RETURN_TOP}`, { other: ':loop @loop JUMP' });
    expect(toBigInt(output)).toBe(0n);
    expect(gasUsed).toBe(6 * 3 + 2 + 700 + 3 + 3 + 3 + 3 + 3);
  });

  it('a callee with a bad instruction consumes what it was given', () => {
    const { gasUsed, output } = run(`${call('CALL', 5_000)} ${RETURN_TOP}`, { other: 'INVALID' });
    expect(toBigInt(output)).toBe(0n);
    expect(gasUsed).toBe(7 * 3 + 700 + 5_000 + 15);
  });

  it('a callee that reverts keeps the rest, and its data comes back', () => {
    const { gasUsed, output } = run(`${call('CALL')} POP ${RETURN_RETURNED}`, {
      other: '171 0 MSTORE8 1 0 REVERT',
    });
    expect(toHex(output)).toBe('ab');
    expect(gasUsed).toBeLessThan(1_000);
  });

  it('a callee that burns what the block paid ahead leaves the caller out of gas', () => {
    const text = `${call('CALL', 100_000)} 1 1 1 POP POP POP`;
    expect(run(text, { other: 'INVALID', message: { gas: 6 * 3 + 700 + 16 } }).status).toBe(12);
  });

  it.each(['CALL', 'CALLCODE'])('%s with value fails at once: nobody has a balance', (kind) => {
    const text = `0 0 0 0 1 0x${OTHER} GAS ${kind} RETURNDATASIZE ADD ${RETURN_TOP}`;
    const { gasUsed, output } = run(text, { other: 'STOP' });
    expect(toBigInt(output)).toBe(0n);
    const fixed = 6 * 3 + 2 + 700 + 2 + 3 + 15;
    expect(gasUsed).toBe(fixed + 9_000 - 2_300);
    expect(run(text, { other: 'STOP', schedule: FREE_STORAGE_SCHEDULE }).gasUsed).toBe(fixed - 5);
    expect(run(text, { message: { gas: 6 * 3 + 2 + 700 + 8_999 } }).status).toBe(12);
  });

  it('an address without code fails, its gas given back, with data that says so', () => {
    const { gasUsed, output } = run(`${call('CALL')} RETURNDATASIZE ADD ${RETURN_TOP}`);
    expect(toBigInt(output)).toBeGreaterThan(0n);
    expect(gasUsed).toBeLessThan(1_000);
  });
});

describe('depth', () => {
  it.each(['CALL', 'CALLCODE', 'DELEGATECALL', 'STATICCALL'])('%s fails at the limit', (kind) => {
    const at = (depth: number) =>
      toBigInt(run(`${call(kind)} ${RETURN_TOP}`, { other: 'STOP', message: { depth } }).output);
    expect(at(CALL_DEPTH_LIMIT - 1)).toBe(1n);
    expect(at(CALL_DEPTH_LIMIT)).toBe(0n);
  });

  it('CREATE fails at the limit, and the gas stays', () => {
    const { gasUsed, output } = run(`0 0 0 CREATE ${RETURN_TOP}`, { message: { depth: CALL_DEPTH_LIMIT } });
    expect(toBigInt(output)).toBe(0n);
    expect(gasUsed).toBe(9 + 32_000 + 15);
  });

  it('recursion ends by the 63/64 rule', () => {
    const deep = `0 0 0 0 0 ADDRESS GAS CALL 0 SLOAD 1 ADD 0 SSTORE`;
    const outcome = run(deep, { message: { gas: 30_000_000 }, context: { budget: { remaining: 1e9 } } });
    expect(outcome.status).toBe(0);
    expect(outcome.host.storage(CONTRACT, 0n)).toBeGreaterThan(100n);
  });
});

describe('creation', () => {
  const runtime = '0x00';
  const initCode = assemble(`${runtime} 0 MSTORE8 1 0 RETURN`);
  const store = `0x${toHex(initCode)} 0 MSTORE`;
  const range = `${initCode.length} ${32 - initCode.length}`;

  it('CREATE counts from 0, also for contracts', () => {
    const { output, host } = run(`${store} ${range} 0 CREATE ${RETURN_TOP}`);
    const address = contractAddress(suite, CONTRACT, 0n);
    expect(toBigInt(output)).toBe(BigInt(`0x${address}`));
    expect(host.code(address)).toEqual(fromHex('00'));
  });

  it('CREATE2 depends on salt and code, and pays for hashing it', () => {
    const { output, gasUsed } = run(`${store} 5 ${range} 0 CREATE2 ${RETURN_TOP}`);
    const salt = fromHex('05'.padStart(64, '0'));
    expect(toBigInt(output)).toBe(BigInt(`0x${create2Address(suite, CONTRACT, salt, initCode)}`));
    const plain = run(`${store} ${range} 0 CREATE ${RETURN_TOP}`).gasUsed;
    expect(gasUsed).toBe(plain + 3 + 6);
  });

  it('with value it fails before the host hears of it', () => {
    const { output, host } = run(`0 0 1 CREATE ${RETURN_TOP}`);
    expect(toBigInt(output)).toBe(0n);
    expect(host.state.accounts.size).toBe(1);
  });

  it('a constructor that reverts gives its data back, one that succeeds none', () => {
    const revert = assemble('171 0 MSTORE8 1 0 REVERT');
    const text = (code: Uint8Array) =>
      `0x${toHex(code)} 0 MSTORE ${code.length} ${32 - code.length} 0 CREATE POP ${RETURN_RETURNED}`;
    expect(toHex(run(text(revert)).output)).toBe('ab');
    expect(run(text(initCode)).output.length).toBe(0);
  });

  it('costs 32000, or 16000 with free storage', () => {
    expect(run('0 0 0 CREATE').gasUsed).toBe(9 + 32_000);
    expect(run('0 0 0 CREATE', { schedule: FREE_STORAGE_SCHEDULE }).gasUsed).toBe(9 + 16_000);
  });
});

describe('execution budget', () => {
  // Calls itself twice with all its gas and burns the rest: two to the power of its depth without a budget.
  const explosive = '0 0 0 0 0 ADDRESS GAS CALL 0 0 0 0 0 ADDRESS GAS CALL :loop @loop JUMP';

  it('ends a program that calls itself, with status 12 and its gas', () => {
    const budget = { remaining: 3_000_000 };
    const outcome = run(explosive, { message: { gas: 3_000_000 }, context: { budget } });
    expect(outcome).toMatchObject({ status: 12, gasLeft: 3_000_000 });
    expect(budget.remaining).toBeLessThan(0);
    // What went over the budget is one frame's gas at most, for each frame that was open.
    expect(budget.remaining).toBeGreaterThan(-7_000_000);
  });

  it('ends at the same point every time', () => {
    const ends = [1, 2].map(() => {
      const budget = { remaining: 1_234_567 };
      const { gasUsed } = run(explosive, { message: { gas: 500_000 }, context: { budget } });
      return [gasUsed, budget.remaining];
    });
    expect(ends[0]).toEqual(ends[1]);
  });

  it('is charged what a frame burned when it hands its gas back, not what it was given', () => {
    const budget = { remaining: 1_000_000 };
    run(`${call('CALL', 500_000)}`, { other: '1 1 1 @far JUMP :far 0 0xffffffffff MSTORE', context: { budget } });
    expect(budget.remaining).toBe(1_000_000 - (4 * 3 + 8 + 1 + 9));
  });

  it('is not charged for what is paid', () => {
    const budget = { remaining: 10 };
    expect(run('1 1 SSTORE', { context: { budget } }).status).toBe(0);
    expect(budget.remaining).toBe(10);
  });
});

import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { STACK_LIMIT } from './limits.js';
import { GAS, OTHER, runText } from './testing/run.js';
import type { Setup } from './testing/run.js';

const suite = await loadSuite('ecdsa');
const run = (text: string, setup: Partial<Setup> = {}) => runText(text, { suite, ...setup });
const pushes = (count: number) => new Array<string>(count).fill('1').join(' ');
const EMPTY = new Uint8Array(0);

describe('what an ending does to the gas (docs/evm.md, "Endings")', () => {
  it.each([
    ['undefined instruction', 'x0c', 10, 0],
    ['INVALID', 'INVALID', 10, 0],
    ['instructions of later forks: PUSH0', 'x5f', 10, 0],
    ['BASEFEE', 'x48', 10, 0],
    ['TLOAD', '0 x5c', 10, 0],
    ['MCOPY', '0 0 0 x5e', 10, 0],
    ['bad jump', '0 JUMP', 11, 0],
    ['stack underflow', 'ADD', 14, 0],
    ['stack overflow', pushes(STACK_LIMIT + 1), 13, 0],
    ['read beyond the return data', '1 0 0 RETURNDATACOPY', 1, 0],
    ['out of gas: memory', '0 0x100000000 MSTORE', 12, GAS],
    ['out of gas: memory at an absurd place', `0 ${(1n << 256n) - 1n} MSTORE`, 12, GAS],
    ['out of gas: range', `1 ${(1n << 256n) - 1n} SHA3`, 12, GAS],
    ['out of gas: EXP', ':loop 0x10000000000000000 3 EXP POP @loop JUMP', 12, GAS],
  ])('%s', (_, text, status, gasLeft) => {
    expect(run(text)).toMatchObject({ status, gasLeft, output: EMPTY });
  });

  it('a full stack is no overflow', () => {
    expect(run(pushes(STACK_LIMIT)).status).toBe(0);
  });

  it.each([
    ['SSTORE', '1 1 SSTORE'],
    ['LOG', '0 0 LOG0'],
    ['CREATE', '0 0 0 CREATE'],
    ['CREATE2', '0 0 0 0 CREATE2'],
    ['SELFDESTRUCT', '0 SELFDESTRUCT'],
    ['CALL with value', '0 0 0 0 1 7 GAS CALL'],
  ])('static mode forbids %s', (_, text) => {
    expect(run(text, { message: { isStatic: true } })).toMatchObject({ status: 1, gasLeft: 0 });
    // Through STATICCALL, and from there through a plain call.
    const outcome = run(`0 0 0 0 0x${OTHER} 100000 STATICCALL 0 MSTORE 32 0 RETURN`, { other: text });
    expect(outcome.status).toBe(0);
    expect(outcome.output[31]).toBe(0);
    expect(outcome.gasUsed).toBeGreaterThan(100_000);
  });

  it('static mode allows CALLCODE with value, which fails like any other', () => {
    const text = '0 0 0 0 1 7 GAS CALLCODE 0 MSTORE 32 0 RETURN';
    expect(run(text, { message: { isStatic: true } })).toMatchObject({ status: 0, output: new Uint8Array(32) });
  });
});

describe('gas and stack per basic block, gas first', () => {
  it('a block that cannot be paid is out of gas even if it would underflow before', () => {
    expect(run('POP 1 1 1', { message: { gas: 10 } })).toMatchObject({ status: 12, gasLeft: 10 });
    expect(run('POP 1 1 1', { message: { gas: 11 } })).toMatchObject({ status: 14, gasLeft: 0 });
  });

  it('a block that would underflow does so before its first instruction', () => {
    // The jump would be bad, and comes first.
    expect(run('1 POP POP 0 JUMP').status).toBe(14);
    expect(run('0 JUMP POP').status).toBe(11);
  });

  it('underflow comes before overflow, and both before what the block does', () => {
    expect(run(`0 JUMP`).status).toBe(11);
    expect(run(`INVALID ${pushes(STACK_LIMIT + 1)}`).status).toBe(13);
    expect(run(`ADD ${pushes(STACK_LIMIT + 3)}`).status).toBe(14);
  });

  it('undefined instructions do not end a block: what stands behind them is paid for', () => {
    expect(run('INVALID 1 1', { message: { gas: 5 } }).status).toBe(12);
    expect(run('INVALID 1 1', { message: { gas: 6 } }).status).toBe(10);
    expect(run('INVALID :next 1 1', { message: { gas: 0 } }).status).toBe(10);
  });

  it('JUMPI ends a block, so code behind it is paid only when it is reached', () => {
    const text = '1 @end JUMPI 0 0 0 CREATE :end STOP';
    expect(run(text, { message: { gas: 17 } })).toMatchObject({ status: 0, gasLeft: 0 });
  });
});

import { fromHex, toBigInt, toHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { FREE_STORAGE_SCHEDULE } from './gasSchedule.js';
import { CONTRACT, GAS, ORIGIN, OTHER, runText } from './testing/run.js';
import type { Setup } from './testing/run.js';

const suite = await loadSuite('ecdsa');
const sm = await loadSuite('sm');

const MAX = (1n << 256n) - 1n;
const MIN_SIGNED = 1n << 255n;
const RETURN_TOP = '0 MSTORE 32 0 RETURN';

function word(text: string, setup: Partial<Setup> = {}): bigint {
  const outcome = runText(`${text} ${RETURN_TOP}`, { suite, ...setup });
  expect(outcome.status).toBe(0);
  return toBigInt(outcome.output);
}

function gasOf(text: string, setup: Partial<Setup> = {}): number {
  const outcome = runText(text, { suite, ...setup });
  expect(outcome.status).toBe(0);
  return outcome.gasUsed;
}

describe('arithmetic', () => {
  // Operands in the order of the stack: the first one is on top.
  it.each<[string, bigint[], bigint]>([
    ['ADD', [MAX, 2n], 1n],
    ['MUL', [MAX, MAX], 1n],
    ['SUB', [1n, 2n], MAX],
    ['DIV', [7n, 2n], 3n],
    ['DIV', [7n, 0n], 0n],
    ['SDIV', [MAX - 6n, 2n], MAX - 2n],
    ['SDIV', [MIN_SIGNED, MAX], MIN_SIGNED],
    ['SDIV', [1n, 0n], 0n],
    ['MOD', [7n, 4n], 3n],
    ['MOD', [7n, 0n], 0n],
    ['SMOD', [MAX - 6n, 4n], MAX - 2n],
    ['SMOD', [7n, MAX - 3n], 3n],
    ['SMOD', [7n, 0n], 0n],
    ['ADDMOD', [MAX, MAX, 7n], (2n * MAX) % 7n],
    ['ADDMOD', [1n, 1n, 0n], 0n],
    ['MULMOD', [MAX, MAX, 12n], (MAX * MAX) % 12n],
    ['MULMOD', [1n, 1n, 0n], 0n],
    ['EXP', [0n, 0n], 1n],
    ['EXP', [2n, 255n], MIN_SIGNED],
    ['EXP', [2n, 256n], 0n],
    ['EXP', [3n, 200n], (3n ** 200n) & MAX],
    ['SIGNEXTEND', [0n, 0x80n], MAX - 0x7fn],
    ['SIGNEXTEND', [0n, 0xf7fn], 0x7fn],
    ['SIGNEXTEND', [31n, MAX], MAX],
    ['SIGNEXTEND', [MAX, 0x80n], 0x80n],
    ['LT', [1n, 2n], 1n],
    ['GT', [1n, 2n], 0n],
    ['SLT', [MAX, 0n], 1n],
    ['SGT', [MAX, 0n], 0n],
    ['EQ', [MAX, MAX], 1n],
    ['ISZERO', [0n], 1n],
    ['ISZERO', [MAX], 0n],
    ['AND', [0xf0n, 0x3cn], 0x30n],
    ['OR', [0xf0n, 0x3cn], 0xfcn],
    ['XOR', [0xf0n, 0x3cn], 0xccn],
    ['NOT', [0n], MAX],
    ['BYTE', [31n, 0x1234n], 0x34n],
    ['BYTE', [0n, MAX], 0xffn],
    ['BYTE', [32n, MAX], 0n],
    ['BYTE', [MAX, MAX], 0n],
    ['SHL', [4n, 1n], 16n],
    ['SHL', [255n, 3n], MIN_SIGNED],
    ['SHL', [256n, 1n], 0n],
    ['SHR', [4n, 0x100n], 0x10n],
    ['SHR', [MAX, MAX], 0n],
    ['SAR', [1n, MAX], MAX],
    ['SAR', [MAX, MIN_SIGNED], MAX],
    ['SAR', [MAX, 1n], 0n],
    ['SAR', [4n, 0x100n], 0x10n],
  ])('%s of %s', (name, operands, result) => {
    expect(word(`${operands.toReversed().join(' ')} ${name}`)).toBe(result);
  });

  it('takes 50 gas for each byte of an exponent', () => {
    expect(gasOf('0 3 EXP')).toBe(3 + 3 + 10);
    expect(gasOf('255 3 EXP')).toBe(3 + 3 + 10 + 50);
    expect(gasOf('256 3 EXP')).toBe(3 + 3 + 10 + 100);
  });

  it('means the same whether a constant was pushed before or comes from elsewhere', () => {
    expect(word('5 CALLDATASIZE ADD 7 ADD')).toBe(12n);
    expect(word('255 15 AND')).toBe(15n);
    expect(word('7 64 MSTORE 64 MLOAD')).toBe(7n);
    expect(word('7 32 DUP1 ADD MSTORE 32 DUP1 ADD MLOAD')).toBe(7n);
  });
});

describe('environment', () => {
  it.each<[string, bigint]>([
    ['ADDRESS', BigInt(`0x${CONTRACT}`)],
    ['ORIGIN', BigInt(`0x${ORIGIN}`)],
    ['CALLER', BigInt(`0x${ORIGIN}`)],
    ['CALLVALUE', 9n],
    ['GASPRICE', 5n],
    ['TIMESTAMP', 1_700_000_000_123n],
    ['NUMBER', 1_000n],
    ['COINBASE', 0n],
    ['DIFFICULTY', 0n],
    ['GASLIMIT', 0n],
    ['CHAINID', 0n],
    ['SELFBALANCE', 0n],
    ['ADDRESS BALANCE', 0n],
    ['999 BLOCKHASH', 1_006n],
    ['744 BLOCKHASH', 751n],
    ['743 BLOCKHASH', 0n],
    ['1000 BLOCKHASH', 0n],
    [`${MAX} BLOCKHASH`, 0n],
    ['CALLDATASIZE', 5n],
    ['0 CALLDATALOAD', 0x0102030405n << 216n],
    ['4 CALLDATALOAD', 5n << 248n],
    ['5 CALLDATALOAD', 0n],
    [`${MAX} CALLDATALOAD`, 0n],
    ['PC', 0n],
    ['1 POP PC', 3n],
    ['MSIZE', 0n],
    ['1 95 MSTORE8 MSIZE', 96n],
    ['RETURNDATASIZE', 0n],
    [`0x${'ff'.repeat(12)}${OTHER} EXTCODESIZE`, 2n],
    [`0x${'ab'.repeat(20)} EXTCODEHASH`, 0n],
  ])('%s', (text, result) => {
    const message = { value: 9n, input: fromHex('0102030405') };
    expect(word(text, { message, other: 'STOP STOP' })).toBe(result);
  });

  it('asks the host for what is not code: size 1 and hash 0 of a system contract', () => {
    const prepare: Setup['prepare'] = (host) => {
      host.codeSize = () => 1;
      host.codeHash = () => undefined;
    };
    expect(word('4096 EXTCODESIZE', { prepare })).toBe(1n);
    expect(word('4096 EXTCODEHASH', { prepare })).toBe(0n);
  });

  it('hashes with the suite of the chain', () => {
    expect(word('0 0 SHA3', { suite })).toBe(toBigInt(suite.emptyHash));
    expect(word('0 0 SHA3', { suite: sm })).toBe(toBigInt(sm.emptyHash));
  });
});

describe('gas left', () => {
  it('GAS gives what is left behind it, though the whole block was paid', () => {
    expect(word('GAS 1 1 1 POP POP POP')).toBe(BigInt(GAS - 2));
    expect(word('1 POP GAS')).toBe(BigInt(GAS - 7));
  });

  it('memory costs 3 a word and the square over 512', () => {
    expect(gasOf('0 0 MSTORE')).toBe(3 + 3 + 3 + 3);
    expect(gasOf('0 MLOAD 0 MLOAD')).toBe(3 + 3 + 3 + 3 + 3);
    const words = 1_024;
    expect(gasOf(`0 ${32 * words - 32} MSTORE`)).toBe(9 + 3 * words + (words * words) / 512);
    expect(gasOf('0 1 MSTORE')).toBe(9 + 6);
  });

  it('SHA3, copies and LOG cost by words or bytes', () => {
    expect(gasOf('33 0 SHA3')).toBe(6 + 30 + 2 * 6 + 2 * 3);
    expect(gasOf('33 0 0 CALLDATACOPY')).toBe(9 + 3 + 2 * 3 + 2 * 3);
    expect(gasOf('33 0 0 CODECOPY')).toBe(9 + 3 + 2 * 3 + 2 * 3);
    expect(gasOf('33 0 0 7 EXTCODECOPY')).toBe(12 + 700 + 2 * 3 + 2 * 3);
    expect(gasOf('1 2 10 0 LOG2')).toBe(12 + 3 * 375 + 8 * 10 + 3);
    expect(gasOf(`0 ${MAX} 0 CALLDATACOPY`)).toBe(9 + 3);
  });

  it('SLOAD 200, or 1200 with free storage', () => {
    expect(gasOf('0 SLOAD')).toBe(3 + 200);
    expect(gasOf('0 SLOAD', { schedule: FREE_STORAGE_SCHEDULE })).toBe(3 + 1_200);
  });
});

describe('SSTORE', () => {
  const stored: Setup['prepare'] = (host) => {
    host.setStorage(CONTRACT, 1n, 5n);
  };

  it.each([
    ['new', '7 0 SSTORE', 20_000, 1_200, 0],
    ['changed', '7 1 SSTORE', 5_000, 1_200, 0],
    ['unchanged', '5 1 SSTORE', 800, 800, 0],
    ['cleared', '0 1 SSTORE', 5_000, 1_200, 15_000],
    ['zero to zero', '0 0 SSTORE', 800, 800, 0],
  ])('%s', (_, text, normal, free, refund) => {
    const outcome = runText(text, { suite, prepare: stored });
    expect(outcome.gasUsed).toBe(6 + normal);
    expect(outcome.host.state.refund).toBe(refund);
    expect(gasOf(text, { prepare: stored, schedule: FREE_STORAGE_SCHEDULE })).toBe(6 + free);
  });

  it('looks at the present value only: back and forth is paid every time', () => {
    const outcome = runText('0 1 SSTORE 5 1 SSTORE 0 1 SSTORE', { suite, prepare: stored });
    expect(outcome.gasUsed).toBe(18 + 5_000 + 20_000 + 5_000);
    expect(outcome.host.state.refund).toBe(30_000);
  });

  it('is refused with 2300 gas left, however cheap, and allowed with one more', () => {
    // What the block holds behind SSTORE was paid, but counts as left.
    const text = '5 1 SSTORE 1 1 1 POP POP POP';
    const rest = 15;
    expect(runText(text, { suite, prepare: stored, message: { gas: 6 + 2_300 } }).status).toBe(12);
    expect(runText(text, { suite, prepare: stored, message: { gas: 6 + 2_301 } }).gasLeft).toBe(2_301 - 800 - rest);
  });

  it('ends with 25 where the origin may not write, even to the value that is there, and keeps the gas', () => {
    for (const text of ['7 0 SSTORE', '5 1 SSTORE']) {
      const prepare: Setup['prepare'] = (host) => host.state.storage.set(`${CONTRACT}:1`, 5n);
      const outcome = runText(text, { suite, prepare, mayWrite: () => false });
      expect(outcome).toMatchObject({ status: 25, gasLeft: GAS, output: new Uint8Array(0) });
    }
  });
});

describe('logs, copies and endings', () => {
  it('LOG carries topics in order and its bytes of memory', () => {
    const { host } = runText('0x1234 0 MSTORE 3 2 1 2 30 LOG3', { suite });
    expect(host.state.logs).toHaveLength(1);
    const { address, topics, data } = host.state.logs[0]!;
    expect(address).toBe(CONTRACT);
    expect(topics.map(toBigInt)).toEqual([1n, 2n, 3n]);
    expect(toHex(data)).toBe('1234');
  });

  it('copies pad with zeros, also over what was there', () => {
    const outcome = runText(`${MAX} 0 MSTORE 8 3 2 CALLDATACOPY 16 0 RETURN`, {
      suite,
      message: { input: fromHex('0102030405') },
    });
    expect(toHex(outcome.output)).toBe('ffff0405000000000000ffffffffffff');
    const far = runText(`${MAX} 0 MSTORE 2 ${MAX} 0 CODECOPY 4 0 RETURN`, { suite });
    expect(toHex(far.output)).toBe('0000ffff');
  });

  it('RETURN and REVERT give bytes, STOP and the end of the code none', () => {
    expect(runText('1 31 MSTORE8 32 0 REVERT', { suite })).toMatchObject({ status: 22 });
    expect(toHex(runText('171 0 MSTORE8 1 0 REVERT', { suite }).output)).toBe('ab');
    expect(runText('STOP', { suite })).toMatchObject({ status: 0, gasLeft: GAS, output: new Uint8Array(0) });
    expect(runText('1', { suite })).toMatchObject({ status: 0, gasLeft: GAS - 3, output: new Uint8Array(0) });
    expect(runText('xff', { suite }).status).toBe(14);
  });

  it('SELFDESTRUCT costs 5000 and marks the account', () => {
    const { gasUsed, host } = runText('0 SELFDESTRUCT', { suite });
    expect(gasUsed).toBe(3 + 5_000);
    expect([...host.state.destroyed]).toEqual([CONTRACT]);
  });

  it('takes PUSH data that ends with the code as zeros', () => {
    expect(runText('x7f01', { suite }).status).toBe(0);
  });
});

describe('jumps', () => {
  it('go to a JUMPDEST only, not into PUSH data, not beyond the code', () => {
    expect(word('1 @on JUMPI STOP :on 7')).toBe(7n);
    expect(word('0 @off JUMPI 8 :off')).toBe(8n);
    expect(word('0 ISZERO @on JUMPI STOP :on 7')).toBe(7n);
    expect(word('1 ISZERO @off JUMPI 8 :off')).toBe(8n);
    expect(word('@on 1 POP JUMP STOP :on 9')).toBe(9n);
    expect(runText('3 JUMP PUSH1 0x5b', { suite }).status).toBe(11);
    expect(runText('4 JUMP PUSH1 0x5b', { suite }).status).toBe(11);
    expect(runText('1000 JUMP', { suite }).status).toBe(11);
    expect(runText(`${MAX} JUMP`, { suite }).status).toBe(11);
    expect(runText(`0 ${MAX} JUMPI`, { suite }).status).toBe(0);
    expect(runText(`1 ${MAX} JUMPI`, { suite }).status).toBe(11);
    expect(runText(`CALLDATASIZE 1 ADD ${MAX} DUP1 POP JUMPI`, { suite }).status).toBe(11);
  });

  it('loop until the gas is gone', () => {
    expect(runText(':loop @loop JUMP', { suite })).toMatchObject({ status: 12, gasLeft: GAS });
  });
});

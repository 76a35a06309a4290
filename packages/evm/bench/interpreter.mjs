/**
 * Speed of the interpreter alone: maps for a state, no signatures, no disk. Figures are per second of process CPU time.
 * `npx tsc -b packages/evm && node packages/evm/bench/interpreter.mjs`
 *
 * - token: `transfer` of token.sol (compiled in token.json) to 1,000 recipients, calls a second
 * - loops of that contract and of single instructions, gas a second; the slowest of them bound the time of a transaction
 */
import { readFileSync } from 'node:fs';
import { concatBytes, EMPTY_BYTES, fromBigInt, fromHex, utf8Bytes } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { analyze } from '@menglian/evm/codeAnalysis';
import { NORMAL_SCHEDULE } from '@menglian/evm/gasSchedule';
import { execute } from '@menglian/evm/execute';
import { assemble } from '@menglian/evm/testing/assembler';

const GAS = 300_000_000;
const RECIPIENTS = 1_000;
const CALLS_EACH = 100;
const ROUNDS = 5;
const ROUND_SECONDS = 0.15;
const origin = '11'.repeat(20);
const contract = 'c0'.repeat(20);
const suite = await loadSuite('ecdsa');

const slots = new Map();
const host = {
  storage: (_, slot) => slots.get(slot) ?? 0n,
  setStorage: (_, slot, value) => {
    slots.set(slot, value);
    return true;
  },
  codeSize: () => 0,
  code: () => EMPTY_BYTES,
  codeHash: () => undefined,
  blockHash: () => 0n,
  emitLog: () => {},
  selfDestruct: () => {},
  addRefund: () => {},
  call: ({ gas }) => ({ success: false, gasLeft: gas, output: EMPTY_BYTES }),
  create: ({ gas }) => ({ success: false, gasLeft: gas, output: EMPTY_BYTES, address: contract }),
};
const context = {
  origin,
  gasPrice: 1n,
  blockNumber: 5,
  timestampMs: 0,
  budget: { remaining: Number.MAX_SAFE_INTEGER },
};

function run(code, input) {
  const message = {
    kind: 'call',
    gas: GAS,
    sender: origin,
    recipient: contract,
    codeAddress: contract,
    value: 0n,
    input,
    depth: 0,
    isStatic: false,
  };
  return execute(code, message, host, context, NORMAL_SCHEDULE, suite);
}

function cpuSeconds(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Minimum, median and maximum of some rounds, after one to warm up. */
function measure(work) {
  work();
  const rates = Array.from({ length: ROUNDS }, work).sort((a, b) => a - b);
  return [rates[0], rates[ROUNDS >> 1], rates[ROUNDS - 1]]
    .map((rate) => Math.round(rate).toLocaleString('en'))
    .join(' / ');
}

function print(name, unit, figures) {
  process.stdout.write(`${name.padEnd(24)} ${figures} ${unit}\n`);
}

const word = (value) => fromBigInt(BigInt(value), 32);
const input = (signature, ...values) =>
  concatBytes(suite.hash(utf8Bytes(signature)).subarray(0, 4), ...values.map(word));
const { initCode } = JSON.parse(readFileSync(new URL('./token.json', import.meta.url), 'utf8'));
const token = analyze(run(analyze(fromHex(initCode.slice(2))), EMPTY_BYTES).output);

const transfers = Array.from({ length: RECIPIENTS }, (_, i) =>
  input('transfer(address,uint256)', (0xabcdefn << 136n) + BigInt(i), 1 + i),
);
print(
  'token transfer',
  '/s',
  measure(
    () =>
      (CALLS_EACH * RECIPIENTS) /
      cpuSeconds(() => {
        for (let i = 0; i < CALLS_EACH; i++) for (const call of transfers) run(token, call);
      }),
  ),
);

function megagas(code, data) {
  const used = GAS - run(code, data).gasLeft;
  return measure(() => {
    let count = 0;
    let seconds = 0;
    while (seconds < ROUND_SECONDS) {
      seconds += cpuSeconds(() => run(code, data));
      count += 1;
    }
    return (used * count) / 1e6 / seconds;
  });
}

print('64-bit mixing in Solidity', 'Mgas/s', megagas(token, input('work(uint256)', 50_000)));
print('keccak256 in Solidity', 'Mgas/s', megagas(token, input('hashes(uint256)', 10_000)));

const MAX = `0x${'f'.repeat(64)}`;
const ODD = `0x${'d7'.repeat(31)}`;
const REPEATS = 200;
const LOOPS = 100;
/** The instructions under test `REPEATS` times in a loop of `LOOPS`; the counter lies under what they need. */
function loop(setup, body) {
  const text = `${LOOPS} :again ${setup} ${new Array(REPEATS).fill(body).join(' ')} POP 1 SWAP1 SUB DUP1 @again JUMPI`;
  return analyze(assemble(text));
}
const cases = {
  'PUSH, POP': [MAX, `${MAX} POP`],
  ADD: [MAX, `${ODD} ADD`],
  MUL: [MAX, `${ODD} MUL`],
  DIV: [MAX, `POP ${ODD} ${MAX} DIV`],
  SMOD: [MAX, `POP ${ODD} ${MAX} SMOD`],
  MULMOD: [MAX, `POP ${ODD} ${MAX} ${MAX} MULMOD`],
  ADDMOD: [MAX, `POP ${ODD} ${MAX} ${MAX} ADDMOD`],
  EXP: [MAX, `POP ${MAX} ${ODD} EXP`],
  'SAR, SIGNEXTEND': [MAX, '3 SAR 9 SIGNEXTEND'],
  'MSTORE, MLOAD': [MAX, '0 MSTORE 0 MLOAD'],
  'SHA3 of 64 bytes': [MAX, 'POP 64 0 SHA3'],
  'SHA3 of 10 kB': [MAX, 'POP 10000 0 SHA3'],
  SLOAD: [MAX, 'POP 1 SLOAD'],
  CALLDATALOAD: [MAX, 'POP 0 CALLDATALOAD'],
  CALLER: [MAX, 'POP CALLER'],
  'LOG4 without data': [MAX, '1 1 1 1 0 0 LOG4'],
  'CALL without code': [MAX, 'POP 0 0 0 0 0 7 0 CALL'],
};
for (const [name, [setup, body]] of Object.entries(cases))
  print(name, 'Mgas/s', megagas(loop(setup, body), new Uint8Array(64)));

const large = new Uint8Array(256 * 1024).map((_, i) => (i * 7_919) % 251);
print(
  'analysis',
  'kB/s',
  measure(
    () =>
      (10 * large.length) /
      1024 /
      cpuSeconds(() => {
        for (let i = 0; i < 10; i++) analyze(large);
      }),
  ),
);

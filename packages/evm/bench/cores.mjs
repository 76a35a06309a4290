/**
 * Translated code, the interpreter and @ethereumjs/evm side by side: one process, turns taken, CPU time, medians. Maps for a
 * state, no signatures, no disk. `npx tsc -b packages/evm && node packages/evm/bench/cores.mjs [rounds]`
 *
 * - transfer: `transfer` of token.sol to 1,000 recipients; `fresh`: to 65,536, so that hashes of theirs are not remembered
 * - loops: 64-bit arithmetic and keccak256 in Solidity; SSTORE of 100 slots; copies of 1 kB in memory
 * - translation: what it takes, and after how many transfers it has paid for itself
 */
import { readFileSync } from 'node:fs';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM } from '@ethereumjs/evm';
import { SimpleStateManager } from '@ethereumjs/statemanager';
import { Account, Address } from '@ethereumjs/util';
import { concatBytes, EMPTY_BYTES, fromBigInt, fromHex, toHex, utf8Bytes } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { analyze } from '@menglian/evm/codeAnalysis';
import { execute, executeOn } from '@menglian/evm/execute';
import { NORMAL_SCHEDULE } from '@menglian/evm/gasSchedule';
import { interpret } from '@menglian/evm/interpreter';
import { assemble } from '@menglian/evm/testing/assembler';
import { TEXT_LENGTH_GOAL_MAX } from '@menglian/evm/translation/limits';
import { translate } from '@menglian/evm/translation/translate';

const GAS = 300_000_000;
const ROUNDS = Number(process.argv[2] ?? 7);
const SECONDS = 0.25;
const origin = '11'.repeat(20);
const suite = await loadSuite('ecdsa');
const word = (value) => fromBigInt(BigInt(value), 32);
const input = (signature, ...values) =>
  concatBytes(suite.hash(utf8Bytes(signature)).subarray(0, 4), ...values.map(word));

/** One contract in a world of maps. */
class Machine {
  slots = new Map();
  constructor(code, run) {
    this.code = analyze(code);
    this.run = run;
  }
  storage(_, slot) {
    return this.slots.get(slot) ?? 0n;
  }
  setStorage(_, slot, value) {
    this.slots.set(slot, value);
    return true;
  }
  emitLog() {}
  addRefund() {}
  call(data) {
    const message = {
      kind: 'call',
      gas: GAS,
      sender: origin,
      recipient: contract,
      codeAddress: contract,
      value: 0n,
      input: data,
      depth: 0,
      isStatic: false,
    };
    return this.run(this.code, message, this, context, NORMAL_SCHEDULE, suite);
  }
}
const contract = 'c0'.repeat(20);
const context = {
  origin,
  gasPrice: 1n,
  blockNumber: 5,
  timestampMs: 0,
  budget: { remaining: Number.MAX_SAFE_INTEGER },
};
const interpreted = (...parameters) => executeOn(interpret, ...parameters);

class Oracle {
  static async create(code, slots) {
    const common = new Common({
      chain: Mainnet,
      hardfork: Hardfork.Istanbul,
      customCrypto: { keccak256: (bytes) => suite.hash(bytes) },
    });
    const stateManager = new SimpleStateManager({ common });
    const to = new Address(fromHex(contract));
    await stateManager.putAccount(to, new Account(1n));
    await stateManager.putCode(to, code);
    for (const [slot, value] of slots) await stateManager.putStorage(to, word(slot), fromHex(toHex(word(value))));
    const oracle = new Oracle();
    oracle.evm = await createEVM({ common, stateManager });
    oracle.to = to;
    oracle.caller = new Address(fromHex(origin));
    return oracle;
  }
  call(data) {
    const { to, caller } = this;
    return this.evm.runCall({ to, caller, origin: caller, data, gasLimit: BigInt(GAS), skipNonceIncrement: true });
  }
}

async function cpuSeconds(work) {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Calls a second, doubling the calls until a round is long enough. */
async function rate(machine, inputs) {
  let calls = 0;
  let seconds = 0;
  for (let batch = 1; seconds < SECONDS; batch *= 2) {
    seconds += await cpuSeconds(async () => {
      for (let i = 0; i < batch; i++) {
        const result = machine.call(inputs(calls++));
        if (machine instanceof Oracle) await result;
      }
    });
  }
  return calls / seconds;
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const show = (value) => (value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en')).padStart(9);

async function compare(name, code, inputs, slots = new Map()) {
  const machines = [new Machine(code, execute), new Machine(code, interpreted), await Oracle.create(code, slots)];
  for (const machine of machines.slice(0, 2)) for (const [slot, value] of slots) machine.slots.set(slot, value);
  const used = GAS - machines[1].call(inputs(0)).gasLeft;
  const oracleUsed = Number((await machines[2].call(inputs(0))).execResult.executionGasUsed);
  for (const machine of machines) await rate(machine, inputs);
  const rounds = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push([]);
  for (const round of rounds) for (const machine of machines) round.push(await rate(machine, inputs));
  const [fast, slow, oracle] = machines.map((_, i) => median(rounds.map((round) => round[i])));
  const ratios = [1, 2].map((i) => median(rounds.map((round) => round[0] / round[i])));
  const note = used === oracleUsed ? '' : ` (gas of one call ${used}, there ${oracleUsed}: other prices)`;
  process.stdout.write(
    `${name.padEnd(22)}${show(fast)}${show(slow)}${show(oracle)}   ${ratios.map((ratio) => `${ratio.toFixed(1)}x`.padStart(8)).join('')}${note}\n`,
  );
}

const { initCode } = JSON.parse(readFileSync(new URL('./token.json', import.meta.url), 'utf8'));
const creator = new Machine(fromHex(initCode.slice(2)), interpreted);
const token = creator.call(EMPTY_BYTES).output;
const transfers = Array.from({ length: 1_000 }, (_, i) =>
  input('transfer(address,uint256)', (0xabcdefn << 136n) + BigInt(i), 1 + i),
);
/** Four times as many as hashes are remembered. */
const strangers = Array.from({ length: 65_536 }, (_, i) =>
  input('transfer(address,uint256)', (0xfedcbn << 136n) + BigInt(i), 1),
);

process.stdout.write(`calls a second         translated interpreted ethereumjs   against: interpreted, ethereumjs\n`);
await compare('transfer', token, (i) => transfers[i % transfers.length], creator.slots);
await compare('transfer, fresh', token, (i) => strangers[i % strangers.length], creator.slots);
const work = input('work(uint256)', 1_000);
await compare('arithmetic loop', token, () => work);
const hashes = input('hashes(uint256)', 200);
await compare('keccak loop', token, () => hashes);
const loop = (body) => assemble(`100 :again ${body} 1 SWAP1 SUB DUP1 @again JUMPI`);
await compare('SSTORE loop', loop('DUP1 DUP1 SSTORE'), () => EMPTY_BYTES);
await compare('memory copy', loop('1024 0 2048 CALLDATACOPY 0 MLOAD 1024 MSTORE'), () => new Uint8Array(1_024).fill(7));

const prices = analyze(token).prices(NORMAL_SCHEDULE);
const analyzed = analyze(token);
for (let i = 0; i < 20; i++) translate(analyzed, prices, () => true, TEXT_LENGTH_GOAL_MAX);
const seconds = [];
for (let i = 0; i < 21; i++)
  seconds.push(await cpuSeconds(() => void translate(analyzed, prices, () => true, TEXT_LENGTH_GOAL_MAX)));
const { textLength } = translate(analyzed, prices, () => true, TEXT_LENGTH_GOAL_MAX);
process.stdout.write(
  `translation of all ${token.length} bytes: ${(1e3 * median(seconds)).toFixed(2)} ms, ${textLength} characters\n`,
);

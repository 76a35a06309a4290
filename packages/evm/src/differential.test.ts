/**
 * The interpreter against @ethereumjs/evm 10.1.3, frame by frame, on random programs that call and create one another.
 *
 * The oracle runs Istanbul with these adjustments, each a rule of 2.x (docs/evm.md):
 * - prices are those of the schedule, normal or free storage: SLOAD 200 or 1200, and so on;
 * - "original" storage is the present one, so that EIP-2200 prices the present value only, with a refund of 15000;
 * - chain id 0;
 * - a value call to an unknown account costs no 25000 more;
 * - a call of an address without code fails, its gas given back (here with the fixed output of the memory host);
 * - an inner frame that runs out of gas gives all its gas back.
 * The memory host follows Ethereum in what is not the interpreter's: creation numbers from 1, size limit of code unused.
 *
 * By design a frame may end with another exceptional halt than the oracle's, since gas and stack are checked per basic block:
 * 12 on one side and 1, 10, 11, 13 or 14 on the other. Its effects are gone on both sides, but not its gas. The oracle then
 * runs again with that frame's halt taken from us, until no such frame is left. Everything else must be equal: kinds of
 * all frames' ends in order, gas, refunds, output, logs, storage, code, creation numbers, and destroyed accounts.
 */
import { fromHex, toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM, EVMError, paramsEVM } from '@ethereumjs/evm';
import type { EVMResult, EVMRunCallOpts } from '@ethereumjs/evm';
import { SimpleStateManager } from '@ethereumjs/statemanager';
import { Account, Address as OracleAddress } from '@ethereumjs/util';
import { describe, expect, it } from 'vitest';
import { builtin } from './builtins.js';
import { FREE_STORAGE_SCHEDULE, NORMAL_SCHEDULE } from './gasSchedule.js';
import type { GasSchedule } from './gasSchedule.js';
import { Halt } from './halt.js';
import { MemoryHost, NO_CODE_OUTPUT } from './testing/memoryHost.js';
import { ProgramGenerator } from './testing/randomProgram.js';

/** Gas that frames may hand back. A program beyond it is not compared: the oracle has no such bound. */
const BUDGET = 500_000;
/** The oracle stops here. It counts the whole gas of such frames and may have parted long before, so it is larger. */
const ORACLE_BUDGET = 5_000_000n;
const PROGRAMS = process.env['MENGLIAN_LONG'] === '1' ? 20_000 : 1_500;
const FIRST_SEED = Number(process.env['MENGLIAN_SEED'] ?? 1);
/** Programs that are not compared because of the budget, at most. */
const UNCOMPARED_PERCENT = 5;

const ORIGIN = '11'.repeat(20);
const CONTRACTS = ['a1', 'a2', 'a3', 'a4'].map((byte) => byte.repeat(20));
const BUILT_INS = [1, 2, 3, 4, 5, 6, 7, 9].map((number) => number.toString(16).padStart(40, '0'));
const SURROUNDINGS = { contracts: CONTRACTS, others: [...BUILT_INS, ORIGIN, 'ee'.repeat(20)] };
const BLOCK_NUMBER = 300;
const TIMESTAMP_MS = 1_700_000_000_123;
const GAS_PRICE = 7n;

type FrameEnd = 'success' | 'revert' | 'out of gas' | 'halt';

interface Scenario {
  readonly schedule: GasSchedule;
  readonly codes: ReadonlyMap<string, Uint8Array>;
  readonly storage: readonly { address: string; slot: bigint; value: bigint }[];
  readonly input: Uint8Array;
  readonly gas: number;
}

interface Report {
  readonly end: FrameEnd;
  /** ends of frames in order; of those inside a frame that halted only one side may have come so far: left out */
  readonly frames: readonly FrameEnd[];
  /** meaningful after success and revert */
  readonly gasLeft: number;
  readonly output: string;
  readonly refund: number;
  readonly logs: readonly string[];
  readonly storage: readonly string[];
  readonly accounts: readonly string[];
  readonly destroyed: readonly string[];
}

interface Run {
  readonly report: Report;
  readonly trace: FrameNode;
}

const suite = await loadSuite('ecdsa');

class BudgetError extends Error {}

interface FrameNode {
  end: FrameEnd;
  readonly inner: FrameNode[];
}

/** The frames of a run as a tree. */
class FrameTrace {
  readonly #open: FrameNode[] = [{ end: 'success', inner: [] }];

  get root(): FrameNode {
    return this.#open[0]!.inner[0]!;
  }

  /** Of the frame that would begin now: the number of each frame among its siblings, from the outermost in. */
  get nextPath(): string {
    return this.#open
      .map(({ inner }, depth) => (depth === this.#open.length - 1 ? inner.length : inner.length - 1))
      .slice(1)
      .map((index) => `/${index}`)
      .join('');
  }

  begin(): void {
    const node: FrameNode = { end: 'halt', inner: [] };
    this.#open.at(-1)!.inner.push(node);
    this.#open.push(node);
  }

  end(end: FrameEnd): void {
    this.#open.pop()!.end = end;
  }
}

function isExceptional(end: FrameEnd): boolean {
  return end === 'out of gas' || end === 'halt';
}

function endsInOrder({ end, inner }: FrameNode): FrameEnd[] {
  return isExceptional(end) ? [end] : [...inner.flatMap(endsInOrder), end];
}

/**
 * Path of the first frame that halted on both sides, but for different reasons: see above. Frames inside one that halted
 * alike do not matter any more.
 */
function whereTheyPart(ours: FrameNode, oracle: FrameNode, path = ''): { path: string; end: FrameEnd } | undefined {
  const bothHalted = isExceptional(ours.end) && isExceptional(oracle.end);
  if (bothHalted && ours.end === oracle.end) return undefined;
  for (let i = 0; i < Math.min(ours.inner.length, oracle.inner.length); i++) {
    const inside = whereTheyPart(ours.inner[i]!, oracle.inner[i]!, `${path}/${i}`);
    if (inside !== undefined) return inside;
  }
  return bothHalted ? { path, end: ours.end } : undefined;
}

function scenario(seed: number): Scenario {
  const random = new SeededRandom(seed);
  const generator = new ProgramGenerator(random, SURROUNDINGS);
  const codes = new Map(CONTRACTS.map((address) => [address, generator.program()]));
  const storage = CONTRACTS.flatMap((address) =>
    [0n, 1n, 2n].filter(() => random.chance(40)).map((slot) => ({ address, slot, value: BigInt(1 + random.below(3)) })),
  );
  const gas = random.chance(80) ? 250_000 : 1 + random.below(random.chance(50) ? 60_000 : 5_000);
  const schedule = random.chance(25) ? FREE_STORAGE_SCHEDULE : NORMAL_SCHEDULE;
  return { schedule, codes, storage, input: random.bytes(random.below(70)), gas };
}

function endOfStatus(status: number): FrameEnd {
  if (status === Halt.SUCCESS) return 'success';
  if (status === Halt.REVERT) return 'revert';
  return status === Halt.OUT_OF_GAS ? 'out of gas' : 'halt';
}

function runOurs({ schedule, codes, storage, input, gas }: Scenario): Run & { readonly isBudgetSpent: boolean } {
  const trace = new FrameTrace();
  const context = {
    origin: ORIGIN,
    gasPrice: GAS_PRICE,
    blockNumber: BLOCK_NUMBER,
    timestampMs: TIMESTAMP_MS,
    budget: { remaining: BUDGET },
  };
  const host = new MemoryHost({
    suite,
    ecdsa: suite,
    schedule,
    context,
    firstCreationNumber: 1n,
    blockHash: (number) => number * 1_000_003n,
    onFrame: { begin: () => trace.begin(), end: (status) => trace.end(endOfStatus(status)) },
  });
  host.setAccount(ORIGIN, new Uint8Array(0), 1n);
  for (const [address, code] of codes) host.setAccount(address, code);
  for (const { address, slot, value } of storage) host.setStorage(address, slot, value);
  const recipient = CONTRACTS[0]!;
  const outcome = host.run({
    kind: 'call',
    gas,
    sender: ORIGIN,
    recipient,
    codeAddress: recipient,
    value: 0n,
    input,
    depth: 0,
    isStatic: false,
  });
  const { state } = host;
  const report = {
    end: endOfStatus(outcome.status),
    frames: endsInOrder(trace.root),
    gasLeft: outcome.gasLeft,
    output: toHex(outcome.output),
    refund: state.refund,
    logs: state.logs.map(({ address, topics, data }) => [address, ...topics.map(toHex), toHex(data)].join(' ')),
    storage: [...state.storage]
      .filter(([, value]) => value !== 0n)
      .map(([key, value]) => `${key}=${value}`)
      .sort(),
    accounts: [...state.accounts]
      .filter(([address]) => address !== ORIGIN)
      .map(([address, { code, creationNumber }]) => `${address} ${creationNumber} ${toHex(code)}`)
      .sort(),
    destroyed: [...state.destroyed].sort(),
  };
  return { report, trace: trace.root, isBudgetSpent: context.budget.remaining < 0 };
}

function endOfError(error: EVMError | undefined): FrameEnd {
  if (error === undefined) return 'success';
  if (error.error === EVMError.errorMessages.REVERT) return 'revert';
  return error.error === EVMError.errorMessages.OUT_OF_GAS ? 'out of gas' : 'halt';
}

/** Prices of 2.x under the oracle's names. */
function paramsOf(schedule: GasSchedule): Record<string, number> {
  return {
    sloadGas: schedule.sload,
    createGas: schedule.create,
    create2Gas: schedule.create,
    sstoreNoopEIP2200Gas: schedule.sstoreUnchanged,
    sstoreInitEIP2200Gas: schedule.sstoreSet,
    sstoreCleanEIP2200Gas: schedule.sstoreReset,
    callValueTransferGas: schedule.callValue,
    callStipendGas: schedule.callStipend,
    callNewAccountGas: 0,
  };
}

/** @param halts how frames at some paths end that halt in one way or the other */
async function runOracle(
  { schedule, codes, storage, input, gas }: Scenario,
  halts: ReadonlyMap<string, FrameEnd>,
): Promise<Run> {
  const common = new Common({
    chain: { ...Mainnet, chainId: 0 },
    hardfork: Hardfork.Istanbul,
    customCrypto: { keccak256: (bytes) => suite.hash(bytes) },
  });
  const stateManager = new SimpleStateManager({ common });
  stateManager.originalStorageCache = {
    get: (address, key) => stateManager.getStorage(address, key),
    clear: () => {},
  };
  const params = {
    ...paramsEVM,
    1: { ...paramsEVM[1], ...paramsOf(schedule) },
    1679: { ...paramsEVM[1679], ...paramsOf(schedule) },
  };
  const blockchain = {
    getBlock: (number: number | Uint8Array) =>
      Promise.resolve({ hash: () => fromHex((BigInt(number as number) * 1_000_003n).toString(16).padStart(64, '0')) }),
    putBlock: () => Promise.resolve(),
    shallowCopy: () => blockchain,
  };
  const evm = await createEVM({ common, stateManager, blockchain: blockchain as never, params });

  const trace = new FrameTrace();
  const runCall = evm.runCall.bind(evm);
  let handedBack = 0n;
  evm.runCall = async (options: EVMRunCallOpts): Promise<EVMResult> => {
    if (handedBack > ORACLE_BUDGET) throw new BudgetError();
    const { message } = options;
    const path = trace.nextPath;
    trace.begin();
    if (message?.to !== undefined) {
      const codeAddress = message.codeAddress;
      const isEmpty = (await stateManager.getCode(codeAddress)).length === 0;
      if (isEmpty && builtin(codeAddress.toString().slice(2)) === undefined) {
        trace.end('revert');
        const exceptionError = new EVMError(EVMError.errorMessages.REVERT);
        return { execResult: { exceptionError, executionGasUsed: 0n, returnValue: NO_CODE_OUTPUT } };
      }
    }
    const result = await runCall(options);
    let end = endOfError(result.execResult.exceptionError);
    // A built-in that fails takes all its gas; the oracle names that in several ways.
    const hasRun = message?.code instanceof Uint8Array;
    if (end === 'revert' && message !== undefined && !hasRun) end = 'halt';
    if (isExceptional(end)) end = halts.get(path) ?? end;
    trace.end(end);
    if (end === 'out of gas') {
      handedBack += result.execResult.executionGasUsed;
      result.execResult.executionGasUsed = 0n;
    }
    return result;
  };

  const oracleAddress = (address: string) => new OracleAddress(fromHex(address));
  await stateManager.putAccount(oracleAddress(ORIGIN), new Account(1n));
  for (const [address, code] of codes) {
    await stateManager.putAccount(oracleAddress(address), new Account(1n));
    await stateManager.putCode(oracleAddress(address), code);
  }
  for (const { address, slot, value } of storage) {
    await stateManager.putStorage(oracleAddress(address), wordBytes(slot), Uint8Array.of(Number(value)));
  }
  const header = {
    number: BigInt(BLOCK_NUMBER),
    coinbase: oracleAddress('0'.repeat(40)),
    timestamp: BigInt(TIMESTAMP_MS),
    difficulty: 0n,
    prevRandao: new Uint8Array(32),
    gasLimit: 0n,
    getBlobGasPrice: () => 0n,
  };
  const { execResult } = await evm.runCall({
    to: oracleAddress(CONTRACTS[0]!),
    caller: oracleAddress(ORIGIN),
    origin: oracleAddress(ORIGIN),
    data: input,
    gasLimit: BigInt(gas),
    gasPrice: GAS_PRICE,
    block: { header } as never,
    skipNonceIncrement: true,
  });
  const accounts: string[] = [];
  const codeOf = stateManager['codeStack'].at(-1)!;
  for (const [address, account] of stateManager['accountStack'].at(-1)!) {
    // The oracle touches accounts that stay empty; the memory host does not.
    if (account === undefined || account.isEmpty() || address === `0x${ORIGIN}`) continue;
    accounts.push(`${address.slice(2)} ${account.nonce} ${toHex(codeOf.get(address) ?? new Uint8Array(0))}`);
  }
  const report = {
    end: trace.root.end,
    frames: endsInOrder(trace.root),
    gasLeft: gas - Number(execResult.executionGasUsed),
    output: toHex(execResult.returnValue),
    refund: Number(execResult.gasRefund ?? 0n),
    logs: (execResult.logs ?? []).map(([address, topics, data]) => [address, ...topics, data].map(toHex).join(' ')),
    storage: [...stateManager['storageStack'].at(-1)!]
      .map(([key, value]): [string, bigint] => [key, value.length === 0 ? 0n : BigInt(`0x${toHex(value)}`)])
      .filter(([, value]) => value !== 0n)
      .map(([key, value]) => {
        const [address, slot] = key.split('_');
        return `${address!.slice(2)}:${BigInt(slot!)}=${value}`;
      })
      .sort(),
    accounts: accounts.sort(),
    destroyed: [...(execResult.selfdestruct ?? new Map<string, string>()).keys()].map((key) => key.slice(2)).sort(),
  };
  return { report, trace: trace.root };
}

/** Runs the oracle, again if need be, until it halts where and as we do. @returns undefined beyond its budget */
async function runAlignedOracle(
  given: Scenario,
  ours: FrameNode,
): Promise<{ readonly report: Report; readonly aligned: number } | undefined> {
  const halts = new Map<string, FrameEnd>();
  for (;;) {
    const run = await runOracle(given, halts).catch((error: unknown) => {
      if (error instanceof BudgetError) return undefined;
      throw error;
    });
    if (run === undefined) return undefined;
    const part = whereTheyPart(ours, run.trace);
    if (part === undefined || halts.has(part.path)) return { report: run.report, aligned: halts.size };
    halts.set(part.path, part.end);
  }
}

function wordBytes(word: bigint): Uint8Array {
  return fromHex(word.toString(16).padStart(64, '0'));
}

function describeScenario(seed: number, { codes, input, gas }: Scenario): string {
  const lines = [...codes].map(([address, code]) => `${address.slice(0, 2)} ${toHex(code)}`);
  return [`seed ${seed}, gas ${gas}, input ${toHex(input)}`, ...lines].join('\n');
}

describe('the interpreter and @ethereumjs/evm', () => {
  it(`agree on ${PROGRAMS} programs`, { timeout: 1_800_000 }, async () => {
    const counts: Record<string, number> = {};
    let frames = 0;
    let aligned = 0;
    let unbounded = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + PROGRAMS; seed++) {
      const given = scenario(seed);
      const { report: ours, trace, isBudgetSpent } = runOurs(given);
      const oracle = isBudgetSpent ? undefined : await runAlignedOracle(given, trace);
      if (oracle === undefined) {
        unbounded += 1;
        continue;
      }
      counts[ours.end] = (counts[ours.end] ?? 0) + 1;
      frames += ours.frames.length;
      aligned += oracle.aligned;
      // A halt leaves nothing but its kind; the table of what it does to the gas is tested elsewhere.
      const isComparable = ours.end === 'success' || ours.end === 'revert';
      const gasLeft = isComparable ? ours.gasLeft : oracle.report.gasLeft;
      expect({ ...ours, gasLeft }, describeScenario(seed, given)).toEqual(oracle.report);
    }
    const summary = { programs: PROGRAMS, frames, aligned, unbounded, ...counts };
    process.stdout.write(`differential: ${JSON.stringify(summary)}\n`);
    expect(unbounded).toBeLessThan((PROGRAMS * UNCOMPARED_PERCENT) / 100);
    expect(counts['success'] ?? 0).toBeGreaterThan(PROGRAMS / 4);
  });
});

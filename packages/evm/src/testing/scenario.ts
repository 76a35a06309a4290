import { toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Core } from '../execute.js';
import { FREE_STORAGE_SCHEDULE, NORMAL_SCHEDULE } from '../gasSchedule.js';
import type { GasSchedule } from '../gasSchedule.js';
import { Halt } from '../halt.js';
import { FrameTrace, endsInOrder } from './frameTrace.js';
import type { FrameEnd, FrameNode } from './frameTrace.js';
import { MemoryHost } from './memoryHost.js';
import { ProgramGenerator } from './randomProgram.js';

/** Random contracts in a small world, run once: what machines are compared on. */

const BUDGET = 500_000;

const ORIGIN = '11'.repeat(20);
export const CONTRACTS = ['a1', 'a2', 'a3', 'a4'].map((byte) => byte.repeat(20));
const BUILT_INS = [1, 2, 3, 4, 5, 6, 7, 9].map((number) => number.toString(16).padStart(40, '0'));
const SURROUNDINGS = { contracts: CONTRACTS, others: [...BUILT_INS, ORIGIN, 'ee'.repeat(20)] };
const BLOCK_NUMBER = 300;
const TIMESTAMP_MS = 1_700_000_000_123;
const GAS_PRICE = 7n;

export interface Scenario {
  readonly schedule: GasSchedule;
  readonly codes: ReadonlyMap<string, Uint8Array>;
  /** of contracts where it is not 1 */
  readonly creationNumbers: ReadonlyMap<string, bigint>;
  readonly storage: readonly { address: string; slot: bigint; value: bigint }[];
  readonly input: Uint8Array;
  readonly gas: number;
  /** gas that frames may hand back. A program beyond it is not compared: the oracle has no such bound */
  readonly budget: number;
  readonly origin: string;
  /** the contract called first */
  readonly entry: string;
  readonly gasPrice: bigint;
  readonly blockNumber: number;
  readonly timestampMs: number;
}

export interface Report {
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

export interface Run {
  readonly report: Report;
  readonly trace: FrameNode;
  /** status and gas left of every frame in the order of their ends, and what is left of the budget: for cores of ours */
  readonly exact: readonly number[];
}

/** Contracts that call one another, drawn from a seed. */
export function scenario(seed: number): Scenario {
  const random = new SeededRandom(seed);
  const generator = new ProgramGenerator(random, SURROUNDINGS);
  const codes = new Map(CONTRACTS.map((address) => [address, generator.program()]));
  const storage = CONTRACTS.flatMap((address) =>
    [0n, 1n, 2n].filter(() => random.chance(40)).map((slot) => ({ address, slot, value: BigInt(1 + random.below(3)) })),
  );
  const gas = random.chance(80) ? 250_000 : 1 + random.below(random.chance(50) ? 60_000 : 5_000);
  const schedule = random.chance(25) ? FREE_STORAGE_SCHEDULE : NORMAL_SCHEDULE;
  return {
    schedule,
    codes,
    creationNumbers: new Map(),
    storage,
    input: generator.input(),
    gas,
    budget: BUDGET,
    origin: ORIGIN,
    entry: CONTRACTS[0]!,
    gasPrice: GAS_PRICE,
    blockNumber: BLOCK_NUMBER,
    timestampMs: TIMESTAMP_MS,
  };
}

export function endOfStatus(status: number): FrameEnd {
  if (status === Halt.SUCCESS) return 'success';
  if (status === Halt.REVERT) return 'revert';
  return status === Halt.OUT_OF_GAS ? 'out of gas' : 'halt';
}

/** Runs a scenario over the memory host. @param core the interpreter if not given */
export function runScenario(
  given: Scenario,
  suite: CryptoSuite,
  core?: Core,
): Run & { readonly isBudgetSpent: boolean } {
  const { schedule, codes, creationNumbers, storage, input, gas, origin, entry } = given;
  const exact: number[] = [];
  const trace = new FrameTrace();
  const context = {
    origin,
    gasPrice: given.gasPrice,
    blockNumber: given.blockNumber,
    timestampMs: given.timestampMs,
    budget: { remaining: given.budget },
  };
  const host = new MemoryHost({
    suite,
    ecdsa: suite,
    schedule,
    context,
    firstCreationNumber: 1n,
    blockHash: (number) => number * 1_000_003n,
    ...(core === undefined ? {} : { core }),
    onFrame: {
      begin: () => trace.begin(),
      end: (status, gasLeft) => {
        trace.end(endOfStatus(status));
        exact.push(status, gasLeft);
      },
    },
  });
  host.setAccount(origin, new Uint8Array(0), 1n);
  for (const [address, code] of codes) host.setAccount(address, code, creationNumbers.get(address) ?? 1n);
  for (const { address, slot, value } of storage) host.setStorage(address, slot, value);
  const outcome = host.run({
    kind: 'call',
    gas,
    sender: origin,
    recipient: entry,
    codeAddress: entry,
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
      .filter(([address]) => address !== origin)
      .map(([address, { code, creationNumber }]) => `${address} ${creationNumber} ${toHex(code)}`)
      .sort(),
    destroyed: [...state.destroyed].sort(),
  };
  exact.push(context.budget.remaining);
  return { report, trace: trace.root, exact, isBudgetSpent: context.budget.remaining < 0 };
}

export function describeScenario(seed: number, { codes, input, gas }: Scenario): string {
  const lines = [...codes].map(([address, code]) => `${address.slice(0, 2)} ${toHex(code)}`);
  return [`seed ${seed}, gas ${gas}, input ${toHex(input)}`, ...lines].join('\n');
}

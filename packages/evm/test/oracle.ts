/**
 * @ethereumjs/evm 10.1.3 as an oracle for our cores, frame by frame. It runs Istanbul with these adjustments,
 * each a rule of 2.x (docs/evm.md):
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
import { fromBigIntMinimal, fromHex, toHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM, EVMError, paramsEVM } from '@ethereumjs/evm';
import type { EVMResult, EVMRunCallOpts } from '@ethereumjs/evm';
import { SimpleStateManager } from '@ethereumjs/statemanager';
import { Account, Address as OracleAddress } from '@ethereumjs/util';
import { builtin } from '../src/builtins.js';
import type { GasSchedule } from '../src/gasSchedule.js';
import { FrameTrace, endsInOrder, isExceptional } from '../src/testing/frameTrace.js';
import type { FrameEnd, FrameNode } from '../src/testing/frameTrace.js';
import { NO_CODE_OUTPUT } from '../src/testing/memoryHost.js';
import type { Report, Scenario } from '../src/testing/scenario.js';

/** The oracle stops here. It counts the whole gas of such frames and may have parted long before, so it is larger. */
const ORACLE_BUDGET_FACTOR = 10;

const suite = await loadSuite('ecdsa');

class BudgetError extends Error {}

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
  given: Scenario,
  halts: ReadonlyMap<string, FrameEnd>,
): Promise<{ readonly report: Report; readonly trace: FrameNode }> {
  const { schedule, codes, creationNumbers, storage, input, gas, budget, origin, entry } = given;
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
    if (handedBack > BigInt(ORACLE_BUDGET_FACTOR * budget)) throw new BudgetError();
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
  await stateManager.putAccount(oracleAddress(origin), new Account(1n));
  for (const [address, code] of codes) {
    await stateManager.putAccount(oracleAddress(address), new Account(creationNumbers.get(address) ?? 1n));
    await stateManager.putCode(oracleAddress(address), code);
  }
  for (const { address, slot, value } of storage) {
    await stateManager.putStorage(oracleAddress(address), wordBytes(slot), fromBigIntMinimal(value));
  }
  const header = {
    number: BigInt(given.blockNumber),
    coinbase: oracleAddress('0'.repeat(40)),
    timestamp: BigInt(given.timestampMs),
    difficulty: 0n,
    prevRandao: new Uint8Array(32),
    gasLimit: 0n,
    getBlobGasPrice: () => 0n,
  };
  const { execResult } = await evm.runCall({
    to: oracleAddress(entry),
    caller: oracleAddress(origin),
    origin: oracleAddress(origin),
    data: input,
    gasLimit: BigInt(gas),
    gasPrice: given.gasPrice,
    block: { header } as never,
    skipNonceIncrement: true,
  });
  const accounts: string[] = [];
  const codeOf = stateManager['codeStack'].at(-1)!;
  for (const [address, account] of stateManager['accountStack'].at(-1)!) {
    // The oracle touches accounts that stay empty; the memory host does not.
    if (account === undefined || account.isEmpty() || address === `0x${origin}`) continue;
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
export async function runAlignedOracle(
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

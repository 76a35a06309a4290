/**
 * The public state tests of Ethereum, those filled for Istanbul: `MENGLIAN_STATE_TESTS=DIR npx vitest run
 * packages/evm/src/stateTests.test.ts`, where DIR is `Cancun/BlockchainTests/GeneralStateTests` of ethereum/legacytests (they
 * carry the whole state after each test). Skipped without it.
 *
 * Each transaction that calls code runs on the interpreter and translated, which must agree in everything. Then storage, code
 * and creation numbers of contracts must be those that Ethereum expects, or, where rules of 2.x lead elsewhere (no balances:
 * calls with value fail, BALANCE and the like read 0; other prices of SLOAD and SSTORE; gas given back by frames that run out;
 * gas and stack checked per block; addresses without code), those of @ethereumjs/evm under these rules. Not run: creations by
 * transaction, calls of addresses without code, transactions that cannot pay the base gas. The value of a transaction is 0.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { runAlignedOracle } from '../test/oracle.js';
import { NORMAL_SCHEDULE } from './gasSchedule.js';
import { interpret } from './interpreter.js';
import { eagerCore } from './testing/eagerCore.js';
import { runScenario } from './testing/scenario.js';
import type { Report, Scenario } from './testing/scenario.js';

const DIRECTORY = process.env['MENGLIAN_STATE_TESTS'];
/** A test that burns more is only compared between our cores: the oracle would take minutes. */
const ORACLE_GAS_MAX = 3_000_000;
/**
 * Tests that end otherwise for a known reason: ecrecover of 2.x refuses s above half the order (docs/evm.md); the memory host
 * lets creation numbers pass 2^64 (EIP-2681) and does not empty the storage of an address that it creates a contract at.
 */
const OTHERWISE = /ecrecover|PrecompileFrom|TestCryptographicFunctions|HighNonce|dynamicAccountOverwriteEmpty/i;
/** Of Istanbul. */
const BASE_GAS = 21_000;

interface FilledAccount {
  readonly code: string;
  readonly nonce: string;
  readonly storage: Readonly<Record<string, string>>;
}
type FilledState = Readonly<Record<string, FilledAccount>>;

interface Filled {
  readonly pre: FilledState;
  readonly postState?: FilledState;
  readonly blocks: readonly {
    readonly blockHeader?: { readonly number: string; readonly timestamp: string };
    readonly transactions?: readonly Readonly<
      Record<'data' | 'gasLimit' | 'gasPrice' | 'nonce' | 'sender' | 'to' | 'value', string>
    >[];
  }[];
}

const suite = await loadSuite('ecdsa');

function filesOf(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

/** @returns undefined where no code would run */
function scenarioOf({ pre, blocks }: Filled): Scenario | undefined {
  const [block] = blocks;
  const [transaction] = block?.transactions ?? [];
  if (block?.blockHeader === undefined || transaction === undefined) return undefined;
  const accounts = Object.entries(pre).map(([address, account]) => ({ address: address.slice(2), account }));
  const entry = transaction.to.slice(2);
  if (!accounts.some(({ address, account }) => address === entry && account.code !== '0x')) return undefined;
  const input = fromHex(transaction.data.slice(2));
  const dataGas = input.reduce((gas, byte) => gas + (byte === 0 ? 4 : 16), 0);
  const gas = Number(transaction.gasLimit) - BASE_GAS - dataGas;
  if (gas < 0) return undefined;
  const origin = transaction.sender.slice(2);
  return {
    schedule: NORMAL_SCHEDULE,
    codes: new Map(
      accounts
        .filter(({ address, account }) => address !== origin && (account.code !== '0x' || BigInt(account.nonce) > 0n))
        .map(({ address, account }) => [address, fromHex(account.code.slice(2))]),
    ),
    creationNumbers: new Map(accounts.map(({ address, account }) => [address, BigInt(account.nonce)])),
    storage: accounts.flatMap(({ address, account }) =>
      Object.entries(account.storage).map(([slot, value]) => ({ address, slot: BigInt(slot), value: BigInt(value) })),
    ),
    input,
    gas: Math.min(gas, 1_000_000_000),
    budget: 1_000_000_000,
    origin,
    entry,
    gasPrice: BigInt(transaction.gasPrice),
    blockNumber: Number(block.blockHeader.number),
    timestampMs: Number(block.blockHeader.timestamp),
  };
}

/** Contracts and their storage as Ethereum expects them, in the form of a report. */
function expectedOf(state: FilledState, origin: string): Pick<Report, 'accounts' | 'storage'> {
  const contracts = Object.entries(state).filter(
    ([address, { code, nonce }]) => address.slice(2) !== origin && (code !== '0x' || BigInt(nonce) > 0n),
  );
  return {
    accounts: contracts
      .map(([address, { code, nonce }]) => `${address.slice(2)} ${BigInt(nonce)} ${code.slice(2)}`)
      .sort(),
    storage: contracts
      .flatMap(([address, { storage }]) =>
        Object.entries(storage).map(([slot, value]) => `${address.slice(2)}:${BigInt(slot)}=${BigInt(value)}`),
      )
      .sort(),
  };
}

/** Without what destroyed itself: Ethereum's state after the transaction lacks it. */
function reachedOf({ accounts, storage, destroyed }: Report): Pick<Report, 'accounts' | 'storage'> {
  const isGone = (line: string) => destroyed.includes(line.slice(0, 40));
  const isContract = (line: string) => !line.endsWith(' 0 ');
  return {
    accounts: accounts.filter((line) => !isGone(line) && isContract(line)),
    storage: storage.filter((line) => !isGone(line)),
  };
}

describe.skipIf(DIRECTORY === undefined)('the public state tests for Istanbul', () => {
  it('hold on both cores', { timeout: 36_000_000 }, async () => {
    const counts = { asExpected: 0, asOracle: 0, coresOnly: 0, otherwise: 0, noCode: 0, tooDeep: 0 };
    const failures: string[] = [];
    const core = eagerCore();
    for (const file of filesOf(DIRECTORY!)) {
      for (const [name, filled] of Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Filled>)) {
        if (!name.endsWith('_Istanbul')) continue;
        const given = scenarioOf(filled);
        if (given === undefined) {
          counts.noCode += 1;
          continue;
        }
        try {
          const { report, exact, trace } = runScenario(given, suite, interpret);
          const translated = runScenario(given, suite, core);
          if (JSON.stringify([report, exact]) !== JSON.stringify([translated.report, translated.exact])) {
            failures.push(`${name}: cores differ`);
            continue;
          }
          const expected = filled.postState === undefined ? undefined : expectedOf(filled.postState, given.origin);
          if (JSON.stringify(reachedOf(report)) === JSON.stringify(expected)) {
            counts.asExpected += 1;
            continue;
          }
          const burned = given.gas - report.gasLeft + given.budget - exact.at(-1)!;
          const oracle = burned > ORACLE_GAS_MAX ? undefined : await runAlignedOracle(given, trace);
          if (oracle === undefined) {
            counts.coresOnly += 1;
            continue;
          }
          const isComparable = report.end === 'success' || report.end === 'revert';
          const ours = isComparable ? report : { ...report, gasLeft: oracle.report.gasLeft };
          if (JSON.stringify(ours) === JSON.stringify(oracle.report)) counts.asOracle += 1;
          else if (OTHERWISE.test(name)) counts.otherwise += 1;
          else failures.push(`${name}: ${JSON.stringify(ours)} but ${JSON.stringify(oracle.report)}`.slice(0, 4_000));
        } catch (error) {
          // Calls 1,024 deep need more stack than a test's thread has: bench/depth.mjs.
          if (!(error instanceof RangeError)) throw error;
          counts.tooDeep += 1;
        }
      }
    }
    process.stdout.write(`state tests: ${JSON.stringify(counts)}\n`);
    expect(failures).toEqual([]);
  });
});

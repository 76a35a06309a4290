import { readFileSync } from 'node:fs';
import { concatBytes, fromBigInt, fromHex, toHex, utf8Bytes } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { analyze } from '../codeAnalysis.js';
import type { AnalyzedCode } from '../codeAnalysis.js';
import { execute, executeOn } from '../execute.js';
import { FREE_STORAGE_SCHEDULE, NORMAL_SCHEDULE } from '../gasSchedule.js';
import { interpret } from '../interpreter.js';
import { MemoryHost } from '../testing/memoryHost.js';
import { CONTRACT, ORIGIN } from '../testing/run.js';
import { TRANSLATIONS_PER_CODE_MAX } from './limits.js';

const suite = await loadSuite('ecdsa');
const path = new URL('../../bench/token.json', import.meta.url);
const { initCode } = JSON.parse(readFileSync(path, 'utf8')) as { initCode: string };

/** The token of `bench/token.sol` on a core of its own, called as a transaction would. */
class Token {
  readonly #host: MemoryHost;
  readonly #context = {
    origin: ORIGIN,
    gasPrice: 1n,
    blockNumber: 1,
    timestampMs: 1,
    budget: { remaining: 1_000_000_000 },
  };
  readonly #core: typeof interpret | undefined;
  readonly code: AnalyzedCode;

  constructor(core: typeof interpret | undefined) {
    this.#core = core;
    this.#host = new MemoryHost({
      suite,
      ecdsa: suite,
      schedule: NORMAL_SCHEDULE,
      context: this.#context,
      firstCreationNumber: 0n,
    });
    this.code = analyze(fromHex(initCode.slice(2)));
    this.code = analyze(this.#run(new Uint8Array(), 10_000_000).output);
  }

  /** All that can be seen of a call. */
  call(signature: string, values: readonly bigint[], gas = 200_000, schedule = NORMAL_SCHEDULE): string {
    const selector = suite.hash(utf8Bytes(signature)).subarray(0, 4);
    const input = concatBytes(selector, ...values.map((value) => fromBigInt(value, 32)));
    const { status, gasLeft, output } = this.#run(input, gas, schedule);
    const state = [...this.#host.state.storage].map(([key, value]) => `${key}=${value}`).sort();
    const logs = this.#host.state.logs.splice(0).map(({ topics, data }) => [...topics, data].map(toHex).join());
    return [status, gasLeft, toHex(output), this.#context.budget.remaining, ...logs, ...state].join(' ');
  }

  #run(input: Uint8Array, gas: number, schedule = NORMAL_SCHEDULE) {
    const message = {
      kind: 'call' as const,
      gas,
      sender: ORIGIN,
      recipient: CONTRACT,
      codeAddress: CONTRACT,
      value: 0n,
      input,
      depth: 0,
      isStatic: false,
    };
    const run = (code: AnalyzedCode) =>
      this.#core === undefined
        ? execute(code, message, this.#host, this.#context, schedule, suite)
        : executeOn(this.#core, code, message, this.#host, this.#context, schedule, suite);
    return run(this.code);
  }
}

describe('a contract that becomes hot', () => {
  it('answers the same before, while and after it is translated, one function after the other', () => {
    const fast = new Token(undefined);
    const slow = new Token(interpret);
    const both = (...call: Parameters<Token['call']>) => expect(fast.call(...call)).toBe(slow.call(...call));
    for (let i = 0; i < 600; i++) both('transfer(address,uint256)', [BigInt(1 + (i % 9)), BigInt(i)]);
    expect(fast.code.profile.translation).toBeDefined();
    // Every gas limit up to enough, too much money, nobody, short input; then what was never seen.
    for (let gas = 0; gas < 40_000; gas += 157) both('transfer(address,uint256)', [77n, 5n], gas);
    for (let i = 0; i < 600; i++) {
      both('transfer(address,uint256)', [5n, 1n << 200n]);
      both('transfer(address,uint256)', [0n, 1n]);
      both('transfer(address,uint256)', [1n << 200n, 1n]);
      both('transfer(address,uint256)', [5n]);
      both('balanceOf(address)', [BigInt(i)]);
      both('work(uint256)', [BigInt(i)]);
      both('hashes(uint256)', [BigInt(i % 20)]);
      both('nothing()', []);
    }
    expect(fast.code.profile.translations).toBeGreaterThan(1);
    expect(fast.code.profile.translations).toBeLessThanOrEqual(TRANSLATIONS_PER_CODE_MAX);
  });

  it('keeps the prices of the chain, whichever it was translated for', () => {
    const fast = new Token(undefined);
    const slow = new Token(interpret);
    for (let i = 0; i < 1_000; i++) {
      const schedule = i % 400 < 200 ? NORMAL_SCHEDULE : FREE_STORAGE_SCHEDULE;
      const call = ['transfer(address,uint256)', [BigInt(i % 9), BigInt(i)], 200_000, schedule] as const;
      expect(fast.call(...call)).toBe(slow.call(...call));
    }
    expect(fast.code.profile.translation).toBeDefined();
  });
});

import { EMPTY_BYTES, fromHex, toHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NORMAL_SCHEDULE } from './gasSchedule.js';
import { MemoryHost } from './testing/memoryHost.js';

interface Call {
  readonly from: string;
  readonly to: string;
  readonly data: string;
  readonly value: string;
}

interface Case {
  readonly opcode: string;
  readonly runtimeCode: string;
  readonly callRequest: { readonly params: readonly [number, Call] };
  readonly callResponse: { readonly result: { currentBlockNumber: string; output: string; status: string } };
  readonly transaction: {
    readonly receipt: { from: string; blockNumber: string; gasUsed: string; output: string; status: string };
  };
}

const TX_GAS_LIMIT = 300_000_000;
const GAS_PRICE = 300_000_000n;
/** of four non-zero bytes of data */
const BASE_GAS = 21_000 + 4 * 68;

const path = new URL('../../../test/golden/evm-opcodes.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { cases: readonly Case[] };
const suite = await loadSuite('ecdsa');

/** Runs recorded code; what only the recorded chain knew (its clock, its block hashes) is taken from the answer. */
function run(code: string, call: Call, gasPrice: bigint, blockNumber: number, recorded: string) {
  const address = call.to.slice(2);
  const context = {
    origin: call.from.slice(2),
    gasPrice,
    blockNumber,
    timestampMs: recorded.length === 66 && BigInt(recorded) < 2n ** 53n ? Number(recorded) : 0,
    budget: { remaining: TX_GAS_LIMIT },
  };
  const host = new MemoryHost({
    suite,
    ecdsa: suite,
    schedule: NORMAL_SCHEDULE,
    context,
    firstCreationNumber: 0n,
    blockHash: () => BigInt(recorded),
  });
  host.setAccount(address, fromHex(code));
  return host.run({
    kind: 'call',
    gas: TX_GAS_LIMIT - BASE_GAS,
    sender: context.origin,
    recipient: address,
    codeAddress: address,
    value: BigInt(call.value),
    input: call.data === '0x' ? EMPTY_BYTES : fromHex(call.data),
    depth: 0,
    isStatic: false,
  });
}

describe('recorded executions of a 2.11 node', () => {
  it.each(cases)('$opcode, call', ({ runtimeCode, callRequest, callResponse }) => {
    const { output, status, currentBlockNumber } = callResponse.result;
    const outcome = run(runtimeCode, callRequest.params[1], 1n, Number(currentBlockNumber), output);
    expect(outcome.status).toBe(Number(status));
    expect(`0x${toHex(outcome.output)}`).toBe(output);
  });

  it.each(cases)('$opcode, transaction', ({ runtimeCode, callRequest, transaction }) => {
    const { receipt } = transaction;
    const call = { ...callRequest.params[1], from: receipt.from };
    const outcome = run(runtimeCode, call, GAS_PRICE, Number(receipt.blockNumber), receipt.output);
    expect(outcome.status).toBe(Number(receipt.status));
    expect(`0x${toHex(outcome.output)}`).toBe(receipt.output);
    expect(TX_GAS_LIMIT - outcome.gasLeft).toBe(Number(receipt.gasUsed));
  });
});

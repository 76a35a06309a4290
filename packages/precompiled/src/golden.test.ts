import { readFileSync } from 'node:fs';
import { fromHex, toPrefixedHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { SuiteName } from '@menglian/crypto/suite';
import { describe, expect, it } from 'vitest';
import { SYSTEM_CONTRACTS } from './systemContracts.js';
import { UNCHECKED } from './tables/rows.js';
import { CONFIG_TABLE, CONSENSUS_KEY, CONSENSUS_TABLE } from './tables/systemTables.js';
import { MemorySystemHost } from './testing/memorySystemHost.js';

/**
 * Calls of system contracts recorded from real 2.11 chains, one of each suite, in the order of their blocks: status,
 * output and gas must be the recorded ones. What executed in between (contracts, deployments) is the executor's test.
 */

interface RecordedTransaction {
  readonly description: string;
  readonly sender: string;
  readonly fields: { readonly to: string | null; readonly input: string };
  readonly blockNumber: string;
  readonly error?: unknown;
  readonly receipt?: { readonly status: string; readonly gasUsed: string; readonly output: string };
}

interface RecordedCall {
  readonly name: string;
  readonly request: {
    readonly params: readonly [number, { readonly from?: string; readonly to: string; readonly data: string }];
  };
  readonly response: {
    readonly result?: { readonly currentBlockNumber: string; readonly output: string; readonly status: string };
  };
}

interface Recording {
  readonly suite: SuiteName;
  readonly nodeIds: readonly string[];
  readonly transactions: readonly RecordedTransaction[];
  readonly calls: readonly RecordedCall[];
  /** A contract that the recording freezes, and its deployer. */
  readonly contract: string;
}

const GAS_LIMIT = 300_000_000;

function readJsonFile(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
}

function recordings(): readonly Recording[] {
  const golden = '../../../test/golden';
  const guomi = readJsonFile('./testing/goldenGuomi.json') as Omit<Recording, 'suite' | 'contract'>;
  return [
    {
      suite: 'ecdsa',
      nodeIds: (readJsonFile(`${golden}/genesis.json`) as { nodeIds: string[] }).nodeIds,
      transactions: (readJsonFile(`${golden}/transactions.json`) as { transactions: RecordedTransaction[] })
        .transactions,
      calls: (readJsonFile(`${golden}/call.json`) as { cases: RecordedCall[] }).cases,
      contract: '6a397872b834c88df2627f9d07bdf5e509164971',
    },
    { ...guomi, suite: 'sm', contract: '4d5cc6df1f304b5865af624cd6e514912b98ed29' },
  ];
}

function baseGas(input: Uint8Array): number {
  return input.reduce((gas, byte) => gas + (byte === 0 ? 4 : 68), 21_000);
}

function address(text: string): string {
  return text.slice(2).toLowerCase();
}

describe.each(recordings())('recorded chain of suite $suite', (recording) => {
  it('answers as recorded', async () => {
    const suite = await loadSuite(recording.suite);
    const transactions = recording.transactions.filter(
      (transaction) =>
        transaction.receipt !== undefined && SYSTEM_CONTRACTS.has(address(transaction.fields.to ?? '0x')),
    );
    const calls = recording.calls.filter(
      (call) => call.response.result !== undefined && SYSTEM_CONTRACTS.has(address(call.request.params[1].to)),
    );
    expect(transactions.length).toBeGreaterThan(50);
    expect(calls.length).toBeGreaterThan(10);

    const deployer = address(transactions[0]!.sender);
    const host = new MemorySystemHost(suite, { origin: deployer });
    for (const nodeId of recording.nodeIds) {
      const fields = { name: CONSENSUS_KEY, type: 'sealer', node_id: nodeId, enable_num: '0' };
      host.insert(CONSENSUS_TABLE, CONSENSUS_KEY, new Map(Object.entries(fields)), UNCHECKED);
    }
    for (const [key, value] of [
      ['tx_count_limit', '1000'],
      ['tx_gas_limit', '300000000'],
      ['consensus_timeout', '3'],
    ] as const) {
      host.insert(CONFIG_TABLE, key, new Map(Object.entries({ key, value, enable_num: '0' })), UNCHECKED);
    }
    host.addAccount(recording.contract, { hasCode: true, frozen: false, managers: [deployer] });

    const pendingCalls = [...calls];
    const answerCallsBefore = (blockNumber: number): void => {
      while (pendingCalls.length > 0 && Number(pendingCalls[0]!.response.result!.currentBlockNumber) < blockNumber) {
        const { name, request, response } = pendingCalls.shift()!;
        const { from = '0x', to, data } = request.params[1];
        host.nextBlock(Number(response.result!.currentBlockNumber) + 1);
        host.origin = address(from);
        const input = fromHex(data);
        const gasLeft = GAS_LIMIT - baseGas(input);
        const outcome = host.call(SYSTEM_CONTRACTS.get(address(to))!, { sender: host.origin, input, gasLeft });
        expect(
          { name, status: `0x${outcome.status.toString(16)}`, output: toPrefixedHex(outcome.output) },
          name,
        ).toEqual({ name, status: response.result!.status, output: response.result!.output });
      }
    };

    for (const { description, sender, fields, blockNumber, receipt } of transactions) {
      answerCallsBefore(Number(blockNumber));
      if (Number(blockNumber) !== host.blockNumber) host.nextBlock(Number(blockNumber));
      host.origin = address(sender);
      const input = fromHex(fields.input);
      const base = baseGas(input);
      const call = { sender: host.origin, input, gasLeft: GAS_LIMIT - base };
      const outcome = host.run(SYSTEM_CONTRACTS.get(address(fields.to!))!, call);
      expect(
        {
          status: `0x${outcome.status.toString(16)}`,
          gasUsed: base + outcome.gasUsed,
          output: toPrefixedHex(outcome.output),
        },
        description,
      ).toEqual({ status: receipt!.status, gasUsed: Number(receipt!.gasUsed), output: receipt!.output });
    }
    answerCallsBefore(Number.MAX_SAFE_INTEGER);
    expect(pendingCalls).toEqual([]);
  });
});

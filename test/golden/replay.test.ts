import { toPrefixedHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { executionSettings } from '@menglian/executor/settings';
import { createSerialExecutor } from '@menglian/executor/serialExecutor';
import { Ledger } from '@menglian/ledger/ledger';
import { openMemoryStore } from '@menglian/storage/memoryStore';
import type { BlockHeader } from '@menglian/types/header';
import { headerHash } from '@menglian/types/header';
import type { Receipt } from '@menglian/types/receipt';
import { describe, expect, it } from 'vitest';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { loadRecordedChain } from './recordedChain.js';
import type { RecordedCall, RecordedChain, RecordedReceipt, RecordedTransaction } from './recordedChain.js';

/**
 * Goal: our execution answers what the original chain answered. Method: build a fresh chain from the recorded genesis, run
 * every recorded transaction in its block, heights without a recording as empty blocks, and ask every recorded call at its
 * height. The deployments of evm-opcodes.json, of which only the outcome is recorded, are signed anew, so the deployer's
 * creation numbers are those of the original to the end and every receipt can be compared in full.
 */
describe.each(['ecdsa', 'sm'] as const)('replay of the recorded %s chain', (suiteName) => {
  it('gives the recorded receipts and answers', async () => {
    const suite = await loadSuite(suiteName);
    const chain = loadRecordedChain(suite);
    const seen = await replay(suite, chain);
    expect(seen.receipts).toStrictEqual(recordedReceipts(chain));
    expect(seen.calls).toStrictEqual(
      chain.calls.map(({ height, name, status, output }) => ({ height, name, status, output })),
    );
  });
});

interface Seen {
  readonly receipts: unknown[];
  readonly calls: unknown[];
}

async function replay(suite: CryptoSuite, chain: RecordedChain): Promise<Seen> {
  const opened = await Ledger.open(openMemoryStore(), suite, chain.genesis);
  if (!opened.ok) throw new Error(opened.reason.message);
  const ledger = opened.value;
  const executor = createSerialExecutor(await loadSuite('ecdsa'));
  const blockHash = (number: number): Uint8Array | undefined => chain.hashes.get(number) ?? ledger.hashByNumber(number);
  const settings = (parentNumber: number) =>
    executionSettings(ledger.view(), parentNumber, chain.genesis.freeStorage, chain.genesis.gasLimit);
  const seen: Seen = { receipts: [], calls: [] };

  for (let number = 1; number <= chain.lastNumber; number++) {
    const recorded = chain.blocks.get(number) ?? [];
    const parent = ledger.head();
    const timestampMs = chain.timestamps.get(number) ?? parent.header.timestampMs + 1;
    const transactions = recorded.map(({ transaction }) => transaction);
    const result = executor.executeBlock({
      suite,
      view: ledger.view(),
      settings: settings(parent.number),
      blockHash,
      header: { number, timestampMs },
      parent,
      transactions,
    });
    for (const [i, receipt] of result.receipts.entries()) seen.receipts.push(shown(number, recorded[i]!, receipt));

    const header: BlockHeader = {
      parentHash: parent.hash,
      stateRoot: result.stateDigest,
      transactionsRoot: result.transactionsRoot,
      receiptsRoot: result.receiptsRoot,
      dbHash: result.stateDigest,
      logsBloom: new Uint8Array(256),
      number,
      gasLimit: 0n,
      gasUsed: 0n,
      timestampMs,
      extraData: [],
      sealer: 0,
      sealerList: [...chain.genesis.sealers].sort(),
    };
    const block = {
      header,
      hash: headerHash(suite, header),
      transactions: transactions.map(({ raw }) => raw),
      signatures: [],
      receipts: result.receipts,
    };
    await ledger.commit(block, result.changes, { digest: block.hash, epoch: 0 }, []);

    for (const call of chain.calls) {
      if (call.height !== number) continue;
      const { from, to, value, data } = call;
      const head = { number, timestampMs };
      const answer = executor.executeCall({
        suite,
        view: ledger.view(),
        settings: settings(number),
        blockHash,
        header: head,
        from,
        to,
        value,
        data,
      });
      seen.calls.push(shownCall(call, answer.status, answer.output));
    }
  }
  return seen;
}

function shownCall(call: RecordedCall, status: number, output: Uint8Array): unknown {
  return { height: call.height, name: call.name, status: quantity(status), output: toPrefixedHex(output) };
}

/** A receipt in the words of the recording; for deployments of which only the outcome is recorded, that. */
function shown(height: number, recorded: RecordedTransaction, receipt: Receipt): unknown {
  const all = {
    status: quantity(receipt.status),
    gasUsed: quantity(receipt.gasUsed),
    contractAddress: `0x${receipt.contractAddress}`,
  };
  if (!('logs' in recorded.receipt)) return { height, name: recorded.name, ...all };
  return {
    height,
    name: recorded.name,
    ...all,
    output: toPrefixedHex(receipt.output),
    logsBloom: toPrefixedHex(receipt.logsBloom),
    logs: receipt.logs.map(({ address, topics, data }) => ({
      address: `0x${address}`,
      topics: topics.map(toPrefixedHex),
      data: toPrefixedHex(data),
    })),
  };
}

function recordedReceipts(chain: RecordedChain): unknown[] {
  const heights = [...chain.blocks.keys()].sort((a, b) => a - b);
  return heights.flatMap((height) =>
    chain.blocks.get(height)!.map(({ name, receipt }) => {
      const { status, gasUsed, contractAddress } = receipt;
      if (!('logs' in receipt)) return { height, name, status, gasUsed, contractAddress };
      const { output, logsBloom, logs } = receipt satisfies RecordedReceipt;
      const shownLogs = logs.map(({ address, topics, data }) => ({ address, topics, data }));
      return { height, name, status, gasUsed, contractAddress, output, logsBloom, logs: shownLogs };
    }),
  );
}

function quantity(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

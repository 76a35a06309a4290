import { readFileSync } from 'node:fs';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { createClient } from '../client.js';
import type { Hash } from '../hex.js';
import { blockHeader, receiptWithProof, transactionWithProof } from '../rpc/shapes.js';
import { SdkError } from '../sdkError.js';
import { FakeTransport } from '../testing/fakeTransport.js';
import { proveHeader } from './proveHeader.js';
import { getProvenReceipt } from './provenReceipt.js';
import { proveReceipt, proveTransaction } from './proveTransaction.js';

const suite = await loadSuite('ecdsa');

interface Case {
  readonly request: { readonly params: readonly unknown[] };
  readonly response: { readonly result?: unknown };
}

function golden(method: string): readonly Case[] {
  const text = readFileSync(new URL(`../../../../test/golden/${method}.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { cases: readonly Case[] }).cases;
}

const headers = golden('getBlockHeaderByNumber')
  .filter(({ request }) => request.params[2] === true)
  .map(({ response }) => blockHeader(response.result, 'header'));
const header = headers.find(({ number }) => number === 25)!;
const read = <T>(method: string, reader: (value: unknown, path: string) => T | null) =>
  golden(method).flatMap(({ response }) => reader(response.result, method) ?? []);
const transactions = read('getTransactionByHashWithProof', transactionWithProof);
const receipts = read('getTransactionReceiptByHashWithProof', receiptWithProof);
const trust = { sealers: header.sealerList };

function problemOf(run: () => void): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(SdkError);
    expect((error as SdkError).code).toBe('NotProven');
    return (error as SdkError).message.split(' (')[0];
  }
}

describe('a header', () => {
  it('of a real chain is proven by its sealers', () => {
    const later = headers.filter(({ number }) => number > 0);
    expect(later.length).toBe(3);
    for (const one of later) expect(problemOf(() => proveHeader(suite, one, trust))).toBeUndefined();
  });

  it('is not when anything of it was changed', () => {
    const changes: Partial<typeof header>[] = [
      { number: 26 },
      { timestamp: header.timestamp + 1 },
      { transactionsRoot: header.receiptsRoot },
      { sealerList: header.sealerList.toReversed() },
      { extraData: ['0x00'] },
      { gasUsed: 1n },
      { hash: header.parentHash },
    ];
    for (const change of changes) {
      expect(problemOf(() => proveHeader(suite, { ...header, ...change }, trust))).toBe(
        'the hash is not of the header',
      );
    }
    expect(problemOf(() => proveHeader(suite, { ...header, number: 0 }, trust))).toContain('block 0');
  });

  it('is not without a quorum of signatures, each of another sealer', () => {
    const [first, second] = header.signatureList;
    const signed = (signatureList: typeof header.signatureList) =>
      problemOf(() => proveHeader(suite, { ...header, signatureList }, trust));
    expect(signed([first!, second!])).toBe('2 sealers signed, not 3');
    expect(signed([first!, first!, first!])).toBe('1 sealers signed, not 3');
    expect(signed([{ ...first!, index: second!.index }])).toContain('does not hold');
    expect(signed([{ ...first!, index: 4 }])).toBe('signature 4 is of no sealer');
    expect(signed([])).toBe('0 sealers signed, not 3');
  });

  it('is not when the trusted sealers did not sign', () => {
    const other = 'ab'.repeat(64);
    const trusting = (sealers: readonly string[]) => problemOf(() => proveHeader(suite, header, { sealers }));
    expect(trusting([])).toContain('trusted sealers signed');
    expect(trusting([other])).toBe('0 trusted sealers signed, not 1');
    const signers = header.signatureList.map(({ index }) => header.sealerList[index]!);
    expect(trusting([...signers.slice(0, 3), other])).toBeUndefined();
    expect(trusting([...signers.slice(0, 2), other, 'cd'.repeat(64)])).toBe('2 trusted sealers signed, not 3');
  });
});

describe('a transaction and its receipt', () => {
  it('of a real chain are proven', () => {
    expect([transactions.length, receipts.length]).toEqual([5, 5]);
    for (const [index, transaction] of transactions.entries()) {
      expect(problemOf(() => proveReceipt(suite, transaction, receipts[index]!, header))).toBeUndefined();
    }
  });

  it('are not when anything of them was changed', () => {
    const proven = transactions[1]!;
    const changed = (change: object) =>
      problemOf(() =>
        proveTransaction(suite, { ...proven, transaction: { ...proven.transaction, ...change } }, header),
      );
    expect(changed({ input: '0x00' })).toBe('the hash is not of the transaction');
    expect(changed({ to: null })).toBe('the hash is not of the transaction');
    expect(changed({ from: `0x${'00'.repeat(20)}` })).toBe('the transaction is not signed by its sender');
    expect(changed({ transactionIndex: 4 })).toBe('the proof does not lead to the root');
    expect(changed({ blockHash: header.parentHash })).toBe('the transaction names another block');
    expect(changed({ blockNumber: 24 })).toBe('the transaction names another height');
    const otherProof = { ...proven, txProof: transactions[0]!.txProof };
    expect(problemOf(() => proveTransaction(suite, otherProof, header))).toBe('the proof does not lead to the root');
  });

  it('belong together', () => {
    const problem = (receipt: (typeof receipts)[number]) =>
      problemOf(() => proveReceipt(suite, transactions[1]!, receipt, header));
    const [, receipt] = receipts;
    const changed = (change: object) =>
      problem({ ...receipt!, transactionReceipt: { ...receipt!.transactionReceipt, ...change } });
    expect(problem(receipts[0]!)).toBe('the receipt is of another transaction');
    expect(changed({ status: 22 })).toBe('the receipt says two things about its status');
    expect(changed({ status: 22, statusName: 'RevertInstruction' })).toBe('the proof does not lead to the root');
    expect(changed({ output: '0x01' })).toBe('the proof does not lead to the root');
    expect(changed({ gasUsed: 1n })).toBe('the proof does not lead to the root');
    const log = { address: header.hash.slice(0, 42), topics: [], data: '0x' };
    expect(changed({ logs: [log] })).toBe('the proof does not lead to the root');
  });

  it('are asked for and proven in one call', async () => {
    const answers = new Map<string, readonly Case[]>(
      ['getTransactionByHashWithProof', 'getTransactionReceiptByHashWithProof', 'getBlockHeaderByNumber'].map(
        (method) => [method, golden(method)],
      ),
    );
    const transport = new FakeTransport(
      (method, params) =>
        answers.get(method)!.find(({ request }) => request.params[1] === params[1] && request.params[2] === params[2])!
          .response.result,
    );
    const client = await createClient({ transport });
    const { hash } = transactions[2]!.transaction;
    const proven = await getProvenReceipt(client, hash, trust);
    expect([proven.receipt.transactionHash, proven.header.number]).toEqual([hash, 25]);
    const unknown: Hash = `0x${'00'.repeat(32)}`;
    await expect(getProvenReceipt(client, unknown, trust)).rejects.toMatchObject({ code: 'NotFound' });
  });
});

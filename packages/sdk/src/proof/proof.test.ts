import { readFileSync } from 'node:fs';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { checkHeaderProof, decodeHeaderProof } from '@menglian/interchain/headerProof';
import { decodeMessageBundle } from '@menglian/interchain/messageBundle';
import { checkReceiptProof } from '@menglian/interchain/receiptProof';
import { describe, expect, it } from 'vitest';
import { createClient } from '../client.js';
import { bytesOf, type Hash, type Hex, hexOf } from '../hex.js';
import { blockHeader, receiptWithProof, transactionWithProof } from '../rpc/shapes.js';
import { SdkError } from '../sdkError.js';
import { FakeTransport } from '../testing/fakeTransport.js';
import { headerProofBytes, messageBundleBytes } from './messageBundle.js';
import { proveHeader } from './proveHeader.js';
import { getProvenReceipt } from './provenReceipt.js';
import { proveReceipt, proveTransaction } from './proveTransaction.js';

const suite = await loadSuite('ecdsa');
const sm = await loadSuite('sm');

interface Case {
  readonly request: { readonly params: readonly unknown[] };
  readonly response: { readonly result?: unknown };
}

function golden(method: string, folder = 'golden'): readonly Case[] {
  const text = readFileSync(new URL(`../../../../test/${folder}/${method}.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { cases: readonly Case[] }).cases;
}

const headersOf = (folder?: string) =>
  golden('getBlockHeaderByNumber', folder)
    .filter(({ request }) => request.params[2] === true)
    .map(({ response }) => blockHeader(response.result, 'header'));
const headers = headersOf();
const header = headers.find(({ number }) => number === 25)!;
const read = <T>(method: string, reader: (value: unknown, path: string) => T | null, folder?: string) =>
  golden(method, folder).flatMap(({ response }) => reader(response.result, method) ?? []);
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
    const [first, second, third] = header.signatureList;
    const signed = (signatureList: typeof header.signatureList) =>
      problemOf(() => proveHeader(suite, { ...header, signatureList }, trust));
    expect(signed([first!, second!])).toBe('2 sealers signed, not 3');
    expect(signed([first!, first!, first!])).toBe('1 sealers signed, not 3');
    expect(signed([first!, { ...first!, index: second!.index }, third!])).toContain('does not hold');
    expect(signed([{ ...first!, index: 4 }])).toBe('signature 4 is of no sealer');
    expect(signed([])).toBe('0 sealers signed, not 3');
  });

  it('of a Raft chain takes a majority', () => {
    const two = header.signatureList.slice(0, 2);
    const three = header.signatureList.slice(0, 3);
    const crash = (signatureList: typeof two) =>
      problemOf(() => proveHeader(suite, { ...header, signatureList }, { ...trust, rule: 'crash' }));
    expect(crash(two)).toBe('2 sealers signed, not 3');
    expect(crash(three)).toBeUndefined();
  });

  it('is not when the trusted sealers did not sign', () => {
    const other = 'ab'.repeat(64);
    const trusting = (sealers: readonly string[]) => problemOf(() => proveHeader(suite, header, { sealers }));
    expect(trusting([])).toContain('trusted sealers signed');
    expect(trusting([other])).toBe('0 trusted sealers signed, not 1');
    const signers = header.signatureList.map(({ index }) => header.sealerList[index]!);
    expect(trusting([...signers.slice(0, 3), other])).toBeUndefined();
    // One of two out of four is honest; one alone decides nothing.
    const strangers = ['cd', 'ef', '01'].map((byte) => byte.repeat(64));
    expect(trusting([...signers.slice(0, 2), ...strangers.slice(0, 2)])).toBeUndefined();
    expect(trusting([signers[0]!, ...strangers])).toBe('1 trusted sealers signed, not 2');
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

  it('make a bundle that proves itself', () => {
    const bytes = bytesOf(messageBundleBytes(header, receipts.toReversed()), 'the bundle');
    const bundle = decodeMessageBundle(bytes);
    if (!bundle.ok) throw new Error(bundle.reason);
    const { value } = bundle;
    expect(value.receipts.map(({ index }) => index)).toEqual([0, 3, 15, 16, 39]);
    const proven = checkHeaderProof(suite, value.header, { ...trust, rule: 'byzantine' });
    expect(proven.ok && hexOf(proven.value)).toBe(header.hash);
    const root = value.header.header.receiptsRoot;
    expect(value.receipts.map((proof) => checkReceiptProof(suite, proof, root))).toEqual(Array(5).fill(true));
    const alone = decodeHeaderProof(bytesOf(headerProofBytes(header), 'the proof'));
    expect(alone).toEqual({ ok: true, value: value.header });
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

describe('on an SM chain', () => {
  const smHeaders = headersOf('golden-sm').filter(({ number }) => number > 0);
  const smTrust = { sealers: smHeaders[0]!.sealerList };
  const smTransactions = read('getTransactionByHashWithProof', transactionWithProof, 'golden-sm');
  const smReceipts = read('getTransactionReceiptByHashWithProof', receiptWithProof, 'golden-sm');
  const headerOf = (proven: (typeof smTransactions)[number]) =>
    smHeaders.find(({ number }) => number === proven.transaction.blockNumber)!;

  it('headers, transactions and receipts of a real chain are proven', () => {
    expect([smHeaders.length > 100, smTransactions.length, smReceipts.length]).toEqual([true, 6, 6]);
    for (const one of smHeaders.slice(0, 20)) expect(problemOf(() => proveHeader(sm, one, smTrust))).toBeUndefined();
    for (const [index, transaction] of smTransactions.entries()) {
      const place = headerOf(transaction);
      expect(problemOf(() => proveHeader(sm, place, smTrust))).toBeUndefined();
      expect(problemOf(() => proveReceipt(sm, transaction, smReceipts[index]!, place))).toBeUndefined();
    }
  });

  it('they are not with the keys of others, or by the other suite', () => {
    const place = headerOf(smTransactions[0]!);
    const [first, second, third] = place.signatureList;
    const keyOf = (index: number) => place.sealerList[index]!;
    // The last 64 bytes are the key that the signature claims; the sealers' list counts.
    const claimed = `${third!.signature.slice(0, -128)}${keyOf(first!.index)}` as Hex;
    const signed = [first!, second!, { ...third!, signature: claimed }];
    expect(problemOf(() => proveHeader(sm, { ...place, signatureList: signed }, smTrust))).toContain('does not hold');
    expect(problemOf(() => proveHeader(suite, place, smTrust))).toBe('the hash is not of the header');
    const { transaction } = smTransactions[0]!;
    const other = { ...smTransactions[0]!, transaction: { ...transaction, from: smTransactions[5]!.transaction.to! } };
    expect(problemOf(() => proveTransaction(sm, other, place))).toBe('the transaction is not signed by its sender');
  });
});

import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { concatBytes, toHex, toPrefixedHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { encodeAbi, selector } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { runGroupMethod } from '@menglian/rpc/methods/groupMethods';
import type { GroupView } from '@menglian/rpc/ports';
import { signTransaction } from '@menglian/types/transaction';
import { afterEach, describe, expect, it } from 'vitest';
import { SYSTEM_TIMERS } from './clock.js';
import { MemoryGroup } from '../testing/memoryGroup.js';
import { type PushedReceipt, ReceiptWatchList } from './receiptWatchList.js';

const suite = await loadSuite('ecdsa');
const random = new SeededRandom(3);
const key = random.bytes(32);
const groups: MemoryGroup[] = [];

afterEach(async () => {
  await Promise.all(groups.splice(0).map((group) => group.stop()));
});

function transaction(blockLimit = 500n, chainId = 1n) {
  const data = concatBytes(
    selector((bytes) => suite.hash(bytes), 'userSave(string,uint256)'),
    encodeAbi(['string', 'uint256'], [toHex(random.bytes(6)), 1n]),
  );
  const fields = { gasPrice: 1n, gas: 1n, value: 0n, chainId, groupId: 1n, extraData: new Uint8Array(0) };
  const nonce = BigInt(`0x${toHex(random.bytes(16))}`);
  return signTransaction(suite, { ...fields, nonce, blockLimit, to: '5002'.padStart(40, '0'), data }, key);
}

const request = (raw: Uint8Array, number: number, isAsync: boolean, method = 'sendRawTransaction') => ({
  method,
  params: [toPrefixedHex(raw)],
  watch: { number, isAsync },
});

function collect(view: () => GroupView) {
  const pushed: PushedReceipt[] = [];
  const list = new ReceiptWatchList({
    view,
    push: (receipts) => pushed.push(...receipts),
    abandon: (watchNumbers, text) => pushed.push(...watchNumbers.map((watchNumber) => ({ watchNumber, text }))),
    timers: SYSTEM_TIMERS,
  });
  const status = () => pushed.map(({ watchNumber, text }) => [watchNumber, JSON.parse(text).status as string]);
  return { list, pushed, status };
}

async function start() {
  const group = new MemoryGroup(suite, { count: 1 });
  groups.push(group);
  const { view, ledger } = await group.start(0);
  const collected = collect(() => view);
  const untilHead = async (height: number) => {
    while (ledger.head().number < height) await sleep(5);
    collected.list.onHead();
  };
  return { view, ...collected, untilHead };
}

describe('receipts that clients wait for', () => {
  it('come with the block, to the one who sent the transaction, with proofs where they are wanted', async () => {
    const { view, list, pushed, status, untilHead } = await start();
    const [first, second] = [transaction(), transaction()];
    const outcomes = runGroupMethod(view, [request(first.raw, 1, false)], list);
    outcomes.push(...runGroupMethod(view, [request(second.raw, 2, true, 'sendRawTransactionAndGetProof')], list));
    expect(outcomes).toEqual([first, second].map(({ hash }) => ({ ok: true, json: `"${toPrefixedHex(hash)}"` })));
    await untilHead(1);
    while (list.size > 0) await untilHead(view.blockNumber());
    expect(status().toSorted()).toEqual([
      [1, '0x0'],
      [2, '0x0'],
    ]);
    const receipts = new Map(pushed.map(({ watchNumber, text }) => [watchNumber, JSON.parse(text)]));
    expect(receipts.get(1)).toMatchObject({ transactionHash: toPrefixedHex(first.hash), statusMsg: 'None' });
    expect(Object.keys(receipts.get(1)!)).not.toContain('txProof');
    expect(receipts.get(2)!.txProof.at(-1)).toEqual({ left: [], right: [] });
    expect(receipts.get(2)!.receiptProof).toHaveLength(receipts.get(2)!.txProof.length);
    expect(pushed[0]!.text).toMatch(/^\{\n {3}"blockHash" : "0x[0-9a-f]{64}",\n {3}"blockNumber" : "0x1",\n/);
  });

  it('of refused transactions are errors, or in version 3 receipts after the answer', async () => {
    const { view, list, pushed, status } = await start();
    const wrong = transaction(500n, 7n);
    const [refused] = runGroupMethod(view, [request(wrong.raw, 1, false)], list);
    expect(refused).toMatchObject({ ok: false, error: { code: -32_603 } });
    const sent = [transaction(500n, 7n), transaction(5000n)];
    const outcomes = runGroupMethod(view, [request(sent[0]!.raw, 2, true), request(sent[1]!.raw, 3, true)], list);
    expect(outcomes).toEqual(sent.map(({ hash }) => ({ ok: true, json: `"${toPrefixedHex(hash)}"` })));
    expect(pushed).toEqual([]);
    await nextTurn();
    expect(status()).toEqual([
      [2, '0x2712'],
      [3, '0x10'],
    ]);
    expect(JSON.parse(pushed[0]!.text)).toMatchObject({
      blockNumber: '0x0',
      statusMsg: 'InvalidChainId',
      transactionHash: `0x${'00'.repeat(32)}`,
    });
    const [noTransaction] = runGroupMethod(view, [request(Uint8Array.of(1, 2), 4, true)], list);
    expect(noTransaction).toMatchObject({ ok: false, error: { code: -32_603 } });
  });

  it('of a node outside the group are an error, or in version 3 a receipt', async () => {
    const { view, list, status } = await start();
    const outside = new Proxy(view, {
      get: (target, name) => {
        if (name === 'isMember') return () => false;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const { raw } = transaction();
    const outcomes = runGroupMethod(outside, [request(raw, 1, false), request(raw, 2, true)], list);
    expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code))).toEqual([-40_009, 'ok']);
    await nextTurn();
    expect(status()).toEqual([[2, '0x2714']]);
  });

  it('say so when the transaction has left the pool and is in no block', () => {
    let head = 0;
    const pending = new Set(['aa'.repeat(32)]);
    const view = {
      suite,
      blockNumber: () => head,
      block: () => ({ transactionCount: 0 }),
      isPending: (hash: string) => pending.has(hash),
    } as unknown as GroupView;
    const { list, status } = collect(() => view);
    list.await(new Uint8Array(32).fill(0xaa), 1, false);
    list.await(new Uint8Array(32).fill(0xbb), 2, false);
    head = 15;
    list.onHead();
    expect(status()).toEqual([]);
    head = 16;
    list.onHead();
    expect(status()).toEqual([[2, '0x1d']]);
    pending.clear();
    head = 32;
    list.onHead();
    expect([status().at(-1), list.size]).toEqual([[1, '0x1d'], 0]);
  });

  it('say that this node cannot tell, when the group stops', async () => {
    const { view, list, status } = await start();
    list.await(new Uint8Array(32).fill(0xaa), 1, false);
    list.await(new Uint8Array(32).fill(0xbb), 2, true);
    runGroupMethod(view, [request(transaction(500n, 7n).raw, 3, true)], list);
    list.stop();
    expect(status()).toEqual([
      [3, '0x2712'],
      [1, '0x2714'],
      [2, '0x2714'],
    ]);
    await nextTurn();
    expect([status().length, list.size]).toEqual([3, 0]);
  });
});

import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fromHex, toHex, utf8Bytes } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { openMemoryStore } from '@menglian/storage/memoryStore';
import type { KeyValueStore, WriteOperation } from '@menglian/storage/ports';
import { CrashDisk } from '@menglian/storage/testing/crashStore';
import { encodeBlock } from '@menglian/types/block';
import type { GenesisConfig } from '@menglian/types/genesis';
import { signTransaction } from '@menglian/types/transaction';
import { consensusOperations } from './consensusStore.js';
import type { LedgerFailure } from './errors.js';
import {
  blockHashKey,
  blockKey,
  blockNumberKey,
  HEAD_KEY,
  META_KEY,
  noncesKey,
  stateKey,
  transactionKey,
} from './keys.js';
import { Ledger } from './ledger.js';
import { NONCE_WINDOW_BLOCKS, VERIFIED_TAIL_BLOCKS } from './limits.js';
import { encodeRows, rowsKey } from './stateRecords.js';
import { CONFIG_TABLE } from './systemTables.js';
import { TEST_GENESIS, type TestBlock, TestChain } from './testing/chainFixture.js';

let suite: CryptoSuite;
let store: KeyValueStore;
beforeAll(async () => {
  suite = await loadSuite('ecdsa');
});
beforeEach(() => {
  store = openMemoryStore();
});

async function open(genesis: GenesisConfig = TEST_GENESIS, inStore = store, withSuite = suite): Promise<Ledger> {
  const ledger = await Ledger.open(inStore, withSuite, genesis);
  if (!ledger.ok) throw new Error(`${ledger.reason.code} ${ledger.reason.message}`);
  return ledger.value;
}

async function refusal(genesis: GenesisConfig = TEST_GENESIS, withSuite = suite): Promise<LedgerFailure> {
  const ledger = await Ledger.open(store, withSuite, genesis);
  if (ledger.ok) throw new Error('opened');
  return ledger.reason;
}

function commit(
  ledger: Ledger,
  { block, changes, order, signed }: TestBlock,
  consensus: WriteOperation[] = [],
): Promise<void> {
  return ledger.commit(block, changes, order, consensus, signed);
}

async function grow(ledger: Ledger, chain: TestChain, count: number, transactions = 3): Promise<TestBlock[]> {
  const blocks: TestBlock[] = [];
  for (let i = 0; i < count; i++) {
    const block = chain.next({ transactions, changes: 5 });
    await commit(ledger, block);
    blocks.push(block);
  }
  return blocks;
}

function put(key: Uint8Array, value: Uint8Array | undefined): Promise<void> {
  return store.write([{ key, value }], { durable: true });
}

describe('a new ledger', () => {
  it('begins with the genesis block of 2.x', async () => {
    const nodeId =
      '4ca3a91a4937355dba6a2e5fe76141479a1fc44e9caa86750092dab64e0b8382f6b8476749c2d2de414350a54491620d38813d2a1442f524e36e3d9946109c4d';
    const ledger = await open({ ...TEST_GENESIS, sealers: [nodeId], timestampMs: 1_604_909_321_000 });
    // docs/formats.md, test vector T3.
    expect(toHex(ledger.head().hash)).toBe('249f59e00beac8424a7821c4750fdd70c128f4ce795afbab53f345e9fce95d1a');
    expect(ledger.head().number).toBe(0);
    expect(ledger.totals()).toEqual({ blockNumber: 0, transactions: 0n, failed: 0n });
    expect(ledger.membership()).toMatchObject({ sealers: [nodeId], observers: [] });
    expect(ledger.systemConfig('tx_count_limit')).toBe('1000');
    expect(ledger.systemConfig('no_such_key')).toBe('');
    const block = ledger.blockByNumber(0)!;
    expect([block.transactionCount, block.signatures, block.receipts]).toEqual([0, [], []]);
    expect(ledger.noncesOf(0)).toEqual([]);
  });
});

describe('committing', () => {
  it('answers every question about every block, before and after reopening', async () => {
    const first = await open();
    const blocks = await grow(first, new TestChain(suite, 1), 20);
    const reopened = await open();
    for (const ledger of [first, reopened]) {
      expect(ledger.head()).toEqual({
        number: 20,
        hash: blocks[19]!.block.hash,
        header: blocks[19]!.block.header,
        stateDigest: blocks[19]!.block.header.stateRoot,
      });
      const failed = blocks.flatMap(({ block }) => block.receipts).filter(({ status }) => status !== 0).length;
      expect(ledger.totals()).toEqual({ blockNumber: 20, transactions: 60n, failed: BigInt(failed) });
      for (const [position, { block, signed }] of blocks.entries()) {
        const number = position + 1;
        expect(toHex(encodeBlock(ledger.blockByNumber(number)!))).toBe(toHex(encodeBlock(block)));
        expect(ledger.hashByNumber(number)).toEqual(block.hash);
        expect(ledger.numberByHash(block.hash)).toBe(number);
        expect(ledger.noncesOf(number)).toEqual(signed.map(({ nonce }) => nonce));
        for (const [index, { hash }] of signed.entries()) expect(ledger.locate(hash)).toEqual({ number, index });
      }
    }
  });

  it('answers undefined for what there is not', async () => {
    const ledger = await open();
    await grow(ledger, new TestChain(suite, 1), 1);
    for (const number of [2, -1, 0.5, Number.NaN, 2 ** 60]) {
      expect(ledger.blockByNumber(number)).toBeUndefined();
      expect(ledger.hashByNumber(number)).toBeUndefined();
    }
    for (const hash of [new Uint8Array(32), new Uint8Array(0), new Uint8Array(64)]) {
      expect(ledger.numberByHash(hash)).toBeUndefined();
      expect(ledger.locate(hash)).toBeUndefined();
    }
  });

  it('moves the state with the head and not before', async () => {
    const ledger = await open();
    const chain = new TestChain(suite, 2);
    const { changes, ...block } = chain.next({ transactions: 1, changes: 30 });
    const change = changes.find(({ value }) => value !== undefined)!;
    const view = ledger.view();
    const outcome = { isDone: false };
    const done = commit(ledger, { changes, ...block }).then(() => {
      outcome.isDone = true;
    });
    // Between any two steps of the commit, head and state belong together, for values read before and for fresh ones.
    for (let step = 0; !outcome.isDone; step++) {
      const isAfter = ledger.head().number === 1;
      for (const { key, value } of [change, changes[step % changes.length]!]) {
        expect(view.get(key)).toEqual(isAfter ? value : undefined);
      }
      await Promise.resolve();
    }
    await done;
    expect(view.get(change.key)).toEqual(change.value);
    expect(ledger.head().number).toBe(1);
    expect(ledger.view().get(utf8Bytes('nothing'))).toBeUndefined();
  });

  it('brings a changed setting into force with the next block', async () => {
    const ledger = await open();
    const fields = new Map([
      ['key', 'tx_count_limit'],
      ['value', '7'],
      ['enable_num', '2'],
    ]);
    const row = { key: rowsKey(CONFIG_TABLE, 'tx_count_limit'), value: encodeRows([{ id: 0, fields, block: 2 }]) };
    await put(stateKey(row.key), row.value);
    expect(ledger.systemConfig('tx_count_limit')).toBe('');
    await grow(ledger, new TestChain(suite, 1), 1);
    expect(ledger.systemConfig('tx_count_limit')).toBe('7');
  });

  it('finds the senders itself when they are not given, and stops on a signature that is none', async () => {
    const ledger = await open();
    const { block, changes, order } = new TestChain(suite, 3).next({ transactions: 1, changes: 1 });
    const key = new Uint8Array(32).fill(7);
    const fields = { nonce: 5n, gasPrice: 1n, gas: 1n, blockLimit: 9n, to: undefined, value: 0n };
    const more = { data: new Uint8Array(3), chainId: 1n, groupId: 1n, extraData: new Uint8Array(0) };
    const signed = signTransaction(suite, { ...fields, ...more }, key);
    await ledger.commit({ ...block, transactions: [signed.raw] }, changes, order, []);
    expect(ledger.blockByNumber(1)!.signedTransaction(0)).toEqual(signed);
    expect(ledger.noncesOf(1)).toEqual([5n]);

    const other = await open(TEST_GENESIS, openMemoryStore());
    const broken = signed.raw.slice();
    broken[broken.length - 1]! ^= 1;
    broken.fill(0xff, -32);
    await expect(other.commit({ ...block, transactions: [broken] }, changes, order, [])).rejects.toThrow(
      'ledger/transaction-signature',
    );
  });

  it('stops on anything but the next block with its own changes, and changes nothing', async () => {
    const ledger = await open();
    const chain = new TestChain(suite, 4);
    const one = chain.next({ transactions: 2, changes: 5 });
    const two = chain.next({ transactions: 2, changes: 5 });
    const { header } = one.block;
    const zero = new Uint8Array(32);
    const withHeader = (change: Partial<typeof header>): TestBlock => ({
      ...one,
      block: { ...one.block, header: { ...header, ...change } },
    });
    const wrong: Array<[string, TestBlock]> = [
      ['ledger/next-number', two],
      ['ledger/next-number', withHeader({ number: 0 })],
      ['ledger/parent-hash', withHeader({ parentHash: zero })],
      ['ledger/state-root', withHeader({ stateRoot: zero })],
      ['ledger/db-hash', withHeader({ dbHash: zero })],
      ['ledger/block-hash', withHeader({ timestampMs: 1 })],
      ['ledger/state-root', { ...one, changes: one.changes.slice(1) }],
      ['ledger/changes-sorted', { ...one, changes: one.changes.toReversed() }],
      ['ledger/changes-sorted', { ...one, changes: [one.changes[0]!, ...one.changes] }],
      ['ledger/receipt-count', { ...one, block: { ...one.block, receipts: one.block.receipts.slice(1) } }],
      ['ledger/signed-count', { ...one, signed: one.signed.slice(1) }],
      ['ledger/signed-transactions', { ...one, signed: one.signed.toReversed() }],
    ];
    for (const [code, block] of wrong) await expect(commit(ledger, block)).rejects.toThrow(code);
    const foreign = [{ key: HEAD_KEY, value: zero }];
    await expect(commit(ledger, one, foreign)).rejects.toThrow('ledger/consensus-keys-only');
    expect(ledger.head().number).toBe(0);

    const done = commit(ledger, one);
    await expect(commit(ledger, one)).rejects.toThrow('ledger/one-commit-at-a-time');
    await done;
    await expect(commit(ledger, one)).rejects.toThrow('ledger/next-number');
    await commit(ledger, two);
    expect(ledger.head().number).toBe(2);
  });

  it('stops for good when the disk fails, keeps answering, and opens whole', async () => {
    const disk = new CrashDisk();
    const failing = await disk.open({ failAtWrite: 3 });
    const ledger = await open(TEST_GENESIS, failing);
    const chain = new TestChain(suite, 5);
    const blocks = await grow(ledger, chain, 2);
    const three = chain.next({ transactions: 2, changes: 5 });
    await expect(commit(ledger, three)).rejects.toMatchObject({ code: 'storage/no-space' });
    await expect(commit(ledger, three)).rejects.toMatchObject({ code: 'ledger/stopped' });
    await expect(ledger.consensusStore.write([], { durable: true })).rejects.toMatchObject({ code: 'storage/failed' });
    expect(ledger.head().hash).toEqual(blocks[1]!.block.hash);
    expect(ledger.blockByNumber(2)!.receipts).toEqual(blocks[1]!.block.receipts);
    disk.losePower(0);
    const reopened = await open(TEST_GENESIS, await disk.open());
    expect(reopened.head().number).toBe(2);
    await commit(reopened, three);
    expect(reopened.head().number).toBe(3);
  });
});

describe('nonces', () => {
  it('stay at hand for the window and can be had from the blocks after it', async () => {
    const ledger = await open();
    const chain = new TestChain(suite, 6);
    const blocks = await grow(ledger, chain, NONCE_WINDOW_BLOCKS + 3, 1);
    expect(store.get(noncesKey(3))).toBeUndefined();
    expect(store.get(noncesKey(4))).toBeDefined();
    for (const number of [1, 3, 4, NONCE_WINDOW_BLOCKS + 3]) {
      expect(ledger.noncesOf(number)).toEqual(blocks[number - 1]!.signed.map(({ nonce }) => nonce));
    }
    expect(() => ledger.noncesOf(NONCE_WINDOW_BLOCKS + 4)).toThrow('ledger/nonces-of-stored-block');
  });

  it('come from the block when their record is damaged', async () => {
    const ledger = await open();
    const [one] = await grow(ledger, new TestChain(suite, 6), 1);
    await put(noncesKey(1), fromHex('00000009'));
    expect(ledger.noncesOf(1)).toEqual(one!.signed.map(({ nonce }) => nonce));
  });
});

describe('consensus records', () => {
  it('live beside the chain and go with the block that makes them obsolete', async () => {
    const ledger = await open();
    const chain = new TestChain(suite, 7);
    const records = ['safety', 'vote/1', 'vote/2', 'vote/20', 'votf'].map((key) => ({ key, value: utf8Bytes(key) }));
    await ledger.consensusStore.write(records, { durable: true });
    expect(ledger.consensusStore.get('vote/2')).toEqual(utf8Bytes('vote/2'));
    const listed = async (prefix: string): Promise<string[]> =>
      (await ledger.consensusStore.list(prefix)).map(({ key }) => key);
    expect(await listed('vote/')).toEqual(['vote/1', 'vote/2', 'vote/20']);
    expect(await listed('vote/2')).toEqual(['vote/2', 'vote/20']);
    expect(await listed('')).toEqual(['safety', 'vote/1', 'vote/2', 'vote/20', 'votf']);
    const obsolete = consensusOperations([
      { key: 'vote/1', value: undefined },
      { key: 'safety', value: utf8Bytes('new') },
    ]);
    await commit(ledger, chain.next({ transactions: 1, changes: 1 }), obsolete);
    expect(ledger.consensusStore.get('vote/1')).toBeUndefined();
    expect((await open()).consensusStore.get('safety')).toEqual(utf8Bytes('new'));
    expect(() => ledger.consensusStore.get('k\u00e9y')).toThrow('ledger/consensus-key-text');
    expect(() => ledger.consensusStore.get('k'.repeat(200))).toThrow('ledger/consensus-key-length');
  });
});

describe('opening', () => {
  it('refuses another chain and says how the two differ', async () => {
    await open();
    const other = await refusal({ ...TEST_GENESIS, gasLimit: 5_000_000n });
    expect(other.code).toBe('ledger/other-genesis');
    expect(other.message).toMatch(/Stored: 1-.*-300000000-3; configured: 1-.*-5000000-3/);
    expect((await refusal({ ...TEST_GENESIS, timestampMs: 1 })).code).toBe('ledger/other-genesis');
    expect((await refusal(TEST_GENESIS, await loadSuite('sm'))).code).toBe('ledger/other-suite');
    await open({ ...TEST_GENESIS, sealers: TEST_GENESIS.sealers.toReversed() });
  });

  it('refuses a store of something else, and one of another layout', async () => {
    await put(utf8Bytes('zebra'), utf8Bytes('x'));
    expect((await refusal()).code).toBe('ledger/not-a-ledger');
    await put(META_KEY, Uint8Array.of(3, 1, 2, 3));
    expect(await refusal()).toMatchObject({
      code: 'ledger/other-format',
      message: expect.stringContaining('layout 3'),
    });
  });

  it('names a disk that fails', async () => {
    await store.close();
    expect((await refusal()).code).toBe('storage/closed');
    store = await new CrashDisk().open({ failAtWrite: 0 });
    expect((await refusal()).code).toBe('storage/no-space');
  });

  it('refuses a chain whose end is damaged', async () => {
    const blocks = await grow(await open(), new TestChain(suite, 8), VERIFIED_TAIL_BLOCKS + 4);
    const head = blocks.at(-1)!;
    const { number } = head.block.header;
    const damages: Array<[string, Uint8Array, (value: Uint8Array) => Uint8Array | undefined]> = [
      ['no meta record', META_KEY, () => undefined],
      ['a short meta record', META_KEY, (value) => value.subarray(0, 20)],
      ['no head record', HEAD_KEY, () => undefined],
      ['a short head record', HEAD_KEY, (value) => value.subarray(1)],
      ['a head record of another block', HEAD_KEY, (value) => flip(value, 8)],
      ['a head record with another hash', HEAD_KEY, (value) => flip(value, 20)],
      ['a head record with another digest', HEAD_KEY, (value) => flip(value, 50)],
      ['no head block', blockKey(number), () => undefined],
      ['a head block of another number', blockKey(number), () => store.get(blockKey(number - 1))],
      ['a changed header', blockKey(number), (value) => flip(value, 60)],
      ['changed transactions', blockKey(number), (value) => flip(value, 1300)],
      ['changed receipts', blockKey(number), (value) => flip(value, value.length - 1)],
      ['no block within the checked end', blockKey(number - VERIFIED_TAIL_BLOCKS + 1), () => undefined],
      ['a changed block within the checked end', blockKey(number - 3), (value) => flip(value, 60)],
      ['no hash index', blockHashKey(number - 2), () => undefined],
      ['no hash index further back', blockHashKey(1), () => undefined],
      ['no hash index of genesis', blockHashKey(0), () => undefined],
      ['a wrong number index', blockNumberKey(head.block.hash), (value) => flip(value, 7)],
      ['a short number index', blockNumberKey(head.block.hash), (value) => value.subarray(1)],
    ];
    for (const [name, key, damage] of damages) {
      const value = store.get(key)!;
      await put(key, damage(value));
      const { code, message } = await refusal();
      expect([name, code]).toEqual([name, expect.stringMatching(/^ledger\/corrupt-(head|block)$/)]);
      expect(message).toMatch(/damaged|missing/);
      await put(key, value);
    }
    await open();
  });

  it('names damage further back when it comes to it', async () => {
    await grow(await open(), new TestChain(suite, 9), VERIFIED_TAIL_BLOCKS + 4);
    await put(blockKey(2), flip(store.get(blockKey(2))!, 60));
    await put(blockKey(3), undefined);
    const ledger = await open();
    await put(blockHashKey(2), undefined);
    const damaged = expect.objectContaining({ name: 'LedgerError', code: 'ledger/corrupt-block' });
    expect(() => ledger.blockByNumber(2)).toThrow(damaged);
    expect(() => ledger.blockByNumber(3)).toThrow(damaged);
    expect(() => ledger.hashByNumber(2)).toThrow(damaged);
    await put(transactionKey(new Uint8Array(32)), Uint8Array.of(1));
    expect(() => ledger.locate(new Uint8Array(32))).toThrow(damaged);
  });
});

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at]! ^= 1;
  return copy;
}

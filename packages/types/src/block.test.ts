import { concatBytes, EMPTY_BYTES, fromHex, toHex } from '@menglian/base/bytes';
import { decodeRlp, encodeRlp, type RlpItem, rlpInteger } from '@menglian/codec/rlp';
import { loadSuite } from '@menglian/crypto/loadSuite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZERO_ADDRESS } from './address.js';
import { type Block, decodeBlock, decodeReceipts, decodeSignatures, encodeBlock, sectionsOfBlock } from './block.js';
import { genesisHeader, genesisMark, type GenesisConfig } from './genesis.js';
import { type BlockHeader, decodeHeader, encodeHeader, headerHash } from './header.js';
import { MAX_HEADER_EXTRA_DATA_ITEMS, MAX_SEALERS } from './limits.js';
import { decodeTransactionTable, encodeTransactionTable } from './transactionTable.js';

const ecdsa = await loadSuite('ecdsa');
const sm = await loadSuite('sm');
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const u256 = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });

const arbitraryHeader: fc.Arbitrary<BlockHeader> = fc.record({
  parentHash: exactly(32),
  stateRoot: exactly(32),
  transactionsRoot: exactly(32),
  receiptsRoot: exactly(32),
  dbHash: exactly(32),
  logsBloom: exactly(256),
  number: fc.maxSafeNat(),
  gasLimit: u256,
  gasUsed: u256,
  timestampMs: fc.maxSafeNat(),
  extraData: fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 3 }),
  sealer: fc.maxSafeNat(),
  sealerList: fc.array(exactly(64).map(toHex), { maxLength: 5 }),
});

const arbitraryBlock: fc.Arbitrary<Block> = fc.record({
  header: arbitraryHeader,
  hash: exactly(32),
  transactions: fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 }),
  signatures: fc.array(fc.record({ index: fc.nat(100), signature: fc.oneof(exactly(65), exactly(128)) }), {
    maxLength: 5,
  }),
  receipts: fc.array(
    fc.record({
      stateRoot: exactly(32),
      gasUsed: u256,
      contractAddress: fc.constant(ZERO_ADDRESS),
      logsBloom: exactly(256),
      status: fc.nat(32),
      output: fc.uint8Array({ maxLength: 40 }),
      remainGas: u256,
      logs: fc.constant([{ address: ZERO_ADDRESS, topics: [new Uint8Array(32)], data: EMPTY_BYTES }]),
    }),
    { maxLength: 3 },
  ),
});

/** docs/formats.md, T3. */
const nodeId =
  '4ca3a91a4937355dba6a2e5fe76141479a1fc44e9caa86750092dab64e0b8382' +
  'f6b8476749c2d2de414350a54491620d38813d2a1442f524e36e3d9946109c4d';
const genesis: GenesisConfig = {
  groupId: 1,
  timestampMs: 1604909321000,
  sealers: [nodeId],
  consensusType: 'pbft',
  maxTransactions: 1000,
  consensusTimeoutSeconds: 3,
  gasLimit: 300_000_000n,
  epochSealerCount: 4,
  epochBlockCount: 1000,
  freeStorage: false,
  stateType: 'storage',
};

describe('genesis', () => {
  it('T3: mark and hashes', () => {
    expect(genesisMark(genesis)).toBe(`1-${nodeId},-pbft-storage-0-1000-300000000-3`);
    expect(toHex(headerHash(ecdsa, genesisHeader(genesis)))).toBe(
      '249f59e00beac8424a7821c4750fdd70c128f4ce795afbab53f345e9fce95d1a',
    );
    expect(toHex(headerHash(sm, genesisHeader(genesis)))).toBe(
      'ee812c2b6496db0857c79734cf43351107f4fafdd1aa36192c9e40152004f19b',
    );
  });

  it('mark sorts the sealers, and shows rotation and free storage', () => {
    const marked = genesisMark({ ...genesis, sealers: ['b', 'a', 'c'], consensusType: 'rpbft', freeStorage: true });
    expect(marked).toBe('1-a,b,c,-rpbft-storage-9223372036854775808-1000-300000000-4-1000-3');
    expect(genesisMark({ ...genesis, sealers: ['b', 'a'] })).toBe(genesisMark({ ...genesis, sealers: ['a', 'b'] }));
  });
});

describe('headers', () => {
  const block1: BlockHeader = {
    parentHash: headerHash(ecdsa, genesisHeader(genesis)),
    stateRoot: new Uint8Array(32),
    transactionsRoot: fromHex('b880b08df3b43a9ffc334d7a526522b33e004ef95403d61d76454b6085b9b2f1'),
    receiptsRoot: fromHex('69a04fa6073e4fc0947bac7ee6990e788d1e2c5ec0fe6c2436d0892e7f3c09d2'),
    dbHash: new Uint8Array(32),
    logsBloom: new Uint8Array(256),
    number: 1,
    gasLimit: 0n,
    gasUsed: 0n,
    timestampMs: 0x175ac38cf10,
    extraData: [],
    sealer: 0,
    sealerList: [nodeId],
  };

  it('T4: block 1', () => {
    expect(toHex(headerHash(ecdsa, block1))).toBe('fa639d1454362a8cdfcab1ca1948a5defaf7048b28f67e80780ab1e24e8f8c59');
  });

  it('come back as they were encoded', () => {
    fc.assert(
      fc.property(arbitraryHeader, (header) => {
        expect(decodeHeader(encodeHeader(header))).toEqual({ ok: true, value: header });
      }),
    );
  });

  it.each<[string, (items: readonly RlpItem[]) => RlpItem, string]>([
    ['twelve items', (items) => items.slice(0, 12), 'MissingItem'],
    ['fourteen items', (items) => [...items, EMPTY_BYTES], 'TooManyItems'],
    ['a hash of 31 bytes', (items) => items.with(0, new Uint8Array(31)), 'WrongLength'],
    ['a number beyond 2^53', (items) => items.with(6, rlpInteger(2n ** 53n)), 'IntegerTooLarge'],
    ['a node id of 65 bytes', (items) => items.with(12, [new Uint8Array(65)]), 'WrongLength'],
    ['a sealer list as a string', (items) => items.with(12, EMPTY_BYTES), 'WrongKind'],
    ['too many sealers', (items) => items.with(12, sealersOf(MAX_SEALERS + 1)), 'TooManyItems'],
    ['too much extra data', (items) => items.with(10, sealersOf(MAX_HEADER_EXTRA_DATA_ITEMS + 1)), 'TooManyItems'],
  ])('refuse %s', (_name, change, reason) => {
    const items = decodeRlp(encodeHeader(block1));
    if (!items.ok || items.value instanceof Uint8Array) throw new Error('not a list');
    expect(decodeHeader(encodeRlp(change(items.value)))).toEqual({ ok: false, reason });
  });

  function sealersOf(count: number): RlpItem {
    return Array.from({ length: count }, () => new Uint8Array(64));
  }
});

describe('transaction tables', () => {
  it('are little-endian offsets, then the transactions', () => {
    const table = encodeTransactionTable([fromHex('aabb'), fromHex('cc')]);
    expect(toHex(table)).toBe('02000000 00000000 02000000 03000000 aabbcc'.replaceAll(' ', ''));
    expect(encodeTransactionTable([])).toEqual(EMPTY_BYTES);
    expect(decodeTransactionTable(EMPTY_BYTES)).toEqual({ ok: true, value: [] });
  });

  it.each([
    ['seven bytes', '02000000000000', 'TableTooShort'],
    ['no transactions', '0000000000000000', 'TableTooShort'],
    ['no transactions, and more', '000000000000000000000000', 'BadOffsets'],
    ['a count without its offsets', 'ffff000000000000ffffffff', 'TableTooShort'],
    ['a count beyond all limits', 'ffffffff00000000ffffffff', 'TooManyTransactions'],
    ['a first offset of 1', '010000000100000002000000aabb', 'BadOffsets'],
    ['an empty transaction', '02000000000000000000000001000000aa', 'BadOffsets'],
    ['offsets that descend', '02000000000000000200000001000000aabb', 'BadOffsets'],
    ['an offset beyond the data', '010000000000000003000000aabb', 'BadOffsets'],
    ['bytes after the last offset', '010000000000000001000000aabb', 'BadOffsets'],
  ])('refuse %s', (_name, hex, reason) => {
    expect(decodeTransactionTable(fromHex(hex))).toEqual({ ok: false, reason });
  });
});

describe('blocks', () => {
  it('come back as they were encoded, whole and in sections', () => {
    fc.assert(
      fc.property(arbitraryBlock, (block) => {
        const bytes = encodeBlock(block);
        expect(decodeBlock(bytes)).toEqual({ ok: true, value: block });
        const sections = sectionsOfBlock(bytes);
        if (!sections.ok) throw new Error(sections.reason);
        expect(sections.value.hash).toEqual(block.hash);
        expect(decodeHeader(sections.value.header)).toEqual({ ok: true, value: block.header });
        expect(decodeTransactionTable(sections.value.transactionTable)).toEqual({
          ok: true,
          value: block.transactions,
        });
        expect(decodeSignatures(sections.value.signatures)).toEqual({ ok: true, value: block.signatures });
        expect(decodeReceipts(sections.value.receipts)).toEqual({ ok: true, value: block.receipts });
      }),
      { numRuns: 50 },
    );
  });

  it.each<[string, (items: readonly RlpItem[]) => RlpItem, string]>([
    ['four items', (items) => items.slice(0, 4), 'MissingItem'],
    ['six items', (items) => [...items, []], 'TooManyItems'],
    ['a string as header', (items) => items.with(0, EMPTY_BYTES), 'WrongKind'],
    ['a list as transactions', (items) => items.with(1, []), 'WrongKind'],
    ['a broken table', (items) => items.with(1, new Uint8Array(13)), 'BadOffsets'],
    ['a hash of 33 bytes', (items) => items.with(2, new Uint8Array(33)), 'WrongLength'],
    ['a signature too long', (items) => items.with(3, [[EMPTY_BYTES, new Uint8Array(129)]]), 'WrongLength'],
    ['a signature without index', (items) => items.with(3, [[new Uint8Array(5).fill(1)]]), 'MissingItem'],
    ['a string as receipts', (items) => items.with(4, EMPTY_BYTES), 'WrongKind'],
    ['an empty receipt', (items) => items.with(4, [[]]), 'MissingItem'],
  ])('refuse %s', (_name, change, reason) => {
    const header = genesisHeader(genesis);
    const bytes = encodeBlock({
      header,
      hash: headerHash(ecdsa, header),
      transactions: [],
      signatures: [],
      receipts: [],
    });
    const items = decodeRlp(bytes);
    if (!items.ok || items.value instanceof Uint8Array) throw new Error('not a list');
    expect(decodeBlock(encodeRlp(change(items.value)))).toEqual({ ok: false, reason });
    expect(decodeBlock(concatBytes(bytes, bytes))).toEqual({ ok: false, reason: 'OversizeRLP' });
  });
});

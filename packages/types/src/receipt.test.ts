import { concatBytes, fromHex, toHex } from '@menglian/base/bytes';
import { errorString } from '@menglian/codec/abi';
import { decodeRlp, encodeRlp, type RlpItem, rlpInteger } from '@menglian/codec/rlp';
import { loadSuite } from '@menglian/crypto/loadSuite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZERO_ADDRESS } from './address.js';
import { bloomOf } from './bloom.js';
import { merkleRoot } from './merkle.js';
import { decodeReceipt, encodeReceipt, type Receipt, receiptHash } from './receipt.js';
import { statusName, TransactionStatus } from './status.js';

const suite = await loadSuite('ecdsa');
const u256 = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

const arbitraryReceipt: fc.Arbitrary<Receipt> = fc.record({
  stateRoot: exactly(32),
  gasUsed: u256,
  contractAddress: exactly(20).map(toHex),
  logsBloom: exactly(256),
  status: fc.maxSafeNat(),
  output: fc.uint8Array({ maxLength: 200 }),
  remainGas: u256,
  logs: fc.array(
    fc.record({
      address: exactly(20).map(toHex),
      topics: fc.array(exactly(32), { maxLength: 4 }),
      data: fc.uint8Array({ maxLength: 100 }),
    }),
    { maxLength: 5 },
  ),
});

/** The receipt of docs/formats.md, T4: a call to an address without code. */
const receipt: Receipt = {
  stateRoot: new Uint8Array(32),
  gasUsed: 0x5798n,
  contractAddress: ZERO_ADDRESS,
  logsBloom: new Uint8Array(256),
  status: TransactionStatus.CallAddressError,
  output: errorString((data) => suite.hash(data), 'Error address:8c17cf316c1063ab6c89df875e96c9f0f5b2f744'),
  remainGas: 0n,
  logs: [],
};

describe('receipts', () => {
  it('come back as they were encoded', () => {
    fc.assert(
      fc.property(arbitraryReceipt, (value) => {
        expect(decodeReceipt(encodeReceipt(value))).toEqual({ ok: true, value });
      }),
    );
  });

  it('T4: make the receipts root of a block of one', () => {
    const root = (hash: Uint8Array) => toHex(merkleRoot(suite, [hash]));
    const hash = receiptHash(suite, receipt);
    expect(root(hash)).toBe('b1c98bece47e39fc28351c6bab4a6ed3ee9308ef27a344197e932b7897f25e11');
    // The recorded chain was of a version before 2.9.0, whose receipts have no remainGas.
    const items = decodeRlp(encodeReceipt(receipt));
    if (!items.ok || items.value instanceof Uint8Array) throw new Error('not a list');
    const older = suite.hash(encodeRlp(items.value.toSpliced(6, 1)));
    expect(root(older)).toBe('69a04fa6073e4fc0947bac7ee6990e788d1e2c5ec0fe6c2436d0892e7f3c09d2');
  });

  it.each<[string, (items: readonly RlpItem[]) => RlpItem, string]>([
    ['seven items', (items) => items.slice(0, 7), 'MissingItem'],
    ['nine items', (items) => [...items, []], 'TooManyItems'],
    ['an address of no bytes', (items) => items.with(2, new Uint8Array(0)), 'WrongLength'],
    ['a bloom of 255 bytes', (items) => items.with(3, new Uint8Array(255)), 'WrongLength'],
    ['a status beyond 2^53', (items) => items.with(4, rlpInteger(2n ** 53n)), 'IntegerTooLarge'],
    ['gas with a leading zero', (items) => items.with(1, new Uint8Array([0, 1])), 'LeadingZero'],
    ['logs as a string', (items) => items.with(7, new Uint8Array(0)), 'WrongKind'],
    ['a log of two items', (items) => items.with(7, [[new Uint8Array(20), []]]), 'MissingItem'],
    [
      'five topics',
      (items) => items.with(7, [[new Uint8Array(20), Array.from({ length: 5 }, () => new Uint8Array(32)), []]]),
      'TooManyItems',
    ],
    ['a topic of 31 bytes', (items) => items.with(7, [[new Uint8Array(20), [new Uint8Array(31)], []]]), 'WrongLength'],
  ])('refuse %s', (_name, change, reason) => {
    const items = decodeRlp(encodeReceipt(receipt));
    if (!items.ok || items.value instanceof Uint8Array) throw new Error('not a list');
    expect(decodeReceipt(encodeRlp(change(items.value)))).toEqual({ ok: false, reason });
  });
});

describe('bloomOf', () => {
  it('sets the bits of address and topics', () => {
    // The three bits of keccak-256 of twenty zero bytes, 5380c7b7ae81…: the words 5380, c7b7, ae81 modulo 2048.
    const bloom = bloomOf(suite, [{ address: ZERO_ADDRESS, topics: [], data: fromHex('ff') }]);
    const bits = [0x5380, 0xc7b7, 0xae81].map((word) => word % 2048);
    const expected = new Uint8Array(256);
    for (const bit of bits) expected[255 - Math.floor(bit / 8)]! |= 2 ** (bit % 8);
    expect(bloom).toEqual(expected);
    expect(bloomOf(suite, [])).toEqual(new Uint8Array(256));
  });

  it('of several logs is the union', () => {
    const log = (byte: number) => ({
      address: toHex(new Uint8Array(20).fill(byte)),
      topics: [new Uint8Array(32).fill(byte)],
      data: new Uint8Array(0),
    });
    const [a, b] = [bloomOf(suite, [log(1)]), bloomOf(suite, [log(2)])];
    expect(bloomOf(suite, [log(1), log(2)])).toEqual(a.map((byte, index) => byte | b[index]!));
    expect(concatBytes(a, b).some((byte) => byte !== 0)).toBe(true);
  });
});

describe('statusName', () => {
  it('names what clients know', () => {
    expect([0, 16, 26, 32, 10001, 10006].map(statusName)).toEqual([
      'None',
      'BlockLimitCheckFail',
      'CallAddressError',
      'NotEnoughRemainGas',
      'AlreadyInChain',
      'OverGroupMemoryLimit',
    ]);
    expect(statusName(14)).toBe('StackUnderflow');
    expect(statusName(TransactionStatus.AlreadyKnown)).toBe('StackUnderflow');
    expect(statusName(33)).toBe('Unknown');
  });
});

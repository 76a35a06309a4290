import { concatBytes, EMPTY_BYTES, fromHex, toBigInt, toHex } from '@menglian/base/bytes';
import { encodeRlp, type RlpItem, rlpInteger } from '@menglian/codec/rlp';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOfPublicKey } from './address.js';
import { MAX_TRANSACTION_BYTES } from './limits.js';
import {
  decodeLegacyTransaction,
  decodeTransaction,
  decodeTransactions,
  encodeUnsigned,
  signatureOf,
  signTransaction,
  type TransactionFields,
  type UncheckedTransaction,
  verifyTransaction,
} from './transaction.js';

const ecdsa = await loadSuite('ecdsa');
const sm = await loadSuite('sm');
const privateKey = fromHex('0e8e842b344877663c6380ce4aa32d836ef2056598ccd81118e00ef6068ba3f4');
const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const fields: TransactionFields = {
  nonce: 7n,
  gasPrice: 1n,
  gas: 30_000n,
  blockLimit: 500n,
  to: '5002'.padStart(40, '0'),
  value: 0n,
  data: fromHex('e555f3d9'),
  chainId: 1n,
  groupId: 1n,
  extraData: EMPTY_BYTES,
};

/** The thirteen items of `fields` signed with `privateKey`. */
function signedItems(suite: CryptoSuite, changed: Partial<TransactionFields> = {}): RlpItem[] {
  const all = { ...fields, ...changed };
  const signature = signatureOf(suite, signTransaction(suite, all, privateKey));
  const [r, s] = [toBigInt(signature.subarray(0, 32)), toBigInt(signature.subarray(32, 64))];
  return [
    ...[all.nonce, all.gasPrice, all.gas, all.blockLimit].map(rlpInteger),
    all.to === undefined ? EMPTY_BYTES : fromHex(all.to),
    rlpInteger(all.value),
    all.data,
    ...[all.chainId, all.groupId].map(rlpInteger),
    all.extraData,
    suite.name === 'sm' ? signature.subarray(64) : rlpInteger(27 + signature[64]!),
    rlpInteger(r),
    rlpInteger(s),
  ];
}

function withItem(items: readonly RlpItem[], index: number, item: RlpItem): RlpItem[] {
  return items.map((original, place) => (place === index ? item : original));
}

function decodeItems(suite: CryptoSuite, items: RlpItem) {
  return decodeTransaction(suite, encodeRlp(items));
}

function mustDecode(suite: CryptoSuite, bytes: Uint8Array): UncheckedTransaction {
  const decoded = decodeTransaction(suite, bytes);
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.value;
}

const u256 = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
const arbitraryFields: fc.Arbitrary<TransactionFields> = fc.record({
  nonce: u256,
  gasPrice: u256,
  gas: u256,
  blockLimit: u256,
  to: fc.option(fc.uint8Array({ minLength: 20, maxLength: 20 }).map(toHex), { nil: undefined }),
  value: u256,
  data: fc.uint8Array({ maxLength: 300 }),
  chainId: u256,
  groupId: u256,
  extraData: fc.uint8Array({ maxLength: 80 }),
});

describe.each([ecdsa, sm])('transactions of suite $name', (suite) => {
  it('come back as they were signed', () => {
    fc.assert(
      fc.property(arbitraryFields, (signedFields) => {
        const signed = signTransaction(suite, signedFields, privateKey);
        const decoded = mustDecode(suite, signed.raw);
        expect(decoded).toMatchObject(signedFields);
        expect(decoded.signingHash).toEqual(suite.hash(encodeUnsigned(signedFields)));
        expect(verifyTransaction(suite, decoded)).toEqual(signed);
        expect(signed.sender).toBe(addressOfPublicKey(suite, suite.publicKey(privateKey)));
      }),
      { numRuns: 30 },
    );
  });

  it('have no sender once anything signed is changed', () => {
    const { sender } = signTransaction(suite, fields, privateKey);
    const items = signedItems(suite);
    for (const [index, item] of items.entries()) {
      if (index === 4 || index >= 10) continue;
      const changed = mustDecode(
        suite,
        encodeRlp(withItem(items, index, concatBytes(item as Uint8Array, privateKey.subarray(0, 1)))),
      );
      expect(verifyTransaction(suite, changed)?.sender).not.toBe(sender);
    }
  });

  it('keep their signature in their encoding', () => {
    for (const changed of [{}, { to: undefined, extraData: privateKey }]) {
      const raw = encodeRlp(signedItems(suite, changed));
      const decoded = mustDecode(suite, raw);
      expect(signatureOf(suite, verifyTransaction(suite, decoded)!)).toEqual(decoded.signature);
    }
  });

  it('of a batch come out as each does alone, whatever else is in it and whichever hashes are known', () => {
    const odd = withItem(signedItems(suite, { to: undefined }), 4, []);
    const samples = [
      signedItems(suite),
      signedItems(suite, { nonce: 8n, data: new Uint8Array(5000).fill(1) }),
      signedItems(suite, { nonce: 9n, data: new Uint8Array(200_000).fill(2) }),
      odd,
      [...odd, rlpInteger(1)],
      signedItems(suite).slice(1),
      withItem(signedItems(suite), 3, Uint8Array.of(0, 1)),
    ].map(encodeRlp);
    fc.assert(
      fc.property(fc.array(fc.nat(samples.length - 1), { maxLength: 30 }), fc.boolean(), (picks, areKnown) => {
        const raws = picks.map((pick) => samples[pick]!);
        const hashes = raws.map((raw) => suite.hash(raw));
        const known = areKnown ? hashes.map((hash) => ({ hash, id: toHex(hash) })) : undefined;
        const single = raws.map((raw) => decodeTransaction(suite, raw));
        expect(decodeTransactions(suite, raws, known)).toEqual(single);
        for (const one of single) {
          if (!one.ok) continue;
          expect(toHex(one.value.hash)).toBe(toHex(suite.hash(one.value.raw)));
          expect(one.value.id).toBe(toHex(one.value.hash));
          expect(toHex(one.value.signingHash)).toBe(toHex(suite.hash(encodeUnsigned(one.value))));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('are hashed without the items after the thirteenth', () => {
    const plain = mustDecode(suite, encodeRlp(signedItems(suite)));
    const surplus = mustDecode(suite, encodeRlp([...signedItems(suite), rlpInteger(1), [[], EMPTY_BYTES]]));
    expect(surplus).toEqual(plain);
  });

  it('take an empty list as to for a deployment', () => {
    const items = signedItems(suite, { to: undefined });
    const plain = mustDecode(suite, encodeRlp(items));
    expect(mustDecode(suite, encodeRlp(withItem(items, 4, [])))).toEqual(plain);
    expect(plain.to).toBe(undefined);
  });

  it('take a list as extraData for none', () => {
    const items = signedItems(suite);
    const plain = mustDecode(suite, encodeRlp(items));
    const odd = mustDecode(suite, encodeRlp(withItem(items, 9, [rlpInteger(1), []])));
    expect(odd).toEqual(plain);
    expect(verifyTransaction(suite, odd)).toBeDefined();
  });

  it('with all three oddities have the hash of the plain form', () => {
    const items = signedItems(suite, { to: undefined });
    const odd = withItem(withItem(items, 4, []), 9, [privateKey]);
    expect(mustDecode(suite, encodeRlp([...odd, []]))).toEqual(mustDecode(suite, encodeRlp(items)));
  });

  it.each<[string, (items: RlpItem[]) => RlpItem, string]>([
    ['a string', () => privateKey, 'InvalidFormat'],
    ['twelve items', (items) => items.slice(0, 12), 'InvalidFormat'],
    ['no items', () => [], 'InvalidFormat'],
    ['an integer with a leading zero', (items) => withItem(items, 0, new Uint8Array([0, 7])), 'BadCast'],
    ['zero as a byte', (items) => withItem(items, 5, new Uint8Array([0])), 'BadCast'],
    ['an integer of 257 bits', (items) => withItem(items, 2, rlpInteger(2n ** 256n)), 'BadCast'],
    ['a list as integer', (items) => withItem(items, 3, []), 'BadCast'],
    ['a to of 19 bytes', (items) => withItem(items, 4, new Uint8Array(19)), 'BadCast'],
    ['a to of 21 bytes', (items) => withItem(items, 4, new Uint8Array(21)), 'BadCast'],
    ['a filled list as to', (items) => withItem(items, 4, [EMPTY_BYTES]), 'BadCast'],
    ['a list as data', (items) => withItem(items, 6, []), 'BadCast'],
    ['r with a leading zero', (items) => withItem(items, 11, new Uint8Array([0, 1])), 'BadCast'],
    ['s with a leading zero', (items) => withItem(items, 12, new Uint8Array([0, 1])), 'BadCast'],
    ['r of 33 bytes', (items) => withItem(items, 11, new Uint8Array(33).fill(1)), 'BadCast'],
    ['a list as r', (items) => withItem(items, 11, []), 'BadCast'],
    ['a list in the place of v', (items) => withItem(items, 10, []), 'BadCast'],
    [
      'more bytes than a transaction may have',
      (items) => withItem(items, 6, new Uint8Array(MAX_TRANSACTION_BYTES)),
      'TooLarge',
    ],
  ])('refuse %s', (_name, change, reason) => {
    expect(decodeItems(suite, change(signedItems(suite)))).toEqual({ ok: false, reason });
  });

  it('refuse bytes after the list, bytes missing, long forms of short lengths', () => {
    const raw = encodeRlp(signedItems(suite));
    expect(decodeTransaction(suite, concatBytes(raw, raw))).toEqual({ ok: false, reason: 'OversizeRLP' });
    expect(decodeTransaction(suite, EMPTY_BYTES)).toEqual({ ok: false, reason: 'UndersizeRLP' });
    for (let length = 0; length < raw.length; length++) {
      expect(decodeTransaction(suite, raw.subarray(0, length))).toEqual({ ok: false, reason: 'UndersizeRLP' });
    }
    expect(decodeTransaction(suite, fromHex('1234'))).toEqual({ ok: false, reason: 'OversizeRLP' });
    expect(decodeTransaction(suite, fromHex('c3810701'))).toEqual({ ok: false, reason: 'BadRLP' });
    // A surplus item is dropped, but not unread.
    expect(decodeItems(suite, [...signedItems(suite), fromHex('00')]).ok).toBe(true);
  });

  it('of the legacy form have neither chain nor group', () => {
    const unsigned = signedItems(suite).slice(0, 7);
    const signature = suite.sign(suite.hash(encodeRlp(unsigned)), privateKey);
    const bytes = encodeRlp([
      ...unsigned,
      suite.name === 'sm' ? signature.subarray(64) : rlpInteger(27 + signature[64]!),
      rlpInteger(toBigInt(signature.subarray(0, 32))),
      rlpInteger(toBigInt(signature.subarray(32, 64))),
    ]);
    const decoded = decodeLegacyTransaction(suite, bytes);
    if (!decoded.ok) throw new Error(decoded.reason);
    expect(decoded.value).toMatchObject({ ...fields, chainId: 0n, groupId: 0n });
    expect(decoded.value.hash).toEqual(suite.hash(bytes));
    expect(verifyTransaction(suite, decoded.value)?.sender).toBe(
      addressOfPublicKey(suite, suite.publicKey(privateKey)),
    );
    expect(decodeTransaction(suite, bytes).ok).toBe(false);
  });
});

describe('transactions of suite ecdsa', () => {
  it.each([0, 1, 26, 29, 37, 38, 255, 256 + 27])('refuse v of %i', (v) => {
    const items = withItem(signedItems(ecdsa), 10, rlpInteger(v));
    expect(decodeItems(ecdsa, items)).toEqual({ ok: false, reason: 'InvalidSignature' });
  });

  it('with s above n/2 have no sender', () => {
    const items = signedItems(ecdsa);
    const s = SECP256K1_ORDER - toBigInt(items[12] as Uint8Array);
    const flipped = rlpInteger(55 - (items[10] as Uint8Array)[0]!);
    const decoded = mustDecode(ecdsa, encodeRlp(withItem(withItem(items, 12, rlpInteger(s)), 10, flipped)));
    expect(verifyTransaction(ecdsa, decoded)).toBe(undefined);
  });

  it('with r or s of zero have no sender', () => {
    for (const index of [11, 12]) {
      const decoded = mustDecode(ecdsa, encodeRlp(withItem(signedItems(ecdsa), index, EMPTY_BYTES)));
      expect(verifyTransaction(ecdsa, decoded)).toBe(undefined);
    }
  });

  it('T1: a transaction of an ordinary chain', () => {
    const transaction = mustDecode(
      ecdsa,
      fromHex(
        'f8d3a003922ee720bb7445e3a914d8ab8f507d1a647296d563100e49548d83fd98865c8411e1a3008411e1a3008201f894d6c8a04b' +
          '8826b0a37c6d4aa0eaa8644d8e35b79f80a466c9913900000000000000000000000000000000000000000000000000000000' +
          '000000040101a466c9913900000000000000000000000000000000000000000000000000000000000000041ba08e0d3fae10' +
          '412c584c977721aeda88df932b2a019f084feda1e0a42d199ea979a016c387f79eb85078be5db40abe1670b8b480a12c7eab' +
          '719bedee212b7972f775',
      ),
    );
    expect(toHex(transaction.signingHash)).toBe('e50ba1bfe517c0fcb0b376af27d49e2ad534ed57e8320e5a00a3d8124478a4d3');
    expect(toHex(transaction.hash)).toBe('0accad4228274b0d78939f48149767883a6e99c95941baa950156e926f1c96ba');
    expect(verifyTransaction(ecdsa, transaction)?.sender).toBe('148947262ec5e21739fe3a931c29e8b84ee34a0f');
    expect(transaction.extraData).toEqual(transaction.data);
  });
});

describe('transactions of suite sm', () => {
  it('T2: a transaction of an SM chain', () => {
    const transaction = mustDecode(
      sm,
      fromHex(
        'f90114a003eebc46c9c0e3b84799097c5a6ccd6657a9295c11270407707366d0750fcd598411e1a30084b2d05e008201f594bab78c' +
          'ea98af2320ad4ee81bba8a7473e0c8c48d80a48fff0fc4000000000000000000000000000000000000000000000000000000' +
          '00000000040101a48fff0fc40000000000000000000000000000000000000000000000000000000000000004b8408234c544' +
          'a9f3ce3b401a92cc7175602ce2a1e29b1ec135381c7d2a9e8f78f3edc9c06ee55252857c9a4560cb39e9d70d40f4331cace4' +
          'd2b3121b967fa7a829f0a00f16d87c5065ad5c3b110ef0b97fe9a67b62443cb8ddde60d4e001a64429dc6ea03d2569e0449e' +
          '9a900c236541afb9d8a8d5e1a36844439c7076f6e75ed624256f',
      ),
    );
    expect(toHex(transaction.signingHash)).toBe('7d195202f346568753cc7d561beda7a3027c876881f6139a027e9b7321c7cf4c');
    expect(toHex(transaction.hash)).toBe('e1054f38907ab3bef251caf8cbd8b25e779a40445b8dd4fcf15fce917d3e4ebe');
    expect(verifyTransaction(sm, transaction)?.sender).toBe('1a3fc157bd47c3fc2e260b34abbf481730d0f80f');
  });

  it('take a public key without its leading zero byte and hash it whole', () => {
    const items = signedItems(sm);
    const key = concatBytes(new Uint8Array(1), (items[10] as Uint8Array).subarray(1));
    const whole = mustDecode(sm, encodeRlp(withItem(items, 10, key)));
    expect(mustDecode(sm, encodeRlp(withItem(items, 10, key.subarray(1))))).toEqual(whole);
  });

  it('refuse a public key with a prefix, find no sender for a short one', () => {
    const items = signedItems(sm);
    const prefixed = concatBytes(new Uint8Array([4]), items[10] as Uint8Array);
    expect(decodeItems(sm, withItem(items, 10, prefixed))).toEqual({ ok: false, reason: 'BadCast' });
    const compressed = prefixed.subarray(0, 33);
    expect(verifyTransaction(sm, mustDecode(sm, encodeRlp(withItem(items, 10, compressed))))).toBe(undefined);
    expect(verifyTransaction(sm, mustDecode(sm, encodeRlp(signedItems(ecdsa))))).toBe(undefined);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, fromHex, toByteString, toHex } from '@menglian/base/bytes';
import {
  type AccountRecord,
  accountKey,
  codeKey,
  decodeAccount,
  decodeRows,
  decodeStorageWord,
  encodeAccount,
  encodeChangedRow,
  encodeRows,
  encodeStorageWord,
  type Row,
  rowsKey,
  statePlace,
  storageKey,
} from './stateRecords.js';

const CORRUPT = expect.objectContaining({ name: 'LedgerError', code: 'ledger/corrupt-state' });

const byteString = (maxLength: number): fc.Arbitrary<string> => fc.uint8Array({ maxLength }).map(toByteString);
const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(toHex);
const word = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });

const account: fc.Arbitrary<AccountRecord> = fc.record({
  codeHash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  creationCount: word,
  frozen: fc.boolean(),
  managers: fc.array(address, { maxLength: 4 }),
  remainGas: fc.option(word, { nil: undefined }),
  destroyed: fc.boolean(),
});

const rows: fc.Arbitrary<Row[]> = fc
  .array(
    fc.record({
      fields: fc.array(fc.tuple(byteString(6), byteString(40)), { maxLength: 5 }).map((fields) => new Map(fields)),
      block: fc.nat(),
      gap: fc.nat({ max: 1000 }),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((list) => {
    let id = -1;
    return list.map(({ fields, block, gap }) => ({ id: (id += 1 + gap), fields, block }));
  });

describe('state keys', () => {
  const a = 'aa'.repeat(20);

  it('are fixed text, because they enter the state digest', () => {
    expect(toHex(accountKey(a))).toBe(`61${a}`);
    expect(toHex(codeKey(fromHex('cc'.repeat(32))))).toBe(`63${'cc'.repeat(32)}`);
    expect(toHex(storageKey(a, 0x0102n))).toBe(`73${a}${'00'.repeat(30)}0102`);
    expect(toHex(storageKey(a, 2n ** 256n - 1n))).toBe(`73${a}${'ff'.repeat(32)}`);
    expect(toHex(rowsKey('u_t', 'k\u00ff'))).toBe('7203755f746bff');
    expect(toHex(rowsKey('', ''))).toBe('7200');
    expect(toHex(rowsKey('t'.repeat(255), 'k'))).toBe(`72ff000000ff${'74'.repeat(255)}6b`);
  });

  it('differ for different tables and keys, whatever their lengths', () => {
    const name = fc.oneof(byteString(4), byteString(300), fc.constantFrom('a', 'aa', 'a'.repeat(254), 'a'.repeat(255)));
    fc.assert(
      fc.property(fc.tuple(name, name), fc.tuple(name, name), ([table, key], [otherTable, otherKey]) => {
        const isSame = table === otherTable && key === otherKey;
        expect(compareBytes(rowsKey(table, key), rowsKey(otherTable, otherKey)) === 0).toBe(isSame);
      }),
    );
    expect(toHex(rowsKey('ab', 'c'))).not.toBe(toHex(rowsKey('a', 'bc')));
  });
});

describe('storage words', () => {
  it('come back, and zero is absence', () => {
    fc.assert(
      fc.property(word, (value) => {
        const bytes = encodeStorageWord(value);
        expect(bytes === undefined ? 0n : decodeStorageWord(bytes)).toBe(value);
      }),
    );
    expect(encodeStorageWord(0n)).toBeUndefined();
    expect(encodeStorageWord(1n)).toEqual(Uint8Array.of(1));
  });

  it('have one encoding', () => {
    for (const hex of ['', '00', '0001', 'ff'.repeat(33)]) {
      expect(() => decodeStorageWord(fromHex(hex))).toThrow(CORRUPT);
    }
  });
});

describe('accounts', () => {
  it('come back', () => {
    fc.assert(
      fc.property(account, (record) => {
        expect(decodeAccount(encodeAccount(record))).toEqual(record);
      }),
    );
  });

  it('have one encoding: whatever decodes encodes to the same bytes', () => {
    fc.assert(
      fc.property(mutated(account.map(encodeAccount)), (bytes) => sameOrCorrupt(bytes, decodeAccount, encodeAccount)),
    );
  });

  it('are fixed text, because they enter the state digest', () => {
    const record = {
      codeHash: new Uint8Array(32).fill(0xcc),
      creationCount: 258n,
      frozen: true,
      managers: ['bb'.repeat(20)],
      remainGas: 7n,
      destroyed: false,
    };
    expect(toHex(encodeAccount(record))).toBe(`0105${'cc'.repeat(32)}02010200000001${'bb'.repeat(20)}0107`);
  });
});

describe('places of state keys', () => {
  it('come back', () => {
    fc.assert(
      fc.property(address, word, byteString(600), byteString(20), (of, slot, table, key) => {
        expect(statePlace(accountKey(of))).toEqual({ kind: 'account', address: of });
        expect(statePlace(storageKey(of, slot))).toEqual({ kind: 'slot', address: of, slot });
        expect(statePlace(rowsKey(table, key))).toEqual({ kind: 'rows', table, key });
      }),
    );
    const codeHash = new Uint8Array(32).fill(7);
    expect(statePlace(codeKey(codeHash))).toEqual({ kind: 'code', codeHash });
  });
});

describe('table rows', () => {
  it('come back', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const decoded = decodeRows(encodeRows(list));
        expect(decoded.map((row) => ({ ...row, fields: sorted(row) }))).toEqual(
          list.map((row) => ({ ...row, fields: sorted(row) })),
        );
      }),
    );
  });

  it('do not depend on the order in which fields were set', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const turned = list.map((row) => ({ ...row, fields: new Map([...row.fields].toReversed()) }));
        expect(encodeRows(turned)).toEqual(encodeRows(list));
      }),
    );
  });

  it('have one encoding: whatever decodes encodes to the same bytes', () => {
    fc.assert(fc.property(mutated(rows.map(encodeRows)), (bytes) => sameOrCorrupt(bytes, decodeRows, encodeRows)));
  });

  it('are the same bytes whether a changed row is made or only its change is known', () => {
    fc.assert(
      fc.property(rows, byteString(80), fc.nat(), ([row], text, block) => {
        for (const field of row!.fields.keys()) {
          const changed = { ...row!, fields: new Map(row!.fields).set(field, text), block };
          expect(encodeChangedRow(row!, field, text, block)).toEqual(encodeRows([changed]));
        }
      }),
    );
  });

  it('tell an empty field from an absent one', () => {
    const list = [
      { id: 0, block: 1, fields: new Map([['a', '']]) },
      { id: 3, block: 2, fields: new Map([['b', 'x']]) },
    ];
    expect(decodeRows(encodeRows(list))).toEqual(list);
  });

  it('are fixed text, because they enter the state digest', () => {
    const list = [
      {
        id: 2,
        block: 9,
        fields: new Map([
          ['key', 'k'],
          ['a', ''],
        ]),
      },
    ];
    expect(toHex(encodeRows(list))).toBe(
      ['01', '0002', '000161', '00036b6579', '00000001', '00000002', '0000000000000009', '00000001', '000000026b'].join(
        '',
      ),
    );
  });

  it('refuse to be written out of order or empty', () => {
    const row = { id: 1, block: 1, fields: new Map([['a', 'b']]) };
    expect(() => encodeRows([row, row])).toThrow('ledger/rows-order');
    expect(() => encodeRows([])).toThrow('ledger/rows-count');
  });

  it('refuse counts that the data cannot hold, without allocating for them', () => {
    expect(() => decodeRows(fromHex('01ffff'))).toThrow(CORRUPT);
    expect(() => decodeRows(fromHex('010001000161ffffffff'))).toThrow(CORRUPT);
    expect(() => decodeRows(fromHex('01000000100000'))).toThrow(CORRUPT);
  });
});

function sorted(row: Row): Array<[string, string]> {
  return [...row.fields].sort();
}

/** A valid encoding with a few bytes changed, dropped or added; now and then anything. */
function mutated(valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const change = fc.record({ at: fc.nat({ max: 200 }), byte: fc.integer({ min: 0, max: 255 }), cut: fc.boolean() });
  const changed = fc.tuple(valid, fc.array(change, { maxLength: 3 })).map(([bytes, changes]) => {
    const copy = [...bytes];
    for (const { at, byte, cut } of changes) {
      if (cut) copy.splice(at % (copy.length + 1), 1);
      else copy[at % (copy.length + 1)] = byte;
    }
    return Uint8Array.from(copy);
  });
  return fc.oneof({ weight: 9, arbitrary: changed }, fc.uint8Array({ maxLength: 100 }));
}

function sameOrCorrupt<T>(bytes: Uint8Array, decode: (bytes: Uint8Array) => T, encode: (value: T) => Uint8Array): void {
  let decoded: T;
  try {
    decoded = decode(bytes);
  } catch (error) {
    expect(error).toEqual(CORRUPT);
    return;
  }
  expect(toHex(encode(decoded))).toBe(toHex(bytes));
}

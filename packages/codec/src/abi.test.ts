import { concatBytes, fromBigInt, fromHex, toHex, utf8Bytes } from '@menglian/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AbiValue, decodeAbi, decodeAbiLenient, encodeAbi, errorString, selector } from './abi.js';
import { parseAbiType } from './abiType.js';

const bytesOf = (text: string) => utf8Bytes(text);
const word = (value: bigint) => fromBigInt(value, 32);
const words = (...values: bigint[]) => concatBytes(...values.map(word));

describe('encodeAbi', () => {
  // Examples of the Solidity documentation, "Contract ABI Specification", without their selectors.
  it.each<[string[], AbiValue[], string[]]>([
    [
      ['uint32', 'bool'],
      [69n, true],
      ['45', '01'],
    ],
    [
      ['bytes', 'bool', 'uint256[]'],
      [bytesOf('dave'), true, [1n, 2n, 3n]],
      ['60', '01', 'a0', '04', `64617665${'00'.repeat(28)}`, '03', '01', '02', '03'],
    ],
    [
      ['uint256', 'uint32[]', 'bytes10', 'bytes'],
      [0x123n, [0x456n, 0x789n], bytesOf('1234567890'), bytesOf('Hello, world!')],
      [
        '0123',
        '80',
        `31323334353637383930${'00'.repeat(22)}`,
        'e0',
        '02',
        '0456',
        '0789',
        '0d',
        `48656c6c6f2c20776f726c6421${'00'.repeat(19)}`,
      ],
    ],
    [
      ['uint256[][]', 'string[]'],
      [
        [[1n, 2n], [3n]],
        ['one', 'two', 'three'],
      ],
      // oxfmt-ignore
      ['40', '0140', '02', '40', 'a0', '02', '01', '02', '01', '03', '03', '60', 'a0', 'e0',
        '03', `6f6e65${'00'.repeat(29)}`, '03', `74776f${'00'.repeat(29)}`, '05', `7468726565${'00'.repeat(27)}`],
    ],
  ])('%s', (types, values, expected) => {
    const encoded = encodeAbi(types, values);
    expect(toHex(encoded)).toBe(expected.map((text) => text.padStart(64, '0')).join(''));
    expect(decodeAbi(types, encoded)).toEqual({ ok: true, value: values });
  });

  it('refuses values that are not of their type', () => {
    expect(() => encodeAbi(['uint8'], [256n])).toThrow(RangeError);
    expect(() => encodeAbi(['uint8'], [-1n])).toThrow(RangeError);
    expect(() => encodeAbi(['int8'], [128n])).toThrow(RangeError);
    expect(() => encodeAbi(['address'], ['00'])).toThrow();
    expect(() => encodeAbi(['bytes4'], [new Uint8Array(3)])).toThrow();
    expect(() => encodeAbi(['uint256[2]'], [[1n]])).toThrow();
    expect(() => encodeAbi(['string'], ['漢'])).toThrow(RangeError);
    expect(() => encodeAbi(['uint256'], [])).toThrow();
    expect(() => encodeAbi(['uint7'], [1n])).toThrow(RangeError);
  });
});

/** A type with values of it. */
interface Typed {
  readonly type: string;
  readonly value: fc.Arbitrary<AbiValue>;
}

const hexDigit = fc.constantFrom(...'0123456789abcdef');
const elementary: fc.Arbitrary<Typed> = fc.oneof(
  fc.integer({ min: 1, max: 32 }).map((bytes) => ({
    type: `uint${8 * bytes}`,
    value: fc.bigInt({ min: 0n, max: 2n ** BigInt(8 * bytes) - 1n }),
  })),
  fc.integer({ min: 1, max: 32 }).map((bytes) => {
    const half = 2n ** BigInt(8 * bytes - 1);
    return { type: `int${8 * bytes}`, value: fc.bigInt({ min: -half, max: half - 1n }) };
  }),
  fc.integer({ min: 1, max: 32 }).map((length) => ({
    type: `bytes${length}`,
    value: fc.uint8Array({ minLength: length, maxLength: length }),
  })),
  fc.constant({ type: 'bool', value: fc.boolean() }),
  fc.constant({ type: 'address', value: fc.string({ unit: hexDigit, minLength: 40, maxLength: 40 }) }),
  fc.constant({ type: 'bytes', value: fc.uint8Array({ maxLength: 70 }) }),
  fc.constant({ type: 'string', value: fc.string({ unit: fc.nat(255).map((c) => String.fromCharCode(c)) }) }),
);
const { typed: arbitraryType } = fc.letrec<{ typed: Typed; array: Typed; fixed: Typed; tuple: Typed }>((tie) => ({
  typed: fc.oneof({ maxDepth: 3, depthSize: 'small' }, elementary, tie('array'), tie('fixed'), tie('tuple')),
  array: tie('typed').map(({ type, value }) => ({ type: `${type}[]`, value: fc.array(value, { maxLength: 4 }) })),
  fixed: fc.tuple(tie('typed'), fc.integer({ min: 1, max: 3 })).map(([{ type, value }, length]) => ({
    type: `${type}[${length}]`,
    value: fc.array(value, { minLength: length, maxLength: length }),
  })),
  tuple: fc.array(tie('typed'), { minLength: 1, maxLength: 3 }).map((items) => ({
    type: `(${items.map(({ type }) => type).join(',')})`,
    value: fc.tuple(...items.map(({ value }) => value)),
  })),
}));
const arbitraryCall = fc
  .array(arbitraryType, { maxLength: 4 })
  .filter((items) => items.every(({ type }) => parseAbiType(type) !== undefined))
  .chain((items) =>
    fc.record({
      types: fc.constant(items.map(({ type }) => type)),
      values: fc.tuple(...items.map(({ value }) => value)) as fc.Arbitrary<AbiValue[]>,
    }),
  );

describe('decodeAbi and decodeAbiLenient', () => {
  it('give back what was encoded', () => {
    fc.assert(
      fc.property(arbitraryCall, ({ types, values }) => {
        const encoded = encodeAbi(types, values);
        expect(decodeAbi(types, encoded)).toEqual({ ok: true, value: values });
        expect(decodeAbiLenient(types, encoded)).toEqual({ ok: true, value: values });
      }),
      { numRuns: 300 },
    );
  });

  it('answer any data', () => {
    fc.assert(
      fc.property(arbitraryCall, fc.uint8Array({ maxLength: 300 }), fc.nat(), ({ types, values }, noise, place) => {
        const encoded = encodeAbi(types, values);
        encoded.set(noise.subarray(0, Math.max(0, encoded.length - (place % (encoded.length + 1)))), 0);
        for (const data of [noise, encoded, encoded.subarray(0, place % (encoded.length + 1))]) {
          expect(typeof decodeAbi(types, data).ok).toBe('boolean');
          expect(typeof decodeAbiLenient(types, data).ok).toBe('boolean');
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each<[string, string[], Uint8Array, string, boolean]>([
    ['missing word', ['uint256'], new Uint8Array(31), 'MissingData', true],
    ['missing length', ['string'], words(32n), 'MissingData', true],
    ['missing head', ['string'], new Uint8Array(0), 'MissingData', true],
    ['offset beyond the data', ['string'], words(65n, 0n), 'BadOffset', false],
    ['offset of 2^255', ['bytes'], words(2n ** 255n, 0n), 'BadOffset', false],
    ['string longer than the data', ['string'], words(32n, 1n), 'BadLength', false],
    ['array longer than the data', ['uint256[]'], words(32n, 2n, 0n), 'BadLength', false],
    ['array of 2^256 - 1', ['uint256[]'], words(32n, 2n ** 256n - 1n), 'BadLength', false],
    ['bool of 2', ['bool'], words(2n), 'BadValue', true],
    ['address with more bits', ['address'], words(2n ** 160n), 'BadValue', true],
    ['uint8 of 256', ['uint8'], words(256n), 'BadValue', true],
    ['int8 of 128', ['int8'], words(128n), 'BadValue', true],
    ['bytes1 of two bytes', ['bytes1'], words(0x0101n << 240n), 'BadValue', true],
  ])('strict refuses: %s', (_name, types, data, reason, lenientTakes) => {
    expect(decodeAbi(types, data)).toEqual({ ok: false, reason });
    const lenient = decodeAbiLenient(types, data);
    expect(lenient.ok ? undefined : lenient.reason).toBe(lenientTakes ? undefined : reason);
  });

  it('lenient reads what is missing as zero', () => {
    const types = [
      'address',
      'string',
      'uint256[]',
      'bytes',
      'bool',
      'int256',
      'bytes4',
      '(uint256,string)',
      'bool[2]',
    ];
    const zero = '0'.repeat(40);
    const empty = [zero, '', [], new Uint8Array(0), false, 0n, new Uint8Array(4), [0n, ''], [false, false]];
    expect(decodeAbiLenient(types, new Uint8Array(0))).toEqual({ ok: true, value: empty });
    const address = `${'11'.repeat(19)}00`;
    const partial = fromHex(`${'00'.repeat(12)}${'11'.repeat(19)}`);
    expect(decodeAbiLenient(types, partial)).toEqual({ ok: true, value: [address, ...empty.slice(1)] });
  });

  it('lenient cuts what is too wide', () => {
    const wide = 2n ** 256n - 1n;
    expect(decodeAbiLenient(['uint8', 'bool', 'address', 'int8'], words(wide, wide, wide, 255n))).toEqual({
      ok: true,
      value: [255n, true, 'f'.repeat(40), -1n],
    });
  });

  it('do not multiply the data by overlapping values', () => {
    // 1,000 offsets, each to one and the same array of 1,000 offsets to one and the same string.
    const count = 1000n;
    const inner = concatBytes(word(count), ...Array.from({ length: 1000 }, () => word(32n * count)), word(0n));
    const outer = concatBytes(word(32n), word(count), ...Array.from({ length: 1000 }, () => word(32n * count)), inner);
    expect(decodeAbi(['string[][]'], outer)).toEqual({ ok: false, reason: 'TooMuchData' });
    expect(decodeAbiLenient(['string[][]'], outer)).toEqual({ ok: false, reason: 'TooMuchData' });
    // Offsets to the end of the data, where everything is missing and so reads as 4,096 zeros each.
    const missing = concatBytes(word(32n), word(count), ...Array.from({ length: 1000 }, () => word(32n * count)));
    expect(decodeAbiLenient(['string[4096][]'], missing)).toEqual({ ok: false, reason: 'TooMuchData' });
  });
});

describe('parseAbiType', () => {
  it.each(['uint', 'int', 'uint8[2][]', '(address,(bool,string)[3],bytes)', 'string[]', 'bytes32'])(
    'takes %s',
    (text) => {
      expect(parseAbiType(text)).toBeDefined();
    },
  );

  it.each([
    ...' uint0 uint7 uint264 uint08 bytes0 bytes33 fixed address.payable uint256[ ] [] tuple Bool'.split(' '),
    ...'uint256[0] uint256[-1] uint256[1e3] () (,) (uint256 uint256) (uint256))('.split(' '),
    ...'uint256[4096][2] string[4096][4096] bool[][][][][][][][][]'.split(' '),
    'x'.repeat(10_000),
    '('.repeat(200),
    '('.repeat(4096),
    `(${'bool,'.repeat(819)}bool)`,
    `${'('.repeat(9)}bool${')'.repeat(9)}`,
  ])('refuses %s', (text) => {
    expect(parseAbiType(text)).toBe(undefined);
  });
});

describe('large structs', () => {
  it('of 60 members go through, each in its place', () => {
    const cycle = ['uint256', 'address', 'string', 'bytes32', 'int64[]'] as const;
    const members = Array.from({ length: 60 }, (_, index) => cycle[index % cycle.length]!);
    const type = `(${members.join(',')})`;
    expect(type.length).toBeGreaterThan(256);
    const value = members.map((member, index): AbiValue => {
      if (member === 'uint256') return BigInt(index);
      if (member === 'address') return index.toString(16).padStart(40, '0');
      if (member === 'string') return `member ${index}`;
      return member === 'bytes32' ? new Uint8Array(32).fill(index) : [BigInt(-index), 7n];
    });
    for (const [types, values] of [
      [[type], [value]],
      [
        [`${type}[]`, 'bool'],
        [[value, value], true],
      ],
    ] as const) {
      expect(decodeAbi(types, encodeAbi(types, values))).toEqual({ ok: true, value: values });
    }
  });

  it('are bounded by their text and by their nesting, whatever the text is', () => {
    const widest = `(${Array.from({ length: 511 }, () => 'address').join(',')})`;
    expect(parseAbiType(widest)).toBeDefined();
    expect(parseAbiType(`${'('.repeat(8)}bool${')'.repeat(8)}`)).toBeDefined();
    fc.assert(
      fc.property(fc.array(fc.constantFrom('(', ')', ',', '[', ']', '2', 'bool'), { maxLength: 4096 }), (parts) => {
        parseAbiType(parts.join(''));
      }),
    );
  });
});

describe('selector and errorString', () => {
  it('use the hash they are given', () => {
    const hash = (data: Uint8Array) => concatBytes(new Uint8Array([data.length, 2, 3, 4]), new Uint8Array(28));
    expect(toHex(selector(hash, 'transfer(address,uint256)'))).toBe('19020304');
    const output = errorString(hash, 'no');
    expect(toHex(output.subarray(0, 4))).toBe('0d020304');
    expect(decodeAbi(['string'], output.subarray(4))).toEqual({ ok: true, value: ['no'] });
    expect(output.length).toBe(100);
  });
});

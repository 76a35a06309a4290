import { utf8Bytes } from '@menglian/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BODY_BYTES_MAX,
  JSON_DEPTH_MAX,
  JSON_VALUES_MAX,
  LIGHT_BYTES_MAX,
  PIECE_BYTES,
  REQUEST_VALUES_MAX,
} from './limits.js';
import { readBody } from './requestBody.js';
import { Turns } from './turns.js';

const NO_JSON = Symbol('no JSON');

/** What `JSON.parse` makes of its bytes. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'utf8').toString('utf8'));
  } catch {
    return NO_JSON;
  }
}

/** The same, put together again from its pieces. */
async function read(text: string, pieceBytes?: number, chunkBytes = 65_536): Promise<unknown> {
  const bytes = utf8Bytes(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) =>
    bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  );
  const body = await readBody(chunks, new Turns(), pieceBytes);
  if (!body.ok) return body.reason.code === -32_700 ? NO_JSON : body.reason.message;
  if (!body.value.isBatch) return body.value.request;
  const requests = body.value.pieces.flatMap((piece) => piece());
  expect(requests).toHaveLength(body.value.count);
  return requests;
}

/** JSON with blanks, and the same with something wrong in it. */
const documents = fc
  .tuple(
    fc.array(fc.jsonValue(), { maxLength: 12 }),
    fc.constantFrom(undefined, 1, '\t'),
    fc.string({ unit: 'binary' }),
  )
  .map(([values, space, text]) => ` ${JSON.stringify([...values, text, { '[': '],["\\"' }], undefined, space)}\n`);
const spoilt = fc
  .tuple(documents, fc.nat(), fc.nat(3), fc.constantFrom('', ',', '[', ']', '{', '}', '"', '\\', ' ', '1', '],[', '"]'))
  .map(([text, place, length, other]) => {
    const at = place % (text.length + 1);
    return text.slice(0, at) + other + text.slice(at + length);
  });

describe('the body of a request', () => {
  it('says what JSON.parse says, however small its pieces', async () => {
    const check = async (text: string, pieceBytes: number, chunkBytes: number) => {
      expect(await read(text, pieceBytes, chunkBytes)).toEqual(parsed(text));
    };
    await fc.assert(fc.asyncProperty(documents, fc.nat(40), fc.integer({ min: 1, max: 50 }), check), { numRuns: 300 });
    await fc.assert(fc.asyncProperty(spoilt, fc.nat(40), fc.integer({ min: 1, max: 50 }), check), { numRuns: 2000 });
  });

  it.each([
    '',
    ' ',
    '[',
    ']',
    '[]',
    ' [ ] ',
    '[,]',
    '[1,]',
    '[,1]',
    '[1,,2]',
    '[1]]',
    '[[1]',
    '[1],[2]',
    '[1]2',
    '[1 2]',
    '{}',
  ])('says the same of %j', async (text) => {
    for (const pieceBytes of [0, 1, 2]) expect(await read(text, pieceBytes)).toEqual(parsed(text));
  });

  it('comes in pieces, with a turn for others between them', async () => {
    const request = { jsonrpc: '2.0', method: 'getCode', params: [1, 'x'.repeat(PIECE_BYTES / 10)], id: 1 };
    const batch = Array.from({ length: 100 }, () => request);
    let turns = 0;
    let immediate = setImmediate(function count() {
      turns += 1;
      immediate = setImmediate(count);
    });
    const body = await readBody([utf8Bytes(JSON.stringify(batch))], new Turns());
    clearImmediate(immediate);
    if (!body.ok || !body.value.isBatch) throw new Error('no batch');
    expect(body.value.pieces.flatMap((piece) => piece())).toEqual(batch);
    expect(body.value.pieces).toHaveLength(10);
    expect(turns).toBeGreaterThanOrEqual(10);
  });

  it('is parsed at once where it is short', async () => {
    const order: string[] = [];
    const note = async (name: string, text: string) => {
      await read(text);
      order.push(name);
    };
    await Promise.all([note('long', JSON.stringify('x'.repeat(LIGHT_BYTES_MAX))), note('short', '{}')]);
    expect(order).toEqual(['short', 'long']);
  });

  it('is refused where it is nested deeply, which takes long to parse, and not for brackets in texts', async () => {
    const nested = (depth: number) => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`;
    expect(await read(nested(JSON_DEPTH_MAX))).toEqual(parsed(nested(JSON_DEPTH_MAX)));
    expect(await read(nested(JSON_DEPTH_MAX + 2))).toBe(NO_JSON);
    expect(await read('['.repeat(200_000))).toBe(NO_JSON);
    const text = JSON.stringify(['['.repeat(5000), '\\"['.repeat(5000)]);
    expect(await read(text)).toEqual(parsed(text));
  });

  it('is refused where it holds more than anybody needs', async () => {
    const one = (values: number) => `{"params":[${'0,'.repeat(values - 3)}"${'x'.repeat(PIECE_BYTES)}"]}`;
    expect(await read(one(REQUEST_VALUES_MAX))).toEqual(parsed(one(REQUEST_VALUES_MAX)));
    expect(await read(one(REQUEST_VALUES_MAX + 10))).toContain(`more than ${REQUEST_VALUES_MAX} values in one request`);
    const batch = `[${'[],'.repeat(JSON_VALUES_MAX)}0]`;
    expect(await read(batch)).toContain(`more than ${JSON_VALUES_MAX} values;`);
    expect(await read(' '.repeat(BODY_BYTES_MAX + 1))).toContain(`at most ${BODY_BYTES_MAX} are read`);
  });
});

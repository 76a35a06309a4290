import { SeededRandom } from '@menglian/base/seededRandom';
import { describe, expect, it } from 'vitest';
import { type EventRequest, EventCode, eventReplyText, parseEventRequest } from './eventRequest.js';
import {
  FILTER_ADDRESSES_MAX,
  FILTER_ALTERNATIVES_MAX,
  FILTER_ID_CHARACTERS_MAX,
  REQUEST_CHARACTERS_MAX,
} from './limits.js';

const ADDRESS = '00000000000000000000000000000000000000aB';
const TOPIC = 'aB'.repeat(32);
const ZERO = '0'.repeat(64);
const word = (value: number) => value.toString(16).padStart(64, '0');

const COMPLETE = { filterID: 'f', groupID: '1', fromBlock: '1', toBlock: '2', addresses: [], topics: [] };

/** The request of COMPLETE with other members; undefined takes one away. */
const parseWith = (members: Readonly<Record<string, unknown>>) =>
  parseEventRequest(JSON.stringify({ ...COMPLETE, ...members }));

const REFUSED = { ok: false, reason: -41_001 };

/** What becomes of one member; 'refused' when the request is. */
function memberFrom(members: Readonly<Record<string, unknown>>, name: keyof EventRequest): unknown {
  const request = parseWith(members);
  if (request.ok) return request.value[name];
  expect(request).toEqual(REFUSED);
  return 'refused';
}

describe('the request for events', () => {
  it('has these members', () => {
    expect(parseWith({ addresses: [`0x${ADDRESS}`], topics: [`0x${TOPIC}`] })).toEqual({
      ok: true,
      value: {
        filterId: 'f',
        groupId: 1,
        fromBlock: 1,
        toBlock: 2,
        addresses: [ADDRESS.toLowerCase()],
        topics: [[TOPIC.toLowerCase()]],
      },
    });
  });

  it('is refused when it is no JSON object', () => {
    const texts = ['', 'null', '1', '"x"', '[]', '{', `${JSON.stringify(COMPLETE)}x`, '['.repeat(100_000)];
    for (const text of texts) expect(parseEventRequest(text), text.slice(0, 40)).toEqual(REFUSED);
  });

  it('is refused when it is too long, however it is filled', () => {
    const padded = (length: number) => JSON.stringify(COMPLETE).padEnd(length);
    expect(parseEventRequest(padded(REQUEST_CHARACTERS_MAX)).ok).toBe(true);
    expect(parseEventRequest(padded(REQUEST_CHARACTERS_MAX + 1))).toEqual(REFUSED);
  });

  it.each([
    ['f', 'f'],
    ['0x事件', '0x事件'],
    ['f'.repeat(FILTER_ID_CHARACTERS_MAX), 'f'.repeat(FILTER_ID_CHARACTERS_MAX)],
    ['f'.repeat(FILTER_ID_CHARACTERS_MAX + 1), 'refused'],
    ['', 'refused'],
    [7, 'refused'],
    [null, 'refused'],
    [undefined, 'refused'],
  ])('has a filterID: %j', (given, expected) => {
    expect(memberFrom({ filterID: given }, 'filterId')).toBe(expected);
  });

  it.each([
    ['1', 1],
    [1, 1],
    ['0x1', 1],
    ['0x7fFf', 32_767],
    ['32767', 32_767],
    ['0001', 1],
    ['32768', 'refused'],
    [0, 'refused'],
    ['0', 'refused'],
    [-1, 'refused'],
    [1.5, 'refused'],
    ['1.0', 'refused'],
    ['', 'refused'],
    ['0x', 'refused'],
    [' 1', 'refused'],
    ['latest', 'refused'],
    [true, 'refused'],
    [[1], 'refused'],
    ['1'.padStart(80, '0'), 1],
    ['1'.padStart(81, '0'), 'refused'],
    [null, 'refused'],
    [undefined, 'refused'],
  ])('has a groupID: %j', (given, expected) => {
    expect(memberFrom({ groupID: given }, 'groupId')).toBe(expected);
  });

  it.each([
    ['latest', 'latest'],
    [undefined, 'latest'],
    [null, 'latest'],
    ['0', 0],
    [12, 12],
    ['12', 12],
    ['0xC', 12],
    ['9223372036854775807', Number.MAX_SAFE_INTEGER],
    ['9223372036854775808', 'refused'],
    ['Latest', 'refused'],
    ['', 'refused'],
    ['-1', 'refused'],
    [-1, 'refused'],
    [1e300, 'refused'],
    ['pending', 'refused'],
    [{}, 'refused'],
  ])('may have fromBlock and toBlock: %j', (given, expected) => {
    expect(memberFrom({ fromBlock: given }, 'fromBlock')).toBe(expected);
    expect(memberFrom({ toBlock: given }, 'toBlock')).toBe(expected);
  });

  it.each([
    [[], []],
    [null, []],
    [ADDRESS, [ADDRESS.toLowerCase()]],
    [[`0x${ADDRESS}`, ADDRESS.toUpperCase()], [ADDRESS.toLowerCase()]],
    [
      ['1'.repeat(40), '2'.repeat(40)],
      ['1'.repeat(40), '2'.repeat(40)],
    ],
    ['', 'refused'],
    [[''], 'refused'],
    [[null], 'refused'],
    [[ADDRESS, ADDRESS.slice(1)], 'refused'],
    [[`${ADDRESS}0`], 'refused'],
    [[`0X${ADDRESS}`], 'refused'],
    [[`0x${ADDRESS.slice(2)}`], 'refused'],
    [[`${ADDRESS.slice(1)}g`], 'refused'],
    [[`${ADDRESS}\n`], 'refused'],
    [[1], 'refused'],
    [[[ADDRESS]], 'refused'],
    [{}, 'refused'],
    [1, 'refused'],
    [undefined, 'refused'],
  ])('has addresses: %j', (given, expected) => {
    expect(memberFrom({ addresses: given }, 'addresses')).toEqual(expected);
  });

  it.each([
    [[], []],
    [null, []],
    [`0x${TOPIC}`, [[TOPIC.toLowerCase()]]],
    [
      [null, `0x${TOPIC}`],
      [null, [TOPIC.toLowerCase()]],
    ],
    [
      [null, null, null, null],
      [null, null, null, null],
    ],
    [
      [['1', null, '2', '0x'.padEnd(66, '0')], [], [null]],
      [[word(1), word(2), ZERO], null, null],
    ],
    [
      ['1', '2', '3', '4'],
      [[word(1)], [word(2)], [word(3)], [word(4)]],
    ],
    [['1', '2', '3', '4', '5'], 'refused'],
    [[1], 'refused'],
    [[[1]], 'refused'],
    [[[['1']]], 'refused'],
    [{}, 'refused'],
    [undefined, 'refused'],
  ])('has topics: %j', (given, expected) => {
    expect(memberFrom({ topics: given }, 'topics')).toEqual(expected);
  });

  it.each([
    [`0x${TOPIC}`, TOPIC.toLowerCase()],
    [`0xff${TOPIC}`, TOPIC.toLowerCase()],
    [`0x7${TOPIC}`, TOPIC.toLowerCase()],
    [`0x${TOPIC.slice(1)}`, ZERO],
    ['0x', ZERO],
    ['0x1', ZERO],
    [`0x${TOPIC.slice(1)}g`, ZERO],
    [`0xg${TOPIC}`, ZERO],
    [TOPIC, ZERO],
    ['', ZERO],
    ['0', ZERO],
    ['255', word(255)],
    ['00255', word(255)],
    ['12a', ZERO],
    ['-1', ZERO],
    ['1'.repeat(64), BigInt('1'.repeat(64)).toString(16).padStart(64, '0')],
    [(2n ** 256n - 1n).toString(), 'f'.repeat(64)],
    [(2n ** 256n).toString(), ZERO],
    ['9'.repeat(1000), ZERO],
  ])('reads the topic %j', (given, expected) => {
    expect(memberFrom({ topics: [given] }, 'topics')).toEqual([[expected]]);
  });

  it('names at most so many values', () => {
    const texts = (count: number) => Array.from({ length: count }, (_, index) => (index + 1).toString());
    const addresses = (count: number) => texts(count).map((text) => text.padStart(40, '0'));
    expect(parseWith({ addresses: addresses(FILTER_ADDRESSES_MAX) }).ok).toBe(true);
    expect(parseWith({ addresses: addresses(FILTER_ADDRESSES_MAX + 1) })).toEqual(REFUSED);
    expect(parseWith({ topics: [null, texts(FILTER_ALTERNATIVES_MAX)] }).ok).toBe(true);
    expect(parseWith({ topics: [null, texts(FILTER_ALTERNATIVES_MAX + 1)] })).toEqual(REFUSED);
  });

  it('is read or refused, whatever it is', () => {
    const random = new SeededRandom(41);
    const values = [null, true, 0, -1, 1e99, '', '1', 'latest', '0x1', '0x', [], [null], {}, [[]], 'f'.repeat(300)];
    const names = [...Object.keys(COMPLETE), '__proto__', 'toString'];
    const good = JSON.stringify({ ...COMPLETE, addresses: [ADDRESS], topics: [`0x${TOPIC}`, ['1', null]] });
    let readCount = 0;
    for (let round = 0; round < 20_000; round++) {
      const text = random.chance(50)
        ? JSON.stringify({
            ...COMPLETE,
            [random.pick(names)]: random.pick(values),
            [random.pick(names)]: random.pick(values),
          })
        : mutated(good, random);
      const request = parseEventRequest(text);
      if (request.ok) readCount += 1;
      else expect(request).toEqual(REFUSED);
    }
    expect(readCount).toBeGreaterThan(1000);
    expect(readCount).toBeLessThan(19_000);
  });
});

/** A text with a few characters changed, taken away or put in, or a part of it twice. */
function mutated(text: string, random: SeededRandom): string {
  let result = text;
  for (let change = random.below(4); change >= 0; change--) {
    const at = random.below(result.length + 1);
    const end = at + random.below(4);
    const inserted = random.chance(20)
      ? result.slice(random.below(result.length + 1))
      : random.pick([...'{}[]",:0x1afn\\ \0龍', '']);
    result = result.slice(0, at) + inserted + result.slice(end);
  }
  return result;
}

describe('the answer to a request for events', () => {
  it('is one line', () => {
    expect(eventReplyText(EventCode.ok)).toBe('{"result":0}\n');
    expect(eventReplyText(EventCode.notAllowed)).toBe('{"result":-41006}\n');
  });
});

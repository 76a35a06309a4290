import { utf8Bytes } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { type Hash, type Hex, hexOf } from '../hex.js';
import type { Log } from '../logs/log.js';
import type { AbiEvent } from './abi.js';
import { decodeEvent, eventTopic, filterTopics } from './events.js';
import { encodeValues } from './values.js';

const suite = await loadSuite('ecdsa');
const ALICE: Hex = `0x${'a1'.repeat(20)}`;
const BOB: Hex = `0x${'b0'.repeat(20)}`;
const zero: Hash = `0x${'00'.repeat(32)}`;
const word = (hex: string): Hash => `0x${hex.replace('0x', '').padStart(64, '0')}`;
const hashOf = (text: string) => hexOf(suite.hash(utf8Bytes(text)));

const event: AbiEvent = {
  type: 'event',
  name: 'Sold',
  inputs: [
    { name: 'buyer', type: 'address', indexed: true },
    { name: 'price', type: 'uint256' },
    { name: 'what', type: 'string', indexed: true },
    { name: '', type: 'bool' },
    { name: 'units', type: 'uint8[]', indexed: true },
  ],
};

function logOf(topics: readonly Hash[], data: Hex): Log {
  const place = { blockHash: zero, blockNumber: 1, transactionHash: zero, transactionIndex: 0, logIndex: 0 };
  return { address: ALICE, topics, data, ...place };
}

const data = hexOf(encodeValues([{ type: 'uint256' }, { type: 'bool' }], [7n, true], 'Sold'));

describe('an event', () => {
  const topics = [eventTopic(suite, event), word(BOB), hashOf('tea'), hashOf('units')];

  it('is known by the hash of its signature', () => {
    const transfer: AbiEvent = {
      type: 'event',
      name: 'Transfer',
      inputs: [{ type: 'address' }, { type: 'address' }, { type: 'uint256' }],
    };
    expect(eventTopic(suite, transfer)).toBe('0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef');
  });

  it('gives its arguments by name; dynamic ones that are indexed as their hashes', () => {
    expect(decodeEvent(suite, event, logOf(topics, data))).toEqual({
      buyer: BOB,
      price: 7n,
      what: hashOf('tea'),
      3: true,
      units: hashOf('units'),
    });
  });

  it('is not what has another topic, too few of them, or other data', () => {
    expect(decodeEvent(suite, event, logOf([zero, ...topics.slice(1)], data))).toBeUndefined();
    expect(decodeEvent(suite, event, logOf(topics.slice(0, 3), data))).toBeUndefined();
    expect(decodeEvent(suite, event, logOf([], data))).toBeUndefined();
    expect(decodeEvent(suite, event, logOf(topics, '0x00'))).toBeUndefined();
    expect(decodeEvent(suite, event, logOf(topics.with(1, `0x${'ff'.repeat(32)}`), data))).toBeUndefined();
  });

  it('that is anonymous has only its arguments', () => {
    const anonymous = { ...event, anonymous: true };
    expect(decodeEvent(suite, anonymous, logOf(topics.slice(1), data))).toMatchObject({ buyer: BOB, price: 7n });
    expect(filterTopics(suite, anonymous, { buyer: BOB })).toEqual([[word(BOB)], null, null]);
  });

  it('is asked for by values, or any of several', () => {
    expect(filterTopics(suite, event, {})).toEqual([[topics[0]], null, null, null]);
    expect(filterTopics(suite, event, { buyer: [ALICE, BOB], what: 'tea' })).toEqual([
      [topics[0]],
      [word(ALICE), word(BOB)],
      [hashOf('tea')],
      null,
    ]);
    expect(() => filterTopics(suite, event, { price: 7n })).toThrow('ask for buyer, what, units');
    expect(() => filterTopics(suite, event, { units: [1n] })).toThrow('NotSupported');
    expect(() => filterTopics(suite, event, { buyer: 'bob' })).toThrow('Sold.buyer, argument buyer is not hexadecimal');
  });
});

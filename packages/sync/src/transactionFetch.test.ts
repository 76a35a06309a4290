import { describe, expect, it } from 'vitest';
import {
  TRANSACTIONS_ANNOUNCED_MAX,
  TRANSACTIONS_PER_MESSAGE_MAX,
  TRANSACTION_GRACE_MS,
  TRANSACTION_REQUEST_TIMEOUT_MS,
} from './limits.js';
import { TransactionFetch } from './transactionFetch.js';

const grace = TRANSACTION_GRACE_MS;
const late = TRANSACTION_REQUEST_TIMEOUT_MS;

describe('transaction fetch', () => {
  it('asks the first source after a grace and the next one when the answer is late', () => {
    const fetch = new TransactionFetch();
    fetch.want(['x', 'y', 'z'], ['a', 'b'], 0);
    fetch.settle('z');
    expect(fetch.tick(grace - 1)).toEqual([]);
    expect(fetch.tick(grace)).toEqual([{ to: 'a', ids: ['x', 'y'] }]);
    fetch.want(['x'], ['a'], grace);
    fetch.settle('y');
    expect(fetch.tick(grace + late - 1)).toEqual([]);
    expect(fetch.tick(grace + late)).toEqual([{ to: 'b', ids: ['x'] }]);
    expect(fetch.tick(grace + 3 * late - 1)).toEqual([]);
    expect(fetch.tick(grace + 3 * late)).toEqual([{ to: 'a', ids: ['x'] }]);
    fetch.settle('x');
    expect(fetch.tick(100 * late)).toEqual([]);
    expect(fetch.size).toBe(0);
  });

  it('gives up what nobody has', () => {
    const fetch = new TransactionFetch();
    fetch.want(['x'], ['a', 'b'], 0);
    for (let time = late; time < 1000 * late; time += late) fetch.tick(time);
    expect(fetch.size).toBe(0);
  });

  it('splits requests that are too long for one message', () => {
    const fetch = new TransactionFetch();
    const ids = Array.from({ length: TRANSACTIONS_PER_MESSAGE_MAX + 1 }, (_, index) => String(index));
    fetch.want(ids, ['a'], 0);
    expect(fetch.tick(grace).map((request) => request.ids.length)).toEqual([TRANSACTIONS_PER_MESSAGE_MAX, 1]);
  });

  it('turns to the others at once when a source goes away', () => {
    const fetch = new TransactionFetch();
    fetch.want(['x'], ['a', 'b'], 0);
    fetch.tick(grace);
    fetch.dropSource('a');
    expect(fetch.tick(grace + 1)).toEqual([{ to: 'b', ids: ['x'] }]);
    fetch.dropSource('b');
    expect(fetch.size).toBe(0);
  });

  it('gives each announcer a share of its own, beside what proposals need', () => {
    const fetch = new TransactionFetch();
    const junk = Array.from({ length: 3 * TRANSACTIONS_ANNOUNCED_MAX }, (_, index) => `junk${index}`);
    fetch.announce(junk, 'flooder', 0);
    expect(fetch.size).toBe(TRANSACTIONS_ANNOUNCED_MAX);
    fetch.announce(['x'], 'b', 0);
    fetch.want(['y'], ['leader'], 0);
    expect(fetch.size).toBe(TRANSACTIONS_ANNOUNCED_MAX + 2);
    for (const id of junk) fetch.settle(id);
    fetch.announce(junk, 'flooder', 0);
    expect(fetch.size).toBe(TRANSACTIONS_ANNOUNCED_MAX + 2);
  });

  it('asks the sources of a proposal before a peer that only announced the transaction', () => {
    const fetch = new TransactionFetch();
    fetch.announce(['x'], 'liar', 0);
    expect(fetch.tick(grace)).toEqual([{ to: 'liar', ids: ['x'] }]);
    fetch.want(['x'], ['leader', 'b'], 2 * grace);
    expect(fetch.tick(2 * grace)).toEqual([{ to: 'leader', ids: ['x'] }]);
    expect(fetch.tick(2 * grace + late)).toEqual([{ to: 'b', ids: ['x'] }]);
    expect(fetch.tick(2 * grace + 3 * late)).toEqual([{ to: 'liar', ids: ['x'] }]);
  });
});

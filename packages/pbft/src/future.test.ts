import { describe, expect, it } from 'vitest';
import { FutureMessages } from './future.js';
import { FUTURE_BYTES_PER_PEER, FUTURE_MESSAGES_PER_PEER } from './limits.js';
import type { Message } from './messages.js';

const message = (view: number): Message => ({ kind: 'newViewRequest', epoch: 0, view });

describe('messages kept for later', () => {
  it('are given back once, in order of arrival from each sender', () => {
    const future = new FutureMessages();
    future.add('a', message(1), 10);
    future.add('b', message(2), 10);
    future.add('a', message(3), 10);
    expect(future.take().map(({ from, message }) => [from, message])).toEqual([
      ['a', message(1)],
      ['a', message(3)],
      ['b', message(2)],
    ]);
    expect(future.take()).toEqual([]);
  });

  it('are bounded in number for each sender, who can push out only its own', () => {
    const future = new FutureMessages();
    future.add('victim', message(0), 10);
    for (let i = 0; i < 10_000; i++) future.add('flooder', message(i), 10);
    expect(future.size).toBe(FUTURE_MESSAGES_PER_PEER + 1);
    const kept = future.take();
    expect(kept.filter(({ from }) => from === 'victim').length).toBe(1);
    expect(kept.at(-1)!.message).toEqual(message(9999));
  });

  it('are bounded in bytes for each sender', () => {
    const future = new FutureMessages();
    for (let i = 0; i < 5; i++) future.add('a', message(i), FUTURE_BYTES_PER_PEER / 2);
    expect(future.size).toBe(2);
  });
});

import { expect, it } from 'vitest';
import { type Arrival, Inbox } from './inbox.js';

const arrival = (id: string, bytes: number): Arrival => ({
  id,
  hash: new Uint8Array(32),
  raw: new Uint8Array(bytes),
  likelySender: undefined,
  likelyParity: undefined,
  from: 'peer',
});

it('keeps what came last, within a number and within bytes', () => {
  const inbox = new Inbox();
  for (let i = 0; i < 60_000; i++) inbox.add(arrival(String(i), 10));
  expect(inbox.size).toBe(50_000);
  expect(inbox.has('9999')).toBe(false);
  expect(inbox.take('10000')?.raw).toHaveLength(10);
  expect(inbox.take('10000')).toBeUndefined();
  for (let i = 0; i < 40; i++) inbox.add(arrival(`large${i}`, 1024 * 1024));
  expect(inbox.size).toBe(32);
  expect(inbox.takeOldest(2).map(({ id }) => id)).toEqual(['large8', 'large9']);
  expect(inbox.has('large9')).toBe(false);
  expect(inbox.has('large39')).toBe(true);
  expect(inbox.takeOldest(100)).toHaveLength(30);
  expect(inbox.size).toBe(0);
});

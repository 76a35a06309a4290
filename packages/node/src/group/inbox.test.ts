import { expect, it } from 'vitest';
import { Inbox } from './inbox.js';

it('keeps what came last, within a number and within bytes', () => {
  const inbox = new Inbox();
  for (let i = 0; i < 60_000; i++) inbox.add(String(i), new Uint8Array(10));
  expect(inbox.size).toBe(50_000);
  expect(inbox.has('9999')).toBe(false);
  expect(inbox.take('10000')).toHaveLength(10);
  expect(inbox.take('10000')).toBeUndefined();
  for (let i = 0; i < 40; i++) inbox.add(`large${i}`, new Uint8Array(1024 * 1024));
  expect(inbox.size).toBe(32);
  expect(inbox.takeOldest()).toHaveLength(1024 * 1024);
  expect(inbox.has('large8')).toBe(false);
  expect(inbox.has('large39')).toBe(true);
});

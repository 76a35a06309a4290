import { describe, expect, it } from 'vitest';
import { BACKLOG_BYTES_MAX, Backlog, chargedBytes } from './backlog.js';

const MEGABYTE = 1024 * 1024;

/** How many messages of a megabyte are admitted until one is not. */
function fill(backlog: Backlog, plane: 'transactions' | 'sync' | 'consensus'): number {
  let count = 0;
  while (backlog.admit(plane, MEGABYTE)) count++;
  return count;
}

describe('the backlog of a group', () => {
  it('drops gossip first, then sync, then consensus, and never grows beyond the last limit', () => {
    const backlog = new Backlog();
    const admitted = [fill(backlog, 'transactions'), fill(backlog, 'sync'), fill(backlog, 'consensus')];
    for (const count of admitted) expect(count).toBeGreaterThan(30);
    const bytes = admitted.reduce((sum, count) => sum + count, 0) * MEGABYTE;
    expect(bytes).toBeLessThanOrEqual(BACKLOG_BYTES_MAX.consensus);
    expect(backlog.admit('transactions', 1)).toBe(false);
    expect(backlog.takeDropped()).toBe(4);
    expect(backlog.takeDropped()).toBe(0);
  });

  it('admits again what the thread has made room for', () => {
    const backlog = new Backlog();
    const count = fill(backlog, 'transactions');
    for (let i = 0; i < count; i++) backlog.consumed(chargedBytes(MEGABYTE));
    expect(fill(backlog, 'transactions')).toBe(count);
  });

  it('counts small messages, too', () => {
    const backlog = new Backlog();
    let count = 0;
    while (backlog.admit('transactions', 0)) count++;
    expect(count).toBeLessThanOrEqual(BACKLOG_BYTES_MAX.transactions / chargedBytes(0) + 1);
  });
});

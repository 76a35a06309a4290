import { describe, expect, it } from 'vitest';
import { Progress } from './progress.js';

const LIMITS = { maxInflightMessages: 3, maxInflightBytes: 100 };

describe('what a leader may send a follower', () => {
  it('while it searches: one message, then wait', () => {
    const progress = new Progress(5, LIMITS);
    expect(progress.maySend).toBe(true);
    progress.noteSent(6, 2, 10);
    expect(progress.maySend).toBe(false);
    expect(progress.next).toBe(5);
  });

  it('once found: optimistically, within a window of messages', () => {
    const progress = new Progress(5, LIMITS);
    progress.update(4);
    progress.becomeReplicate(4);
    for (let index = 5; index <= 7; index++) progress.noteSent(index, 1, 10);
    expect([progress.next, progress.maySend, progress.inflightMessages]).toEqual([8, false, 3]);
    progress.update(6);
    expect([progress.match, progress.maySend, progress.inflightMessages]).toEqual([6, true, 1]);
  });

  it('and within a window of bytes', () => {
    const progress = new Progress(1, LIMITS);
    progress.becomeReplicate(0);
    progress.noteSent(1, 1, 99);
    expect(progress.maySend).toBe(true);
    progress.noteSent(2, 1, 50);
    expect(progress.maySend).toBe(false);
  });

  it('does not send again what was received and is not answered for yet', () => {
    const progress = new Progress(5, LIMITS);
    progress.update(2);
    progress.becomeReplicate(4);
    expect([progress.match, progress.next]).toEqual([2, 5]);
  });

  it('goes back after a refusal, but not for an old one', () => {
    const progress = new Progress(9, LIMITS);
    expect(progress.reject(7, 3)).toBe(false);
    expect(progress.reject(8, 3)).toBe(true);
    expect(progress.next).toBe(4);
    progress.update(6);
    progress.becomeReplicate(6);
    progress.noteSent(9, 3, 10);
    expect(progress.reject(5, 1)).toBe(false);
    expect(progress.reject(9, 1)).toBe(true);
    expect(progress.next).toBe(7);
  });

  it('nothing while the follower fetches a snapshot, whatever it refuses', () => {
    const progress = new Progress(3, LIMITS);
    progress.becomeSnapshot(20);
    expect(progress.maySend).toBe(false);
    expect(progress.reject(2, 0)).toBe(false);
    progress.update(20);
    progress.becomeReplicate(20);
    expect([progress.next, progress.maySend]).toEqual([21, true]);
  });
});

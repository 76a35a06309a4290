import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader, FRAME_HEADER_BYTES } from './frames.js';
import { BATCH_BYTES, MAX_QUEUED_MESSAGES } from './limits.js';
import { SendQueue } from './sendQueue.js';

/** Reads what a queue gives out, as the other end of the link would. */
function reader(): { read(batch: Uint8Array): void; numbers: number[]; lengths: number[] } {
  const numbers: number[] = [];
  const lengths: number[] = [];
  const frames = new FrameReader(1 << 24, (group, payload) => {
    numbers.push(group);
    lengths.push(payload.length);
    expect(payload.every((byte) => byte === group % 256)).toBe(true);
  });
  return { read: (batch) => expect(frames.push(batch)).toBeUndefined(), numbers, lengths };
}

function message(number: number, length: number) {
  return { group: number, payload: new Uint8Array(length).fill(number % 256) };
}

describe('SendQueue', () => {
  it('gives out every message once, in order and in batches within the limit, whatever is added in between', () => {
    const step = fc.oneof(
      fc.record({ add: fc.oneof(fc.nat(300), fc.integer({ min: 60_000, max: 70_000 }), fc.nat(200_000)) }),
      fc.constant('take' as const),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new SendQueue(1 << 30, 'refuse');
        const other = reader();
        const sent: number[] = [];
        const take = (): boolean => {
          const before = queue.bytes;
          const batch = queue.takeBatch();
          if (batch === undefined) return false;
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(BATCH_BYTES);
          expect(before - queue.bytes).toBe(batch.length);
          other.read(batch);
          return true;
        };
        for (const current of steps) {
          if (current === 'take') take();
          else {
            sent.push(current.add);
            expect(queue.add(message(sent.length, current.add))).toBe(true);
          }
        }
        while (take());
        expect(other.numbers).toEqual(sent.map((_, i) => i + 1));
        expect(other.lengths).toEqual(sent);
        expect([queue.size, queue.bytes]).toEqual([0, 0]);
      }),
      { numRuns: 100 },
    );
  });

  it('packs small messages into one batch', () => {
    const queue = new SendQueue(1 << 20, 'refuse');
    for (let i = 1; i <= 50; i++) queue.add(message(i, 1000));
    expect(queue.takeBatch()).toHaveLength(50 * (1000 + FRAME_HEADER_BYTES));
    expect(queue.takeBatch()).toBeUndefined();
  });

  it('refuses what does not fit', () => {
    const queue = new SendQueue(100, 'refuse');
    expect(queue.add(message(1, 100 - FRAME_HEADER_BYTES))).toBe(true);
    expect(queue.add(message(2, 0))).toBe(false);
    queue.takeBatch();
    expect(queue.add(message(3, 101))).toBe(false);
    expect(queue.add(message(4, 0))).toBe(true);
  });

  it('drops the oldest for the youngest where that is the policy, but never a frame that has begun', () => {
    const queue = new SendQueue(300_000, 'drop-oldest');
    const other = reader();
    queue.add(message(1, 200_000));
    other.read(queue.takeBatch()!);
    for (let i = 2; i <= 40; i++) expect(queue.add(message(i, 10_000))).toBe(true);
    expect(queue.bytes).toBeLessThanOrEqual(300_000);
    expect(queue.dropped).toBeGreaterThan(0);
    expect(queue.add(message(41, 300_000))).toBe(false);
    for (let batch = queue.takeBatch(); batch !== undefined; batch = queue.takeBatch()) other.read(batch);
    expect(other.numbers[0]).toBe(1);
  });

  it('counts what it drops', () => {
    const queue = new SendQueue(1000, 'drop-oldest');
    for (let i = 1; i <= 20; i++) queue.add(message(i, 100 - FRAME_HEADER_BYTES));
    expect([queue.size, queue.dropped]).toEqual([10, 10]);
    const other = reader();
    other.read(queue.takeBatch()!);
    expect(other.numbers).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  });

  it('bounds the number of messages', () => {
    const queue = new SendQueue(1 << 30, 'refuse');
    for (let i = 0; i < MAX_QUEUED_MESSAGES; i++) queue.add(message(1, 0));
    expect(queue.add(message(1, 0))).toBe(false);
  });

  it('hands over what has not begun and finishes what has', () => {
    const queue = new SendQueue(1 << 24, 'refuse');
    const other = reader();
    queue.add(message(1, 100_000));
    queue.add(message(2, 10));
    queue.add(message(3, 10));
    other.read(queue.takeBatch()!);
    expect(queue.takeWaiting().map(({ group }) => group)).toEqual([2, 3]);
    other.read(queue.takeBatch()!);
    expect(queue.takeBatch()).toBeUndefined();
    expect(other.numbers).toEqual([1]);
    expect(queue.bytes).toBe(0);
  });
});

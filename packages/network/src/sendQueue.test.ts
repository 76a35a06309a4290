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
    expect(queue.add(message(1, 0))).toBe(false);
    queue.takeBatch();
    expect(queue.add(message(1, 101))).toBe(false);
    expect(queue.add(message(1, 0))).toBe(true);
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

  describe('with several groups', () => {
    /** Frames of a stream by group, in order. */
    const groupsOf = (queue: SendQueue, batches: number): number[] => {
      const other = reader();
      for (let taken = 0; taken < batches; taken++) other.read(queue.takeBatch()!);
      return other.numbers;
    };

    it('lets a late message of one overtake what another has waiting', () => {
      const queue = new SendQueue(1 << 24, 'refuse');
      for (let i = 0; i < 1000; i++) queue.add(message(2, 1000));
      const other = reader();
      for (let taken = 0; taken < 3; taken++) other.read(queue.takeBatch()!);
      queue.add(message(1, 100));
      // The rest of the frame that has begun, then one batch of both.
      for (let taken = 0; taken < 2; taken++) other.read(queue.takeBatch()!);
      expect(other.numbers).toContain(1);
    });

    it('gives each as many bytes, however long its frames are', () => {
      const queue = new SendQueue(1 << 24, 'refuse');
      for (let i = 0; i < 2000; i++) queue.add(message(1, 1000));
      for (let i = 0; i < 10; i++) queue.add(message(2, 200_000));
      const groups = groupsOf(queue, 30);
      const bytes = (group: number, each: number) => groups.filter((one) => one === group).length * each;
      expect(Math.abs(bytes(1, 1000) - bytes(2, 200_000))).toBeLessThanOrEqual(220_000);
    });

    it('keeps the order within each, whatever is added in between', () => {
      const step = fc.record({ group: fc.integer({ min: 1, max: 3 }), length: fc.nat(100_000), takes: fc.nat(3) });
      fc.assert(
        fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
          const queue = new SendQueue(1 << 30, 'refuse');
          const received = new Map<number, number[]>();
          const frames = new FrameReader(1 << 24, (group, payload) => {
            received.set(group, [...(received.get(group) ?? []), payload.length]);
          });
          const sent = new Map<number, number[]>();
          const take = () => {
            const batch = queue.takeBatch();
            if (batch !== undefined) expect(frames.push(batch)).toBeUndefined();
            return batch !== undefined;
          };
          for (const { group, length, takes } of steps) {
            queue.add(message(group, length));
            sent.set(group, [...(sent.get(group) ?? []), length]);
            for (let taken = 0; taken < takes; taken++) take();
          }
          while (take());
          expect(received).toEqual(sent);
          expect([queue.size, queue.bytes]).toEqual([0, 0]);
        }),
        { numRuns: 50 },
      );
    });

    it('drops the oldest of the one that has most', () => {
      const queue = new SendQueue(10_000, 'drop-oldest');
      queue.add(message(1, 100));
      for (let i = 0; i < 1000; i++) expect(queue.add(message(2, 500))).toBe(true);
      expect(queue.dropped).toBeGreaterThan(900);
      expect(groupsOf(queue, 1).filter((group) => group === 1)).toHaveLength(1);
    });

    it.each(['refuse', 'drop-oldest'] as const)('keeps bounds, counts and order with policy %s', (policy) => {
      const add = fc.record({ group: fc.integer({ min: 1, max: 4 }), length: fc.nat(90_000) });
      const step = fc.oneof(add, fc.constantFrom('take' as const, 'takeWaiting' as const));
      fc.assert(
        fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
          const queue = new SendQueue(200_000, policy);
          let added = 0;
          const seen = new Map<number, number[]>();
          const see = (group: number, payload: Uint8Array) => {
            const number = payload.length < 4 ? -1 : new DataView(payload.buffer, payload.byteOffset).getUint32(0);
            seen.set(group, [...(seen.get(group) ?? []), number]);
          };
          const frames = new FrameReader(1 << 24, see);
          const take = () => {
            const batch = queue.takeBatch();
            if (batch !== undefined) expect(frames.push(batch)).toBeUndefined();
            return batch !== undefined;
          };
          let moved = 0;
          for (const current of steps) {
            if (current === 'take') take();
            else if (current === 'takeWaiting') moved += queue.takeWaiting().length;
            else {
              const payload = new Uint8Array(4 + current.length);
              new DataView(payload.buffer).setUint32(0, added);
              if (queue.add({ group: current.group, payload })) added++;
            }
            expect(queue.bytes).toBeLessThanOrEqual(policy === 'refuse' ? 400_000 : 200_000);
            expect(queue.size === 0).toBe(queue.bytes === 0);
          }
          while (take());
          const numbers = [...seen.values()];
          expect(numbers.flat().length).toBe(added - moved - queue.dropped);
          for (const ofGroup of numbers) expect(ofGroup).toEqual(ofGroup.toSorted((a, b) => a - b));
          expect([queue.size, queue.bytes]).toEqual([0, 0]);
        }),
        { numRuns: 100 },
      );
    });

    it('gives each its turn soon, after frames of all that are far longer than a turn', () => {
      const queue = new SendQueue(1 << 28, 'refuse');
      const groups = Array.from({ length: 20 }, (_, index) => index + 1);
      for (const group of groups) {
        queue.add(message(group, 300_000));
        queue.add(message(group, 10));
      }
      const other = reader();
      for (let batch = queue.takeBatch(); batch !== undefined; batch = queue.takeBatch()) other.read(batch);
      expect(other.numbers).toEqual([...groups, ...groups]);
    });

    it('has room for one that comes when another has filled its part', () => {
      const queue = new SendQueue(100_000, 'refuse');
      while (queue.add(message(2, 1000)));
      expect(queue.bytes).toBeGreaterThan(98_000);
      while (queue.add(message(1, 1000)));
      expect(queue.bytes).toBeGreaterThan(145_000);
      expect(queue.add(message(3, 20_000))).toBe(true);
      expect(queue.bytes).toBeLessThanOrEqual(200_000);
    });
  });
});

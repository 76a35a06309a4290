import { describe, expect, it } from 'vitest';
import { SERVED_BYTES_BURST, SERVED_BYTES_MIN, SERVED_BYTES_PER_SECOND, SERVE_QUEUE_MAX } from './limits.js';
import { ServeQueue } from './serveQueue.js';

/** Serves what may be served at this moment. @returns who was served */
function serveAll(queue: ServeQueue<number>, nowMs: number, bytes: number): string[] {
  const served: string[] = [];
  for (let next = queue.next(nowMs); next !== undefined; next = queue.next(nowMs)) {
    queue.charge(next.from, bytes);
    served.push(next.from);
  }
  return served;
}

describe('serving of requests', () => {
  it('lets peers take turns', () => {
    const queue = new ServeQueue<number>();
    for (const from of ['a', 'a', 'a', 'b', 'c']) queue.offer(from, 1, 0);
    expect(serveAll(queue, 0, 1)).toEqual(['a', 'b', 'c', 'a', 'a']);
  });

  it('drops what a peer asks beyond its queue, and keeps the queue of others', () => {
    const queue = new ServeQueue<number>();
    const accepted = Array.from({ length: 100 }, () => queue.offer('greedy', 1, 0)).filter(Boolean);
    expect(accepted).toHaveLength(SERVE_QUEUE_MAX);
    expect(queue.offer('modest', 1, 0)).toBe(true);
    expect(queue.size).toBe(SERVE_QUEUE_MAX + 1);
  });

  it('gives a peer that asks without pause its bytes a second and no more, also over new links', () => {
    const queue = new ServeQueue<number>();
    const answer = 4 * 1024 * 1024;
    let bytes = 0;
    for (let nowMs = 0; nowMs <= 10_000; nowMs += 50) {
      queue.drop('greedy');
      for (let i = 0; i < 20; i++) queue.offer('greedy', 1, nowMs);
      bytes += answer * serveAll(queue, nowMs, answer).length;
    }
    expect(bytes).toBeLessThanOrEqual(SERVED_BYTES_BURST + 10 * SERVED_BYTES_PER_SECOND + answer);
    expect(bytes).toBeGreaterThan(9 * SERVED_BYTES_PER_SECOND);
  });

  it('counts empty answers, too', () => {
    const queue = new ServeQueue<number>();
    let served = 0;
    for (let nowMs = 0; nowMs <= 10_000; nowMs += 10) {
      for (let i = 0; i < 20; i++) queue.offer('greedy', 1, nowMs);
      served += serveAll(queue, nowMs, 0).length;
    }
    const budget = SERVED_BYTES_BURST + 10 * SERVED_BYTES_PER_SECOND;
    expect(served).toBeLessThanOrEqual(budget / SERVED_BYTES_MIN + 1);
  });
});

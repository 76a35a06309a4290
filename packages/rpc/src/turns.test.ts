import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { LONG_PIECE_MS, REST_FACTOR } from './limits.js';
import { Turns } from './turns.js';

it('come one in a turn of the event loop, in order', async () => {
  const turns = new Turns(() => 0);
  const order: string[] = [];
  const work = async (name: string) => {
    for (let piece = 0; piece < 2; piece++) {
      await turns.next();
      order.push(name);
    }
  };
  const all = Promise.all([work('a'), work('b')]);
  await nextTurn();
  order.push('others');
  await all;
  expect(order).toEqual(['a', 'others', 'b', 'a', 'b']);
});

it('rest after a long piece', async () => {
  let nowMs = 0;
  const turns = new Turns(() => nowMs);
  const takes = async (ms: number) => {
    await turns.next();
    nowMs += ms;
  };
  const long = LONG_PIECE_MS * 10;
  const startedAtMs = performance.now();
  await Promise.all([takes(long), takes(LONG_PIECE_MS / 2), takes(0)]);
  // One rest, not two; timers may be a millisecond early.
  expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(long * REST_FACTOR - 2);
});

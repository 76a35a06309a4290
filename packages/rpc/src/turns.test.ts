import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { LONG_PIECE_MS, REST_FACTOR, WHOLE_IN_A_ROW_MAX } from './limits.js';
import { Turns } from './turns.js';

it('come one in a turn of the event loop, in order', async () => {
  const turns = new Turns(() => 0);
  const order: string[] = [];
  const work = async (name: string) => {
    for (let time = 0; time < 2; time++) {
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

it('let what is done in one go pass pieces of what is long, which come all the same', async () => {
  const turns = new Turns(() => 0);
  const order: string[] = [];
  const note = (name: string) => () => order.push(name);
  const pieces = ['1', '2', '3'].map(async (name) => turns.nextPiece().then(note(name)));
  const whole = Array.from({ length: WHOLE_IN_A_ROW_MAX + 1 }, async () => turns.next().then(note('w')));
  await Promise.all([...pieces, ...whole]);
  expect(order.join('')).toBe(`${'w'.repeat(WHOLE_IN_A_ROW_MAX)}1w23`);
});

it('rest after a long piece, from pieces alone', async () => {
  let nowMs = 0;
  const turns = new Turns(() => nowMs);
  const order: string[] = [];
  const piece = async (name: string, tookMs: number) => {
    await turns.nextPiece();
    nowMs += tookMs;
    order.push(name);
  };
  const short = [piece('a', 0), piece('b', LONG_PIECE_MS / 2), piece('c', 10 * LONG_PIECE_MS)];
  const long = piece('d', 0);
  await Promise.all(short);
  await turns.next();
  for (let turn = 0; turn < 10; turn++) await nextTurn();
  expect(order).toEqual(['a', 'b', 'c']);
  nowMs += REST_FACTOR * 10 * LONG_PIECE_MS;
  await long;
  expect(order).toEqual(['a', 'b', 'c', 'd']);
});

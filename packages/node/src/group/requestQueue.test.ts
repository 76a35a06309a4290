import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '@menglian/rpc/errors';
import type { GroupRequest } from '@menglian/rpc/ports';
import { describe, expect, it } from 'vitest';
import { ANSWER_CHARACTERS_MAX } from '@menglian/rpc/limits';
import { ALL_ANSWER_CHARACTERS_MAX, PART_CHARACTERS, RequestQueue } from './requestQueue.js';

/** Where the tests have one client only. */
const SOURCE = 3;

const request = (method: string): GroupRequest => ({ method, params: [] });

/** A queue whose requests take the milliseconds that their method names. */
function createQueue(json: (method: string) => string = (method) => method) {
  /** of batches that were answered in full */
  const answers: [number, readonly Outcome[]][] = [];
  const parts: Outcome[][] = [];
  const counts = new Map<number, number>();
  const begun = new Map<number, Outcome[]>();
  const errors: unknown[] = [];
  const joinedCounts: number[] = [];
  let nowMs = 0;
  const queue = new RequestQueue({
    run: (joined) => {
      joinedCounts.push(joined.length);
      return joined.map(({ method }) => {
        if (method === 'broken') throw new Error(method);
        nowMs += method.startsWith('send') ? 0.2 : Number(method);
        return { ok: true, json: json(method) };
      });
    },
    answer: (number, outcomes) => {
      parts.push(outcomes);
      const all = [...(begun.get(number) ?? []), ...outcomes];
      if (all.length === counts.get(number)) answers.push([number, all]);
      else begun.set(number, all);
    },
    onError: (error) => errors.push(error),
    nowMs: () => nowMs,
  });
  const push = (source: number, number: number, requests: readonly GroupRequest[]) => {
    counts.set(number, requests.length);
    queue.push(source, number, requests);
  };
  return { queue: { push, stop: () => queue.stop() }, answers, parts, errors, joinedCounts };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(1);
}

describe('the queue of requests', () => {
  it('answers a short batch at once and in order', () => {
    const { queue, answers } = createQueue();
    queue.push(SOURCE, 7, [request('0'), request('1')]);
    expect(answers).toEqual([
      [
        7,
        [
          { ok: true, json: '0' },
          { ok: true, json: '1' },
        ],
      ],
    ]);
  });

  it('lets others work while a long batch runs, and keeps the order of batches', async () => {
    const { queue, answers } = createQueue();
    let turns = 0;
    const takeTurn = () => {
      turns += 1;
      if (answers.length < 2) setImmediate(takeTurn);
    };
    takeTurn();
    queue.push(
      SOURCE,
      1,
      Array.from({ length: 40 }, () => request('3')),
    );
    queue.push(SOURCE, 2, [request('0')]);
    await until(() => answers.length === 2);
    expect(answers.map(([number, outcomes]) => [number, outcomes.length])).toEqual([
      [1, 40],
      [2, 1],
    ]);
    expect(turns).toBeGreaterThan(3);
  });

  it('shares one slice among all that comes in one turn', async () => {
    const { queue, answers } = createQueue();
    for (let number = 0; number < 100; number++) queue.push(SOURCE, number, [request('3')]);
    expect(answers.length).toBeLessThan(100);
    await until(() => answers.length === 100);
    expect(answers.map(([number]) => number)).toEqual(Array.from({ length: 100 }, (_, number) => number));
  });

  it('lets nobody wait for all that another source has asked before', async () => {
    const { queue, answers } = createQueue();
    for (let number = 0; number < 20; number++) queue.push(1, number, [request('8')]);
    queue.push(2, 100, [request('0'), request('0')]);
    queue.push(3, 200, [request('0')]);
    queue.push(2, 101, [request('0')]);
    await until(() => answers.length === 23);
    const numbers = answers.map(([number]) => number);
    const waited = [100, 101, 200].map((number) => numbers.indexOf(number));
    expect(Math.max(...waited)).toBeLessThan(8);
    // First come, first served within one source.
    expect(numbers.filter((number) => number < 100)).toEqual(Array.from({ length: 20 }, (_, number) => number));
    expect(numbers.indexOf(100)).toBeLessThan(numbers.indexOf(101));
  });

  it('lets nobody wait for the end of a long batch of another source', async () => {
    const { queue, answers } = createQueue();
    queue.push(
      1,
      1,
      Array.from({ length: 40 }, () => request('2')),
    );
    queue.push(2, 2, [request('0')]);
    await until(() => answers.length === 2);
    expect(answers.map(([number]) => number)).toEqual([2, 1]);
  });

  it('gives sources the same time, however dear their requests are', async () => {
    const { queue, answers } = createQueue();
    for (let number = 0; number < 10; number++) queue.push(1, number, [request('30')]);
    for (let number = 100; number < 150; number++) queue.push(2, number, [request('3')]);
    await until(() => answers.length === 60);
    // What is cheap takes half as long as what is dear: of the dear, half is done by then, in turns of 30 ms.
    const before = answers.slice(
      0,
      answers.findIndex(([number]) => number === 149),
    );
    const dear = before.filter(([number]) => number < 100).length;
    expect(dear).toBeGreaterThan(3);
    expect(dear).toBeLessThan(7);
  });

  it('gives transactions that stand side by side away together, as many as fit the time, and nothing else', async () => {
    const { queue, answers, joinedCounts } = createQueue();
    const sends = (count: number) => Array.from({ length: count }, () => request('sendRawTransaction'));
    queue.push(SOURCE, 1, [request('0'), request('0'), ...sends(300), request('0'), ...sends(1)]);
    await until(() => answers.length === 1);
    expect(answers[0]![1]).toHaveLength(304);
    expect(joinedCounts.slice(0, 3)).toEqual([1, 1, 16]);
    expect(joinedCounts.reduce((sum, count) => sum + count)).toBe(304);
    // At 0.2 ms each, half a slice holds about 25.
    expect(Math.max(...joinedCounts)).toBeLessThan(64);
    expect(joinedCounts.filter((count) => count >= 16).length).toBeGreaterThan(5);
  });

  it('stops answering a batch whose answers grow without end', async () => {
    const long = 'x'.repeat(ANSWER_CHARACTERS_MAX / 4);
    const { queue, answers } = createQueue(() => long);
    queue.push(
      SOURCE,
      1,
      Array.from({ length: 1000 }, () => request('0')),
    );
    await until(() => answers.length === 1);
    const [[, outcomes]] = answers as [[number, Outcome[]]];
    expect(outcomes.map(({ ok }) => ok).lastIndexOf(true)).toBe(4);
    expect(outcomes).toHaveLength(1000);
    expect(outcomes[999]).toMatchObject({ ok: false, error: { code: -32603 } });
    queue.push(SOURCE, 2, [request('0')]);
    expect(answers[1]).toEqual([2, [{ ok: true, json: long }]]);
  });

  it('hands long answers over in parts', async () => {
    const { queue, answers, parts } = createQueue(() => 'x'.repeat(PART_CHARACTERS / 4));
    queue.push(
      SOURCE,
      1,
      Array.from({ length: 10 }, () => request('0')),
    );
    await until(() => answers.length === 1);
    expect(parts.map(({ length }) => length)).toEqual([4, 4, 2]);
  });

  it('begins no more long batches at a time than there is room for', async () => {
    const CHARACTERS = ANSWER_CHARACTERS_MAX / 2;
    // Many answers of few texts: the queue only counts.
    const long = 'x'.repeat(CHARACTERS);
    const { queue, answers } = createQueue((method) => (method === '6' ? long : '1'));
    const batches = (2 * ALL_ANSWER_CHARACTERS_MAX) / CHARACTERS;
    // Each takes more than a turn, so that all are under way together.
    for (let number = 0; number < batches; number++)
      queue.push(number, number, [request('6'), request('0'), request('6')]);
    queue.push(batches, batches, [request('0'), request('0')]);
    await until(() => answers.length === batches + 1);
    const isRefused = ({ ok }: Outcome) => !ok;
    const refused = answers.filter(([, outcomes]) => outcomes.some(isRefused));
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(batches);
    expect(refused[0]![1].find(isRefused)).toMatchObject({
      error: { message: expect.stringContaining('ask again later') },
    });
    expect(answers.find(([number]) => number === batches)![1].every(({ ok }) => ok)).toBe(true);
    // Afterwards there is room again.
    queue.push(SOURCE, 1000, [request('6'), request('0')]);
    await until(() => answers.at(-1)![0] === 1000);
    expect(answers.at(-1)![1].every(({ ok }) => ok)).toBe(true);
  });

  it('tells of a request that throws, and answers nothing once it is stopped', async () => {
    const { queue, answers, errors } = createQueue();
    queue.push(SOURCE, 1, [request('0'), request('broken')]);
    expect(errors).toEqual([new Error('broken')]);
    const stopped = createQueue();
    stopped.queue.push(SOURCE, 1, [request('20'), request('20')]);
    stopped.queue.stop();
    await sleep(30);
    expect([answers, stopped.answers]).toEqual([[], []]);
  });
});

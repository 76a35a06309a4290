import { expect, it } from 'vitest';
import { Relay } from './relay.js';
import { type Retry, retryFailed } from './retries.js';
import { FakePorts } from './testing/fakePorts.js';
import { MemoryChain, noConnection } from './testing/memoryChain.js';

it('gives what receivers refused to them again, in order, and tells what became of each', async () => {
  const [users, hot] = [new MemoryChain('users'), new MemoryChain('hot')];
  users.know(hot);
  hot.know(users);
  hot.refuses = (text) => text !== 'good';
  users.send(hot, ['bad', 'good'], ['worse']);
  users.send(hot, ['bad too']);
  const options = { pollMs: 1, clearMs: 0 };
  await new Relay([users, hot], options, new FakePorts(), () => {}).once(new AbortController().signal);
  expect(hot.taken).toEqual(['good']);
  hot.refuses = (text) => text === 'worse';
  const told: Retry[] = [];
  expect(await retryFailed([users, hot], (retry) => told.push(retry))).toBe(false);
  const lane = 'users → hot';
  expect(told).toEqual([
    { lane, sequence: 1n, outcome: 'taken' },
    { lane, sequence: 3n, outcome: 'refused' },
    { lane, sequence: 4n, outcome: 'taken' },
  ]);
  expect(hot.taken).toEqual(['good', 'bad', 'bad too']);
  hot.refuses = () => false;
  expect(await retryFailed([users, hot], () => {})).toBe(true);
  expect(await retryFailed([users, hot], () => {})).toBe(true);
  expect(hot.taken.at(-1)).toBe('worse');
});

it('goes on with the next where one cannot be tried', async () => {
  const [users, hot] = [new MemoryChain('users'), new MemoryChain('hot')];
  users.send(hot, ['a'], ['b']);
  hot.refused.set(users.hash, [1n, 2n, 9n]);
  let lost = 0;
  users.before = (call) => {
    if (call === 'bundle' && lost++ === 0) throw noConnection();
  };
  const told: unknown[] = [];
  const report = ({ outcome }: Retry) => told.push(typeof outcome === 'string' ? outcome : outcome.code);
  expect(await retryFailed([users, hot], report)).toBe(false);
  expect(told).toEqual(['NoConnection', 'taken', 'NotFound']);
});

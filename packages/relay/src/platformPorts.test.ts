import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { PLATFORM_PORTS } from './platformPorts.js';

const warnings: string[] = [];
const onWarning = ({ name }: Error) => warnings.push(name);

afterEach(() => {
  process.removeListener('warning', onWarning);
});

it('lets the loops of many chains wait for one signal, and ends all at once', async () => {
  process.on('warning', onWarning);
  const stop = new AbortController();
  const sleepers = Array.from({ length: 64 }, async () => PLATFORM_PORTS.sleep(3_600_000, stop.signal));
  await setImmediate();
  stop.abort();
  await Promise.all(sleepers);
  expect(warnings).toEqual([]);
});

it('does not begin to wait when it is over already', async () => {
  await PLATFORM_PORTS.sleep(3_600_000, AbortSignal.abort());
});

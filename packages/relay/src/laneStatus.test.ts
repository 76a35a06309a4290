import { setImmediate } from 'node:timers/promises';
import type { Hash } from '@menglian/sdk/hex';
import { expect, it } from 'vitest';
import { laneStatuses } from './laneStatus.js';

it('asks a few questions at once, however many the chains are', async () => {
  let [underWay, most, identities] = [0, 0, 0];
  const asked = async <T>(value: T): Promise<T> => {
    most = Math.max(most, ++underWay);
    await setImmediate();
    underWay--;
    return value;
  };
  const chains = Array.from({ length: 40 }, (_, index) => ({
    name: `chain ${index}`,
    identity: () => {
      identities++;
      return asked(`0x${index}` as Hash);
    },
    lastSent: (to: Hash) => asked(BigInt(to) + BigInt(index)),
    inbox: () => asked({ lastTaken: BigInt(index), failed: 1n }),
  }));
  const lanes = await laneStatuses(chains);
  expect(lanes.length).toBe(40 * 39);
  expect(lanes[39]).toEqual({ from: 'chain 1', to: 'chain 0', sent: 1n, taken: 0n, failed: 1n });
  expect(identities).toBe(40);
  expect(most).toBeLessThanOrEqual(80);
});

import { SeededRandom } from '@menglian/base/seededRandom';
import { describeKeyValueStore } from '@menglian/compliance/keyValueStore';
import type { KeyValueStore } from '@menglian/storage/ports';
import { describe, expect, it } from 'vitest';
import { SimulatedDisk } from './simulatedDisk.js';
import { VirtualTime } from './virtualTime.js';

const SPEED = { writeMs: 5, stallPercent: 20, stallMs: 30 };
const key = (n: number): Uint8Array => Uint8Array.of(n);
const batch = (n: number) => [
  { key: key(n), value: Uint8Array.of(n) },
  { key: key(n + 100), value: Uint8Array.of(n) },
];

function makeDisk(seed: number): { disk: SimulatedDisk; time: VirtualTime } {
  const time = new VirtualTime();
  return { disk: new SimulatedDisk(time, new SeededRandom(seed), SPEED), time };
}

/** The batches of 1 to `count` that are there; each must be whole. */
function found(store: KeyValueStore, count: number): number[] {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const there = numbers.filter((n) => store.get(key(n)) !== undefined);
  expect(numbers.filter((n) => store.get(key(n + 100)) !== undefined)).toEqual(there);
  return there;
}

describeKeyValueStore(
  'simulated disk',
  async () => {
    const { disk, time } = makeDisk(1);
    const place = { isOpen: true };
    // The suite waits in real time, so that virtual time has to pass meanwhile.
    const live = async (): Promise<void> => {
      while (place.isOpen) await time.runUntil(time.nowMs + 1);
    };
    void live();
    return {
      open: () => disk.open(),
      dispose: async () => {
        place.isOpen = false;
      },
    };
  },
  { survivesClose: true },
);

describe('a simulated disk', () => {
  it('keeps durable batches and loses the others from some batch on', async () => {
    const outcomes = new Set<string>();
    for (let seed = 1; seed <= 60; seed++) {
      const { disk, time } = makeDisk(seed);
      const store = await disk.open();
      for (const n of [1, 2, 3, 4, 5]) void store.write(batch(n), { durable: n === 2 });
      await time.runUntil(500);
      void store.write(batch(6), { durable: true });
      disk.losePower();
      const there = found(await disk.open(), 6);
      expect(there).toEqual([1, 2, 3, 4, 5, 6].slice(0, there.length));
      expect(there.length).toBeGreaterThanOrEqual(2);
      outcomes.add(there.join());
    }
    expect(outcomes.size).toBe(5);
  });

  it('keeps all that was written when only the process dies', async () => {
    const { disk, time } = makeDisk(1);
    const store = await disk.open();
    void store.write(batch(1), { durable: false });
    await time.runUntil(500);
    disk.kill();
    expect(found(await disk.open(), 1)).toEqual([1]);
  });

  it('dies in the chosen write, before or after the batch, and never answers again', async () => {
    for (const [kind, there] of [
      ['crashBefore', [1]],
      ['crashAfter', [1, 2]],
    ] as const) {
      const { disk, time } = makeDisk(1);
      const store = await disk.open();
      disk.plan = { atWrite: 1, kind };
      let deaths = 0;
      disk.onCrash = () => deaths++;
      const settled: number[] = [];
      for (const n of [1, 2, 3]) void store.write(batch(n), { durable: true }).finally(() => settled.push(n));
      await time.runUntil(1000);
      expect([deaths, settled]).toEqual([1, []]);
      expect(found(await disk.open(), 3)).toEqual(there);
    }
  });

  it('fails the chosen write and all later ones', async () => {
    const { disk, time } = makeDisk(1);
    const store = await disk.open();
    disk.plan = { atWrite: 1, kind: 'full' };
    const codes: string[] = [];
    for (const n of [1, 2, 3]) {
      void store.write(batch(n), { durable: true }).catch((error: { code: string }) => codes.push(error.code));
      await time.runUntil(time.nowMs + 100);
    }
    expect(codes).toEqual(['storage/no-space', 'storage/failed']);
    expect(found(store, 3)).toEqual([1]);
  });

  it('rots: what is read is an error or another value, until it is written again', async () => {
    for (const kind of ['silent', 'detected'] as const) {
      const { disk, time } = makeDisk(3);
      const store = await disk.open();
      void store.write([{ key: key(1), value: Uint8Array.of(1) }], { durable: true });
      await time.runUntil(500);
      expect(disk.rot(kind)).toBe(true);
      if (kind === 'detected') expect(() => store.get(key(1))).toThrow('checksum');
      else expect(store.get(key(1))).not.toEqual(key(1));
      void store.write([{ key: key(1), value: Uint8Array.of(2) }], { durable: true });
      await time.runUntil(1000);
      expect(store.get(key(1))).toEqual(key(2));
    }
  });
});

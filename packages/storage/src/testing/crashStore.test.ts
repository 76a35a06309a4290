import { describe, expect, it } from 'vitest';
import { CrashDisk, SimulatedCrash } from './crashStore.js';

const key = (n: number): Uint8Array => Uint8Array.of(n);
const put = (n: number, value: number): { key: Uint8Array; value: Uint8Array }[] => [
  { key: key(n), value: Uint8Array.of(value) },
  { key: key(n + 100), value: Uint8Array.of(value) },
];

describe('simulated disk', () => {
  it('keeps durable writes and loses the tail, whole batches at a time', async () => {
    for (const [keep, survivors] of [
      ['none', [1, 2]],
      ['part of the third', [1, 2]],
      ['third', [1, 2, 3]],
      ['part of the fourth', [1, 2, 3]],
      ['all', [1, 2, 3, 4]],
    ] as const) {
      const disk = new CrashDisk();
      const store = await disk.open();
      await store.write(put(1, 1), { durable: false });
      await store.write(put(2, 2), { durable: true });
      expect(disk.unsyncedBytes).toBe(0);
      await store.write(put(3, 3), { durable: false });
      const one = disk.unsyncedBytes;
      await store.write(put(4, 4), { durable: false });
      const bytes = { none: 0, 'part of the third': one - 1, third: one, 'part of the fourth': one + 9, all: 2 * one };
      disk.losePower(bytes[keep]);
      const reopened = await disk.open();
      const found = [1, 2, 3, 4].filter((n) => reopened.get(key(n)) !== undefined);
      expect(found).toEqual(survivors);
      expect([1, 2, 3, 4].filter((n) => reopened.get(key(n + 100)) !== undefined)).toEqual(survivors);
    }
  });

  it('ends the process in the chosen write, whose batch may survive', async () => {
    const disk = new CrashDisk();
    const store = await disk.open({ crashAtWrite: 1 });
    await store.write(put(1, 1), { durable: true });
    await expect(store.write(put(2, 2), { durable: true })).rejects.toThrow(SimulatedCrash);
    expect(() => store.get(key(1))).toThrow(SimulatedCrash);
    await expect(store.write(put(3, 3), { durable: true })).rejects.toThrow(SimulatedCrash);
    expect(disk.unsyncedBytes).toBeGreaterThan(0);
    disk.losePower(disk.unsyncedBytes);
    const reopened = await disk.open();
    expect([reopened.get(key(1)), reopened.get(key(2)), reopened.get(key(3))]).toEqual([key(1), key(2), undefined]);
    expect(disk.writeCount).toBe(2);
  });

  it('fails the chosen write and all that follow, while reads go on', async () => {
    const disk = new CrashDisk();
    const store = await disk.open({ failAtWrite: 1 });
    await store.write(put(1, 1), { durable: true });
    await expect(store.write(put(2, 2), { durable: true })).rejects.toMatchObject({ code: 'storage/no-space' });
    await expect(store.write(put(3, 3), { durable: true })).rejects.toMatchObject({ code: 'storage/failed' });
    expect(store.get(key(1))).toEqual(key(1));
    expect(store.get(key(2))).toBeUndefined();
  });
});

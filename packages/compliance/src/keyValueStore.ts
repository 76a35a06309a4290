/** What every backend of the storage port must do. Call inside a test file, once for each backend. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareBytes, fromHex, toHex, utf8Bytes } from '@menglian/base/bytes';
import { MAX_BATCH_OPERATIONS, MAX_KEY_BYTES, MAX_SCAN_ENTRIES, MAX_SNAPSHOTS } from '@menglian/storage/limits';
import type { KeyValueStore, WriteOperation } from '@menglian/storage/ports';

/** A place where stores of the backend live; one place for each test. */
export interface StorePlace {
  /** Opens the store; again after a close, then with what was written before. */
  open(): Promise<KeyValueStore>;
  /** Removes everything. */
  dispose(): Promise<void>;
}

export interface KeyValueStoreSuiteOptions {
  /** False for stores that end with the process. */
  readonly survivesClose: boolean;
}

export function describeKeyValueStore(
  name: string,
  makePlace: () => Promise<StorePlace>,
  options: KeyValueStoreSuiteOptions,
): void {
  describe(`key-value store: ${name}`, () => {
    let place: StorePlace;
    let store: KeyValueStore;

    beforeEach(async () => {
      place = await makePlace();
      store = await place.open();
    });
    afterEach(async () => {
      await store.close();
      await place.dispose();
    });

    const get = (key: string): string | undefined => {
      const value = store.get(bytes(key));
      return value === undefined ? undefined : Buffer.from(value).toString('latin1');
    };

    it('answers undefined for an absent key, and an empty value for an empty value', async () => {
      expect(store.get(bytes('a'))).toBeUndefined();
      await store.write([put('a', '')], { durable: true });
      expect(get('a')).toBe('');
      expect(store.get(bytes('a'))?.constructor).toBe(Uint8Array);
    });

    it('puts, replaces and deletes; the last operation on a key wins', async () => {
      await store.write([put('a', '1'), put('b', '1'), put('a', '2'), del('b'), del('c')], { durable: true });
      expect([get('a'), get('b'), get('c')]).toEqual(['2', undefined, undefined]);
      await store.write([del('a'), put('a', '3'), put('b', '3')], { durable: false });
      expect([get('a'), get('b')]).toEqual(['3', '3']);
      await store.write([], { durable: true });
      expect(get('a')).toBe('3');
    });

    it('applies batches in the order of the calls, awaited or not, durable or not', async () => {
      const writes: Array<Promise<void>> = [];
      for (let i = 0; i < 200; i++) {
        writes.push(store.write([put('x', String(i)), put(`k${i}`, 'v')], { durable: i % 3 === 0 }));
      }
      await Promise.all(writes);
      expect(get('x')).toBe('199');
      expect(get('k0')).toBe('v');
      expect(get('k199')).toBe('v');
    });

    it('shows exactly the batches whose promise has resolved', async () => {
      await store.write([put('a', 'old'), put('b', 'old')], { durable: true });
      const outcome = { isResolved: false };
      const write = store.write([put('a', 'new'), del('b'), put('c', 'new')], { durable: true }).then(() => {
        outcome.isResolved = true;
      });
      for (let turn = 0; turn < 5 || !outcome.isResolved; turn++) {
        // Long enough for a disk to finish while we, the only ones to be told, are busy.
        const end = performance.now() + 10;
        while (performance.now() < end);
        const expected = outcome.isResolved ? ['new', undefined, 'new'] : ['old', 'old', undefined];
        expect([get('a'), get('b'), get('c')]).toEqual(expected);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await write;
    });

    it('tells at once when reads see a batch, and not at all when it is refused', async () => {
      const told: string[] = [];
      const write = (name: string, value: string): Promise<void> =>
        store.write([put(name, value)], {
          durable: true,
          onVisible: () => told.push(`${name} is ${get('a')} ${get('b')}`),
        });
      await Promise.all([write('a', '1').then(() => told.push('a resolved')), write('b', '2')]);
      expect(told.filter((line) => line.startsWith('a'))).toEqual([expect.stringMatching(/^a is 1 /), 'a resolved']);
      expect(told).toContain('b is 1 2');
      await expect(write('', '3')).rejects.toMatchObject({ code: 'storage/too-large' });
      expect(told).toHaveLength(3);
    });

    it('a scan begun before a write resolved does not see the write', async () => {
      await store.write([put('a', '1')], { durable: true });
      const write = store.write([put('b', '2'), del('a')], { durable: true });
      const scan = store.scan({ from: bytes('a'), to: bytes('z') });
      expect(text(await scan)).toEqual(['a=1']);
      await write;
      expect(text(await store.scan({ from: bytes('a'), to: bytes('z') }))).toEqual(['b=2']);
    });

    it('a snapshot shows the moment it was taken at, also one taken while a write is under way', async () => {
      const all = { from: bytes('a'), to: bytes('z') };
      await store.write([put('a', '1'), put('b', '1')], { durable: true });
      const before = store.snapshot();
      const write = store.write([put('a', '2'), del('b'), put('c', '2')], { durable: true });
      const during = store.snapshot();
      const alsoDuring = store.snapshot();
      await write;
      const after = store.snapshot();
      await store.write([del('a'), del('c')], { durable: true });
      expect(text(await before.scan(all))).toEqual(['a=1', 'b=1']);
      expect(text(await during.scan(all))).toEqual(['a=1', 'b=1']);
      await during.close();
      expect(text(await alsoDuring.scan({ ...all, reverse: true, limit: 1 }))).toEqual(['b=1']);
      expect(text(await after.scan(all))).toEqual(['a=2', 'c=2']);
      expect(text(await store.scan(all))).toEqual([]);
      for (const snapshot of [before, during, alsoDuring, after, after]) await snapshot.close();
      await expect(after.scan(all)).rejects.toMatchObject({ code: 'storage/closed' });
    });

    it('bounds the snapshots that are open, and closes with some open', async () => {
      const open = Array.from({ length: MAX_SNAPSHOTS }, () => store.snapshot());
      expect(() => store.snapshot()).toThrow(expect.objectContaining({ code: 'storage/too-large' }));
      await open[0]!.close();
      const last = store.snapshot();
      await store.close();
      const closed = { code: 'storage/closed' };
      await expect(last.scan({ from: bytes('a'), to: bytes('z') })).rejects.toMatchObject(closed);
      expect(() => store.snapshot()).toThrow(expect.objectContaining(closed));
      await last.close();
    });

    it('keeps its values when the caller uses its buffers again after the write', async () => {
      const key = bytes('key');
      const value = bytes('value');
      await store.write([{ key, value }], { durable: true });
      key.fill(0);
      value.fill(0);
      expect(get('key')).toBe('value');
    });

    it('scans in byte order, from inclusive, to exclusive', async () => {
      const keys = ['00', '01', '0100', '01ff', '02', '7f', '80', 'ff', 'ff00', 'ffff'];
      await store.write(
        keys.toReversed().map((key) => ({ key: fromHex(key), value: fromHex(key) })),
        { durable: true },
      );
      const scan = async (
        from: string,
        to: string,
        more: { limit?: number; reverse?: boolean } = {},
      ): Promise<string[]> =>
        (await store.scan({ from: fromHex(from), to: fromHex(to), ...more })).map(([key]) => toHex(key));
      expect(await scan('00', 'ffffff')).toEqual(keys);
      expect(await scan('01', '02')).toEqual(['01', '0100', '01ff']);
      expect(await scan('0100', '0100')).toEqual([]);
      expect(await scan('80', '01')).toEqual([]);
      expect(await scan('00', 'ffffff', { limit: 3 })).toEqual(['00', '01', '0100']);
      expect(await scan('00', 'ffffff', { limit: 0 })).toEqual([]);
      expect(await scan('01', '80', { reverse: true })).toEqual(['7f', '02', '01ff', '0100', '01']);
      expect(await scan('00', 'ff', { reverse: true, limit: 2 })).toEqual(['80', '7f']);
    });

    it('bounds a scan without a limit', async () => {
      const batch: WriteOperation[] = [];
      for (let i = 0; i <= MAX_SCAN_ENTRIES; i++) batch.push(put(`k${String(i).padStart(6, '0')}`, 'v'));
      await store.write(batch, { durable: false });
      expect(await store.scan({ from: bytes('k'), to: bytes('l') })).toHaveLength(MAX_SCAN_ENTRIES);
      expect(await store.scan({ from: bytes('k'), to: bytes('l'), limit: 1e9 })).toHaveLength(MAX_SCAN_ENTRIES);
    });

    it('holds large values and long keys', async () => {
      const value = new Uint8Array(5_000_000).map((_, index) => index * 7);
      const key = new Uint8Array(70_000).fill(0x41);
      await store.write([{ key, value }], { durable: true });
      expect(compareBytes(store.get(key)!, value)).toBe(0);
    });

    it('refuses what is above its limits and stays usable', async () => {
      const tooLarge = { code: 'storage/too-large' };
      const durable = { durable: true };
      await expect(store.write([{ key: new Uint8Array(0), value: bytes('v') }], durable)).rejects.toMatchObject(
        tooLarge,
      );
      const longKey = new Uint8Array(MAX_KEY_BYTES + 1);
      await expect(store.write([put('a', '1'), { key: longKey, value: undefined }], durable)).rejects.toMatchObject(
        tooLarge,
      );
      const many = new Array<WriteOperation>(MAX_BATCH_OPERATIONS + 1).fill(put('a', '2'));
      await expect(store.write(many, durable)).rejects.toMatchObject(tooLarge);
      expect(get('a')).toBeUndefined();
      await store.write([put('a', '3')], durable);
      expect(get('a')).toBe('3');
    });

    it('close waits for writes, refuses later use, and may be repeated', async () => {
      const write = store.write([put('a', '1')], { durable: true });
      await Promise.all([store.close(), write]);
      await store.close();
      const closed = { code: 'storage/closed' };
      expect(() => store.get(bytes('a'))).toThrow(expect.objectContaining(closed));
      await expect(store.write([put('a', '2')], { durable: true })).rejects.toMatchObject(closed);
      await expect(store.scan({ from: bytes('a'), to: bytes('b') })).rejects.toMatchObject(closed);
      if (!options.survivesClose) return;
      store = await place.open();
      expect(get('a')).toBe('1');
    });

    it('agrees with a sorted map on random batches, scans and reopenings', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
          const model = new Map<string, string>();
          await clear(store);
          for (const { batch, durable, from, to, reverse, limit, reopen } of steps) {
            await store.write(
              batch.map(({ key, value }) => operation(key, value)),
              { durable },
            );
            for (const { key, value } of batch) {
              if (value === undefined) model.delete(key);
              else model.set(key, value);
            }
            if (reopen && options.survivesClose) {
              await store.close();
              store = await place.open();
            }
            const scanned = await store.scan({ from: fromHex(from), to: fromHex(to), reverse, limit });
            expect(scanned.map(([key, value]) => [toHex(key), toHex(value)])).toEqual(
              expectedScan(model, from, to, reverse, limit),
            );
            for (const { key } of batch) {
              const value = store.get(fromHex(key));
              expect(value === undefined ? undefined : toHex(value)).toBe(model.get(key));
            }
          }
        }),
        { numRuns: 25 },
      );
    });
  });
}

/** Few and short keys, so that operations meet. */
const keyText = fc.uint8Array({ minLength: 1, maxLength: 2 }).map((key) => toHex(key.map((byte) => byte & 0x83)));

const step = fc.record({
  batch: fc.array(
    fc.record({ key: keyText, value: fc.option(fc.uint8Array({ maxLength: 40 }).map(toHex), { nil: undefined }) }),
    { maxLength: 10 },
  ),
  durable: fc.boolean(),
  from: keyText,
  to: keyText,
  reverse: fc.boolean(),
  limit: fc.integer({ min: 0, max: 12 }),
  reopen: fc.boolean(),
});

function expectedScan(
  model: ReadonlyMap<string, string>,
  from: string,
  to: string,
  reverse: boolean,
  limit: number,
): Array<[string, string]> {
  // Hexadecimal text of whole bytes sorts as the bytes do.
  const inRange = [...model].filter(([key]) => key >= from && key < to).sort(([a], [b]) => (a < b ? -1 : 1));
  return (reverse ? inRange.toReversed() : inRange).slice(0, limit);
}

async function clear(store: KeyValueStore): Promise<void> {
  const entries = await store.scan({ from: Uint8Array.of(0), to: new Uint8Array(4).fill(0xff) });
  await store.write(
    entries.map(([key]) => ({ key, value: undefined })),
    { durable: false },
  );
}

function bytes(text: string): Uint8Array {
  return utf8Bytes(text);
}

function operation(key: string, value: string | undefined): WriteOperation {
  return { key: fromHex(key), value: value === undefined ? undefined : fromHex(value) };
}

function put(key: string, value: string): WriteOperation {
  return { key: bytes(key), value: bytes(value) };
}

function del(key: string): WriteOperation {
  return { key: bytes(key), value: undefined };
}

function text(entries: ReadonlyArray<[Uint8Array, Uint8Array]>): string[] {
  return entries.map(([key, value]) => `${Buffer.from(key).toString()}=${Buffer.from(value).toString()}`);
}

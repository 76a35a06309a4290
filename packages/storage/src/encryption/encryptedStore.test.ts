import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toHex, utf8Bytes, utf8Text } from '@menglian/base/bytes';
import { openLevelStore } from '../levelStore.js';
import { openMemoryStore } from '../memoryStore.js';
import type { KeyValueStore } from '../ports.js';
import { CrashDisk } from '../testing/crashStore.js';
import { drawBytes } from '../testing/drawBytes.js';
import { checkStore, refuseOtherKeys } from './checkStore.js';
import { makeDataKey, type DataKey } from './dataKey.js';
import type { EncryptedStore } from './encryptedStore.js';
import { openEncryptedStore, refuseEncryptedStore } from './openEncryptedStore.js';
import { HEADER_BYTES } from './sealedValue.js';
import { STORAGE_ALGORITHMS } from './valueCipher.js';
import { ValueSealer } from './valueSealer.js';

const random = drawBytes('encrypted store');
const DURABLE = { durable: true };
const bytes = utf8Bytes;
const put = (key: string, value: string) => ({ key: bytes(key), value: bytes(value) });

async function encrypt(inner: KeyValueStore, keys: readonly DataKey[]): Promise<EncryptedStore> {
  const store = await openEncryptedStore(inner, {
    keys,
    storeName: 'group1',
    path: 'data/group1',
    randomBytes: random,
  });
  if (!store.ok) throw new Error(store.reason.message);
  return store.value;
}

describe.each(STORAGE_ALGORITHMS)('a store under %s', (algorithm) => {
  const keys = [makeDataKey(algorithm, random)];

  it('has no value in clear on the disk, and keys as they are', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'menglian-clear-'));
    const level = await openLevelStore(join(folder, 'db'));
    if (!level.ok) throw new Error(level.reason.message);
    const store = await encrypt(level.value, keys);
    const batch = Array.from({ length: 100 }, (_, i) => put(`the key ${i}`, `the secret value ${i}`));
    await store.write(batch, DURABLE);
    expect(utf8Text(store.get(bytes('the key 7'))!)).toBe('the secret value 7');
    await store.close();
    const names = await readdir(join(folder, 'db'));
    const files = await Promise.all(names.map((name) => readFile(join(folder, 'db', name))));
    const isOnDisk = (text: string) => files.some((file) => file.includes(text));
    expect([isOnDisk('the key 7'), isOnDisk('secret')]).toEqual([true, false]);
    await rm(folder, { recursive: true });
  });

  it('names the key of a value that was changed, moved or written by somebody else, in get, scan and snapshot', async () => {
    const inner = openMemoryStore();
    const store = await encrypt(inner, keys);
    await store.write([put('account 1', '100'), put('account 2', '7'), put('account 3', '0')], DURABLE);
    const rich = inner.get(bytes('account 1'))!;
    const cases = [
      [
        rich,
        /data\/group1: the value at key account%202 is not what was written there: .*let the node fetch the chain/,
      ],
      [rich.slice(0, -1), /is not what was written there/],
      [bytes('1000'), /is not encrypted, as all others are/],
      [new Uint8Array(), /is not encrypted, as all others are/],
    ] as const;
    for (const [value, sentence] of cases) {
      await inner.write([{ key: bytes('account 2'), value }], DURABLE);
      const refusal = expect.objectContaining({ code: 'storage/corrupt', message: expect.stringMatching(sentence) });
      expect(() => store.get(bytes('account 2'))).toThrow(refusal);
      const range = { from: bytes('a'), to: bytes('b') };
      await expect(store.scan(range)).rejects.toEqual(refusal);
      const snapshot = store.snapshot();
      await expect(snapshot.scan(range)).rejects.toEqual(refusal);
      await snapshot.close();
      expect(utf8Text(store.get(bytes('account 1'))!)).toBe('100');
    }
  });

  it('is found out by its form: in clear, encrypted, under keys that are not here', async () => {
    const options = { keys, storeName: 'group1', path: 'data/group1', randomBytes: random };
    const plain = openMemoryStore();
    expect((await openEncryptedStore(plain, options)).ok).toBe(true);
    expect(await refuseEncryptedStore(plain, 'data/group1')).toBeUndefined();
    // One value may look encrypted by chance.
    const chance = { key: bytes('x'), value: new Uint8Array(100).fill(0xe1) };
    await plain.write([put('a', 'x'.repeat(50)), put('b', ''), chance], DURABLE);
    expect(await refuseEncryptedStore(plain, 'data/group1')).toBeUndefined();
    expect(await openEncryptedStore(plain, options)).toMatchObject({
      reason: { code: 'storage/plain', message: expect.stringContaining('menglian storage encrypt') },
    });

    const inner = openMemoryStore();
    const store = await encrypt(inner, keys);
    await store.write([put('a', '1'), put('b', '2')], DURABLE);
    expect(await refuseEncryptedStore(inner, 'data/group1')).toMatchObject({
      code: 'storage/encrypted',
      message: expect.stringContaining('enable=true'),
    });
    const others = { ...options, keys: [makeDataKey(algorithm, random)] };
    expect(await openEncryptedStore(inner, others)).toMatchObject({
      reason: { code: 'storage/key', message: expect.stringMatching(new RegExp(`needs the data key ${keys[0]!.id}`)) },
    });
    expect(await openEncryptedStore(inner, { ...options, storeName: 'group2' })).toMatchObject({
      reason: { code: 'storage/corrupt' },
    });
  });

  it('repeats no nonce after losses of power, in restored copies, or in copies that both run', async () => {
    const headers = new Set<string>();
    let written = 0;
    const disk = new CrashDisk();
    const collect = async (inner: KeyValueStore) => {
      for (const [, sealed] of await inner.scan({ from: Uint8Array.of(0), to: Uint8Array.of(0xff) })) {
        headers.add(toHex(sealed.subarray(0, HEADER_BYTES)));
      }
    };
    for (let round = 0; round < 10; round++) {
      // Two processes on copies of one disk: each opens what the last one left, and writes the same keys.
      for (const copy of [await disk.open(), await disk.open()]) {
        const store = await encrypt(copy, keys);
        await store.write(
          Array.from({ length: 20 }, (_, i) => put(`key ${i}`, `${round}`)),
          { durable: false },
        );
        written += 20;
        await collect(copy);
      }
      disk.losePower(round * 100);
    }
    expect(headers.size).toBe(written);
  });

  it('is checked value by value', async () => {
    const inner = openMemoryStore();
    const store = await encrypt(inner, keys);
    await store.write(
      Array.from({ length: 2000 }, (_, i) => put(`key ${i}`, `value ${i}`)),
      DURABLE,
    );
    const next = makeDataKey('sm4', random);
    store.useKeys([...keys, next]);
    await store.write([put('key 3', 'new')], DURABLE);
    const sealer = () => new ValueSealer('group1', [...keys, next], random);
    const seen: number[] = [];
    const whole = await checkStore(inner, sealer(), 'data/group1', ({ entries }) => seen.push(entries));
    expect(whole).toMatchObject({ entries: 2000, brokenCount: 0, broken: [] });
    expect(Object.fromEntries(whole.valuesByKey)).toEqual({ [keys[0]!.id]: 1999, [next.id]: 1 });
    expect(seen.at(-1)).toBe(2000);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(await refuseOtherKeys(inner, next.id)).toEqual({ ok: false, reason: keys[0]!.id });

    for (let i = 100; i < 200; i++) await inner.write([put(`key ${i}`, 'plain')], DURABLE);
    const broken = await checkStore(inner, sealer(), 'data/group1', () => {});
    expect(broken).toMatchObject({ entries: 2000, brokenCount: 100 });
    expect(broken.broken).toHaveLength(20);
    expect(broken.broken[0]).toContain('key key%20100 is not encrypted');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8Bytes, utf8Text } from '@menglian/base/bytes';
import type { KeyValueStore } from '../ports.js';
import { CrashDisk, SimulatedCrash } from '../testing/crashStore.js';
import { drawBytes } from '../testing/drawBytes.js';
import { makeDataKey, type DataKey } from './dataKey.js';
import type { EncryptedStore } from './encryptedStore.js';
import { KeyRewriter } from './keyRewriter.js';
import { openEncryptedStore } from './openEncryptedStore.js';
import { refuseOtherKeys } from './checkStore.js';

const random = drawBytes('rewriter');
const [OLD, NEW, NEWEST] = ['aes', 'sm4', 'aes'].map((name) => makeDataKey(name as 'aes' | 'sm4', random)) as [
  DataKey,
  DataKey,
  DataKey,
];
const ALL = { from: Uint8Array.of(0), to: new Uint8Array(8).fill(0xff) };
const bytes = utf8Bytes;

async function open(inner: KeyValueStore, keys: readonly DataKey[]): Promise<EncryptedStore> {
  const store = await openEncryptedStore(inner, { keys, storeName: 'group1', path: 'the store', randomBytes: random });
  if (!store.ok) throw new Error(store.reason.message);
  return store.value;
}

async function fill(store: KeyValueStore, count: number): Promise<Map<string, string>> {
  const model = new Map(Array.from({ length: count }, (_, i) => [`key ${i}`, `value ${i}`]));
  const batch = [...model].map(([key, value]) => ({ key: bytes(key), value: bytes(value) }));
  await store.write(batch, { durable: true });
  return model;
}

async function contentOf(store: KeyValueStore): Promise<Record<string, string>> {
  const entries = await store.scan(ALL);
  return Object.fromEntries(entries.map(([key, value]) => [utf8Text(key), utf8Text(value)]));
}

/** Lets every reaction to what was done run. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('bringing values under another key', () => {
  it('ends with all of them under the last key, and says so', async () => {
    const inner = await new CrashDisk().open();
    const store = await open(inner, [OLD]);
    const model = await fill(store, 500);
    const log: string[] = [];
    const rewriter = new KeyRewriter(store, { pause: turn, log: (level, text) => log.push(`${level} ${text}`) });
    store.useKeys([OLD, NEW]);
    rewriter.begin();
    // Another one before the first is done: only the last counts.
    await turn();
    store.useKeys([OLD, NEW, NEWEST]);
    rewriter.begin();
    while (log.length === 0) await turn();
    expect(log).toEqual([expect.stringMatching(`^info .*all values are under data key ${NEWEST.id},visited=500`)]);
    expect(await refuseOtherKeys(inner, NEWEST.id)).toEqual({ ok: true, value: undefined });
    expect(await contentOf(await open(inner, [NEWEST]))).toEqual(Object.fromEntries(model));
  });

  it('stops between two steps', async () => {
    const inner = await new CrashDisk().open();
    const store = await open(inner, [OLD]);
    await fill(store, 500);
    const rewriter = new KeyRewriter(store, { pause: turn, log: () => {} });
    store.useKeys([OLD, NEW]);
    rewriter.begin();
    await turn();
    await rewriter.stop();
    expect((await refuseOtherKeys(inner, NEW.id)).ok).toBe(false);
    expect((await refuseOtherKeys(inner, OLD.id)).ok).toBe(false);
  });

  it('tells of a value that it cannot read, and leaves the rest as it is', async () => {
    const inner = await new CrashDisk().open();
    const store = await open(inner, [OLD]);
    await fill(store, 10);
    store.useKeys([OLD, NEW]);
    await inner.write([{ key: bytes('key 5'), value: bytes('changed') }], { durable: true });
    const log: string[] = [];
    new KeyRewriter(store, { pause: turn, log: (level, text) => log.push(`${level} ${text}`) }).begin();
    while (log.length === 0) await turn();
    expect(log).toEqual([expect.stringMatching(/^error .*values stay under older keys: .*key%205/)]);
  });

  it('never undoes what the owner writes meanwhile', async () => {
    const step = fc.record({
      key: fc.nat(30),
      value: fc.option(fc.string({ maxLength: 5 }), { nil: undefined }),
      isAwaited: fc.boolean(),
      rewrites: fc.nat(2),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 10 }), async (steps, limit) => {
        const inner = await new CrashDisk().open();
        const store = await open(inner, [OLD]);
        const model = await fill(store, 20);
        const pending: Array<Promise<unknown>> = [];
        store.useKeys([OLD, NEW]);
        let cursor: Uint8Array | undefined;
        let rewriting: Promise<unknown> = Promise.resolve();
        for (const { key, value, isAwaited, rewrites } of steps) {
          for (let i = 0; i < rewrites; i++) {
            rewriting = rewriting.then(async () => {
              ({ next: cursor } = await store.rewritePage(cursor, limit));
            });
          }
          const name = `key ${key}`;
          if (value === undefined) model.delete(name);
          else model.set(name, value);
          const operation = { key: bytes(name), value: value === undefined ? undefined : bytes(value) };
          const written = store.write([operation], { durable: false });
          pending.push(written);
          if (isAwaited) await written;
        }
        await Promise.all([...pending, rewriting]);
        expect(await contentOf(store)).toEqual(Object.fromEntries(model));
        for (cursor = undefined; ;) {
          ({ next: cursor } = await store.rewritePage(cursor, limit));
          if (cursor === undefined) break;
        }
        expect(await refuseOtherKeys(inner, NEW.id)).toEqual({ ok: true, value: undefined });
        expect(await contentOf(store)).toEqual(Object.fromEntries(model));
      }),
    );
  });

  it('goes on after a loss of power in any write, with any part of it on the disk', async () => {
    const VALUES = 40;
    const LIMIT = 7;
    let crashes = 0;
    for (let crashAtWrite = 1; ; crashAtWrite++) {
      const disk = new CrashDisk();
      const model = await fill(await open(await disk.open(), [OLD]), VALUES);
      const store = await open(await disk.open({ crashAtWrite }), [OLD]);
      store.useKeys([OLD, NEW]);
      const ended = await rewriteAll(store, LIMIT).then(
        () => 'done',
        (error: unknown) => error,
      );
      if (ended === 'done') break;
      expect(ended).toBeInstanceOf(SimulatedCrash);
      crashes++;
      disk.losePower((crashAtWrite * 97) % (disk.unsyncedBytes + 1));
      const inner = await disk.open();
      const again = await open(inner, [OLD, NEW]);
      expect(await contentOf(again)).toEqual(Object.fromEntries(model));
      await rewriteAll(again, LIMIT);
      expect(await refuseOtherKeys(inner, NEW.id)).toEqual({ ok: true, value: undefined });
      expect(await contentOf(await open(inner, [NEW]))).toEqual(Object.fromEntries(model));
    }
    expect(crashes).toBe(Math.ceil(VALUES / LIMIT));
  });
});

async function rewriteAll(store: EncryptedStore, limit: number): Promise<void> {
  let cursor: Uint8Array | undefined;
  do ({ next: cursor } = await store.rewritePage(cursor, limit));
  while (cursor !== undefined);
}

import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openLevelStore } from './levelStore.js';
import type { KeyValueStore } from './ports.js';
import { buildPackage, startChild } from './testing/childProcess.js';

const KEY = Uint8Array.of(1);

/** Opens the store named by the first value, then writes as many values of 100,000 bytes as the second says. */
const WRITER = `
import { openLevelStore } from '@menglian/storage/levelStore';
const [path, count] = process.argv.slice(1);
const store = await openLevelStore(path);
if (!store.ok) {
  console.log(store.reason.code, store.reason.message);
} else {
  const value = new Uint8Array(100_000).map((_, index) => Math.imul(index, index));
  for (let i = 0; i < Number(count); i++) {
    try {
      await store.value.write([{ key: Uint8Array.of(i), value }], { durable: true });
      console.log('written');
    } catch (error) {
      console.log(error.code, error.message);
    }
  }
  console.log(store.value.get(Uint8Array.of(0))?.length);
}
`;

describe('LevelDB store', () => {
  let folder: string;
  let path: string;

  beforeAll(() => buildPackage('storage'));
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'menglian-level-'));
    path = join(folder, 'a', 'b', 'db');
  });
  afterEach(async () => {
    await chmod(folder, 0o755);
    await rm(folder, { recursive: true });
  });

  const open = async (at: string): Promise<KeyValueStore> => {
    const store = await openLevelStore(at);
    if (!store.ok) throw new Error(store.reason.message);
    return store.value;
  };
  const refusal = async (at: string): Promise<{ code: string; message: string } | undefined> => {
    const store = await openLevelStore(at);
    if (!store.ok) return store.reason;
    await store.value.close();
    return undefined;
  };

  it('makes the folders above it', async () => {
    const store = await open(path);
    await store.close();
    expect(await readdir(path)).toContain('CURRENT');
  });

  it('names a folder that is open already, here or in another process', async () => {
    const store = await open(path);
    expect(await refusal(path)).toMatchObject({ code: 'storage/locked', message: expect.stringContaining(path) });
    const { output } = await startChild(WRITER, [path, '1']).ended;
    expect(output).toMatch(/^storage\/locked .*another process has this folder open/);
    await store.close();
    expect(await refusal(path)).toBeUndefined();
  });

  it('names a path that is not a folder, or below a file', async () => {
    const file = join(folder, 'file');
    await writeFile(file, 'text');
    expect(await refusal(file)).toMatchObject({ code: 'storage/bad-path' });
    expect(await refusal(join(file, 'db'))).toMatchObject({ code: 'storage/bad-path' });
    expect(await refusal('/proc/no/such/folder')).toMatchObject({ code: 'storage/bad-path' });
    expect(await refusal(join(folder, 'x'.repeat(300)))).toMatchObject({ code: 'storage/bad-path' });
  });

  it('names a folder that may not be written, new or used before', async () => {
    const store = await open(join(folder, 'used'));
    await store.close();
    await chmod(join(folder, 'used'), 0o555);
    await chmod(folder, 0o555);
    // Rights do not bind root: then an ordinary user has to try.
    const user = process.getuid?.() === 0 ? { userId: 65_534 } : {};
    for (const name of ['used', 'new']) {
      const { output } = await startChild(WRITER, [join(folder, name), '1'], user).ended;
      expect(output).toMatch(/^storage\/read-only .*check its owner, its rights/);
    }
    await chmod(join(folder, 'used'), 0o755);
  });

  it('rejects the write that finds no room with a code, and every write after it', async () => {
    const { output } = await startChild(WRITER, [path, '5'], { fileLimitKiB: 250 }).ended;
    const lines = output.trim().split('\n');
    expect(lines[0]).toBe('written');
    expect(lines[1]).toBe('written');
    expect(lines[2]).toMatch(/^storage\/no-space .*the disk is full/);
    expect(lines[3]).toMatch(/^storage\/failed an earlier write to .* failed/);
    expect(lines[4]).toMatch(/^storage\/failed/);
    expect(lines[5]).toBe('100000');
    const store = await open(path);
    expect(store.get(Uint8Array.of(1))).toHaveLength(100_000);
    expect(store.get(Uint8Array.of(2))).toBeUndefined();
    await store.close();
  });

  it('refuses damaged or missing files instead of beginning anew', async () => {
    const store = await open(path);
    await store.write([{ key: KEY, value: KEY }], { durable: true });
    await store.close();
    const manifest = (await readdir(path)).find((name) => name.startsWith('MANIFEST-'))!;
    await writeFile(join(path, manifest), 'no manifest');
    expect(await refusal(path)).toMatchObject({ code: 'storage/corrupt' });
    await writeFile(join(path, 'CURRENT'), 'nothing');
    expect(await refusal(path)).toMatchObject({ code: 'storage/corrupt' });
    await writeFile(join(path, 'CURRENT'), 'MANIFEST-999999\n');
    expect(await refusal(path)).toMatchObject({ code: 'storage/corrupt' });
    await rm(join(path, 'CURRENT'));
    expect(await refusal(path)).toMatchObject({ code: 'storage/corrupt', message: expect.stringContaining('CURRENT') });
    await rm(path, { recursive: true });
    await mkdir(path);
    expect(await refusal(path)).toBeUndefined();
  });

  it('joins waiting writes and settles each of them', async () => {
    const store = await open(path);
    const order: number[] = [];
    const writes = Array.from({ length: 500 }, (_, index) =>
      store
        .write([{ key: Uint8Array.of(index >> 8, index & 0xff), value: KEY }], { durable: true })
        .then(() => order.push(index)),
    );
    await Promise.all(writes);
    expect(order).toEqual(Array.from({ length: 500 }, (_, index) => index));
    await store.close();
  });
});

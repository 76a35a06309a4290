import { cp, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { toHex, utf8Bytes, utf8Text } from '@menglian/base/bytes';
import { openLevelStore } from '../levelStore.js';
import type { KeyValueStore } from '../ports.js';
import { buildPackage, startChild } from '../testing/childProcess.js';
import { drawBytes } from '../testing/drawBytes.js';
import { convertFolder, unfinishedConversion, type ConversionDirection } from './convertFolder.js';
import { makeDataKey } from './dataKey.js';
import { eachPage } from './eachEntry.js';
import { formOfStore, openEncryptedStore } from './openEncryptedStore.js';

const random = drawBytes('convert');
const keys = [makeDataKey('aes', random)];
const COUNT = 3000;

/** Converts the folder named by the first value with the key in the second, in the direction of the third. */
const CONVERTER = `
import { randomBytes } from 'node:crypto';
import { convertFolder } from '@menglian/storage/encryption/convertFolder';
import { dataKeyId } from '@menglian/storage/encryption/dataKey';
const [path, hex, direction] = process.argv.slice(1);
const key = new Uint8Array(Buffer.from(hex, 'hex'));
const keys = [{ id: dataKeyId('aes', key), algorithm: 'aes', key }];
console.log('begun');
const options = { keys, storeName: 'group1', path, randomBytes: (count) => new Uint8Array(randomBytes(count)) };
const converted = await convertFolder(direction, options, ({ entries }) => console.log(entries));
console.log(converted.ok ? converted.value.outcome : converted.reason.message);
`;

describe('converting a folder', () => {
  let folder: string;
  let path: string;

  beforeAll(() => buildPackage('storage'));
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'menglian-convert-'));
    path = join(folder, 'block');
    const store = await open();
    const batch = Array.from({ length: COUNT }, (_, i) => ({
      key: utf8Bytes(`key ${i}`),
      value: utf8Bytes(`clear value ${i} ${'x'.repeat(i % 200)}`),
    }));
    await store.write(batch, { durable: true });
    await store.close();
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function open(): Promise<KeyValueStore> {
    const store = await openLevelStore(path);
    if (!store.ok) throw new Error(store.reason.message);
    return store.value;
  }

  const options = () => ({ keys, storeName: 'group1', path, randomBytes: random });

  async function convert(direction: ConversionDirection) {
    const converted = await convertFolder(direction, options(), () => {});
    if (!converted.ok) throw new Error(converted.reason.message);
    return converted.value;
  }

  /** Every value is there, in the form it has. */
  async function formAndContent(): Promise<string> {
    const inner = await open();
    const form = await formOfStore(inner);
    const store = form === 'encrypted' ? await openEncryptedStore(inner, options()) : undefined;
    let count = 0;
    for await (const page of eachPage(store?.ok ? store.value : inner)) {
      for (const [key, value] of page) {
        expect(utf8Text(value)).toMatch(`clear value ${utf8Text(key).slice(4)} `);
        count++;
      }
    }
    await inner.close();
    return `${form} ${count}`;
  }

  async function hasClearText(): Promise<boolean> {
    const names = await readdir(path);
    const files = await Promise.all(names.map((name) => readFile(join(path, name))));
    return Buffer.concat(files).includes('clear');
  }

  it('encrypts and decrypts everything, and leaves nothing else behind', async () => {
    const progress: number[] = [];
    const converted = await convertFolder('encrypt', options(), ({ entries }) => progress.push(entries));
    expect(converted).toMatchObject({ ok: true, value: { outcome: 'converted', entries: COUNT } });
    expect(progress.at(-1)).toBe(COUNT);
    expect(await readdir(folder)).toEqual(['block']);
    expect(await hasClearText()).toBe(false);
    expect(await formAndContent()).toBe(`encrypted ${COUNT}`);
    expect(await convert('encrypt')).toMatchObject({ outcome: 'already' });
    expect(await convert('decrypt')).toMatchObject({ outcome: 'converted', entries: COUNT });
    expect(await formAndContent()).toBe(`plain ${COUNT}`);
    expect(await convert('decrypt')).toMatchObject({ outcome: 'already' });
    expect(await readdir(folder)).toEqual(['block']);
  });

  it('refuses what a node has open, what other keys have encrypted, and a broken value', async () => {
    const held = await open();
    expect(await convertFolder('encrypt', options(), () => {})).toMatchObject({ reason: { code: 'storage/locked' } });
    await held.close();
    await convert('encrypt');
    const others = { ...options(), keys: [makeDataKey('aes', random)] };
    for (const direction of ['encrypt', 'decrypt'] as const) {
      expect(await convertFolder(direction, others, () => {})).toMatchObject({ reason: { code: 'storage/key' } });
    }
    const store = await open();
    await store.write([{ key: utf8Bytes('key 1234'), value: utf8Bytes('changed') }], { durable: true });
    await store.close();
    await expect(convert('decrypt')).rejects.toThrow(/key%201234 is not encrypted/);
    expect(await readdir(folder)).toEqual(['block']);
    expect(unfinishedConversion(path)).toBeUndefined();
  });

  it.each(['encrypt', 'decrypt'] as const)(
    'goes on with %s after every state a killed process leaves',
    async (direction) => {
      if (direction === 'decrypt') await convert('encrypt');
      const [before, after] = direction === 'encrypt' ? ['plain', 'encrypted'] : ['encrypted', 'plain'];
      // Half of the new database: the old one is still what counts.
      await cp(path, `${path}.converting`, { recursive: true });
      await rm(join(`${path}.converting`, 'CURRENT'));
      expect(unfinishedConversion(path)).toBeUndefined();
      expect(await formAndContent()).toBe(`${before} ${COUNT}`);
      expect(await convert(direction)).toMatchObject({ outcome: 'converted' });
      expect(await readdir(folder)).toEqual(['block']);

      // Complete, and the old one still there: a node must not begin anew.
      await cp(path, `${path}.before`, { recursive: true });
      await rename(path, `${path}.converting`);
      expect(unfinishedConversion(path)?.message).toContain('was cut short');
      expect(await convert(direction)).toMatchObject({ outcome: 'already' });
      expect(await readdir(folder)).toEqual(['block']);
      expect(await formAndContent()).toBe(`${after} ${COUNT}`);

      await cp(path, `${path}.before`, { recursive: true });
      expect(unfinishedConversion(path)?.message).toContain('was cut short');
      expect(await convert(direction)).toMatchObject({ outcome: 'already' });
      expect(await readdir(folder)).toEqual(['block']);
      expect(await formAndContent()).toBe(`${after} ${COUNT}`);
    },
  );

  it('survives kill -9 at any moment', async () => {
    const values = [path, toHex(keys[0]!.key), 'encrypt'];
    // After so many lines of progress.
    for (const lines of [1, 2, 5, 9, 12, 14]) {
      const child = startChild(CONVERTER, values);
      let seen = 0;
      child.onOutput((text) => {
        seen += text.split('\n').length - 1;
        if (seen >= lines) child.kill();
      });
      await child.ended;
      if (unfinishedConversion(path) === undefined) expect(await formAndContent()).toMatch(` ${COUNT}`);
    }
    const { output } = await startChild(CONVERTER, values).ended;
    expect(output).toMatch(/(converted|already)\n$/);
    expect(await formAndContent()).toBe(`encrypted ${COUNT}`);
    expect(await readdir(folder)).toEqual(['block']);
  });
});

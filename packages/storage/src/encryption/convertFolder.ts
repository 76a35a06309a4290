/**
 * Encrypts or decrypts the database in a folder by writing a second one beside it and exchanging the two. Rewriting it in
 * its place would leave the old values in LevelDB's tables until they happen to be compacted.
 *
 * A process that is killed leaves one of three states behind, and the next run goes on from each:
 * - `<folder>.converting` unfinished beside the folder: thrown away, nothing has changed
 * - the folder renamed to `<folder>.before`, the new one not yet in its place: the new one is complete and put there
 * - both in place: `<folder>.before` is thrown away
 */
import { existsSync } from 'node:fs';
import { readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { failure, success, type Result } from '@menglian/base/result';
import type { StorageFailure } from '../errors.js';
import { openLevelStore } from '../levelStore.js';
import type { KeyValueStore } from '../ports.js';
import type { Progress } from './checkStore.js';
import { bytesOf, eachPage } from './eachEntry.js';
import { EncryptedStore } from './encryptedStore.js';
import { syncFiles, syncFolder } from './syncFolder.js';
import { formOfStore, openEncryptedStore, type EncryptionOptions } from './openEncryptedStore.js';
import { ValueSealer } from './valueSealer.js';

/** Free room asked for, in sizes of the folder: encrypted values cannot be compressed any more. */
const ROOM_FACTOR = 2;

export type ConversionDirection = 'encrypt' | 'decrypt';

/** `already`: there was nothing to do. */
export type Conversion = Progress & { readonly outcome: 'converted' | 'already' };

const NOTHING: Conversion = { outcome: 'already', entries: 0, bytes: 0 };

/** @returns a sentence when a conversion of the folder was cut short so that the node must not use it */
export function unfinishedConversion(path: string): StorageFailure | undefined {
  if (!existsSync(beforeOf(path))) return undefined;
  return {
    code: 'storage/failed',
    message: `encrypting or decrypting ${path} was cut short at its end; run menglian storage encrypt (or decrypt, if it was that) again, which finishes it`,
  };
}

/**
 * @param options of the encrypted side; `path` is the folder
 * @param onProgress called now and then, on the way
 */
export async function convertFolder(
  direction: ConversionDirection,
  options: EncryptionOptions,
  onProgress: (progress: Progress) => void,
): Promise<Result<Conversion, StorageFailure>> {
  const { path } = options;
  await finishConversion(path);
  if (!existsSync(path)) return success(NOTHING);
  const opened = await openLevelStore(path);
  if (!opened.ok) return opened;
  const inner = opened.value;
  let conversion: Result<Conversion, StorageFailure>;
  try {
    // What a killed process left; now that the database is ours, nobody else writes there.
    await rm(convertingOf(path), { recursive: true, force: true });
    const source = await openSource(direction, inner, options);
    if (source === undefined) return success(NOTHING);
    if (!source.ok) return source;
    const room = await refuseWithoutRoom(path);
    if (room !== undefined) return failure(room);
    conversion = await convert(direction, source.value, options, onProgress);
  } finally {
    await inner.close();
  }
  if (conversion.ok) await rm(beforeOf(path), { recursive: true });
  return conversion;
}

/** @returns undefined when it is converted already */
async function openSource(
  direction: ConversionDirection,
  inner: KeyValueStore,
  options: EncryptionOptions,
): Promise<Result<KeyValueStore, StorageFailure> | undefined> {
  const form = await formOfStore(inner);
  if (direction === 'decrypt') return form === 'encrypted' ? openEncryptedStore(inner, options) : undefined;
  if (form === 'plain') return success(inner);
  if (form === 'empty') return undefined;
  // Encrypted already: but is it with these keys?
  const encrypted = await openEncryptedStore(inner, options);
  return encrypted.ok ? undefined : encrypted;
}

async function convert(
  direction: ConversionDirection,
  source: KeyValueStore,
  options: EncryptionOptions,
  onProgress: (progress: Progress) => void,
): Promise<Result<Conversion, StorageFailure>> {
  const { path } = options;
  const opened = await openLevelStore(convertingOf(path));
  if (!opened.ok) return opened;
  const target = direction === 'encrypt' ? encryptedTarget(opened.value, options) : opened.value;
  try {
    const progress = await copy(source, target, onProgress);
    await target.close();
    await exchange(path);
    return success({ outcome: 'converted', ...progress });
  } catch (error) {
    // Half of a decrypted database must not stay on the disk.
    await target.close();
    await rm(convertingOf(path), { recursive: true, force: true });
    throw error;
  }
}

function encryptedTarget(inner: KeyValueStore, { storeName, keys, randomBytes, path }: EncryptionOptions) {
  return new EncryptedStore(inner, new ValueSealer(storeName, keys, randomBytes), path);
}

async function copy(
  source: KeyValueStore,
  target: KeyValueStore,
  onProgress: (progress: Progress) => void,
): Promise<Progress> {
  let entries = 0;
  let bytes = 0;
  for await (const page of eachPage(source)) {
    await target.write(
      page.map(([key, value]) => ({ key, value })),
      { durable: false },
    );
    entries += page.length;
    bytes += bytesOf(page);
    onProgress({ entries, bytes });
  }
  return { entries, bytes };
}

async function exchange(path: string): Promise<void> {
  // LevelDB syncs the log it writes, not the ones before it.
  await syncFiles(convertingOf(path));
  await rename(path, beforeOf(path));
  await rename(convertingOf(path), path);
  await syncFolder(dirname(path));
}

/** Ends a conversion that was cut short after the new database was complete. */
async function finishConversion(path: string): Promise<void> {
  if (!existsSync(beforeOf(path))) return;
  if (!existsSync(path)) await rename(convertingOf(path), path);
  await syncFolder(dirname(path));
  await rm(beforeOf(path), { recursive: true });
}

async function refuseWithoutRoom(path: string): Promise<StorageFailure | undefined> {
  const { bavail, bsize } = await statfs(dirname(path));
  const needed = ROOM_FACTOR * (await folderBytes(path));
  const free = bavail * bsize;
  if (free >= needed) return undefined;
  const message = `${dirname(path)} has ${megabytes(free)} MB free, and converting ${path} needs up to ${megabytes(needed)} MB for a while; make room and run this again`;
  return { code: 'storage/no-space', message };
}

/** Of the files of a database. */
export async function folderBytes(path: string): Promise<number> {
  const names = await readdir(path);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(path, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}

function convertingOf(path: string): string {
  return `${path}.converting`;
}

function beforeOf(path: string): string {
  return `${path}.before`;
}

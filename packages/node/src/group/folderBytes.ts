import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Files looked at before the other work of the thread gets its turn: each is one question to the file system. */
const FILES_AT_ONCE = 32;

/** Folders within folders that are looked into; a store has one level. */
const DEPTH_MAX = 4;

/** @returns bytes of all files below a folder; what goes away meanwhile does not count */
export async function folderBytes(folder: string, depth = DEPTH_MAX): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  let bytes = 0;
  const files = entries.filter((entry) => entry.isFile());
  for (let first = 0; first < files.length; first += FILES_AT_ONCE) {
    const some = files.slice(first, first + FILES_AT_ONCE);
    const sizes = await Promise.all(some.map(async ({ name }) => fileBytes(join(folder, name))));
    for (const size of sizes) bytes += size;
  }
  if (depth === 0) return bytes;
  for (const entry of entries) if (entry.isDirectory()) bytes += await folderBytes(join(folder, entry.name), depth - 1);
  return bytes;
}

async function fileBytes(path: string): Promise<number> {
  try {
    return (await lstat(path)).size;
  } catch {
    return 0;
  }
}

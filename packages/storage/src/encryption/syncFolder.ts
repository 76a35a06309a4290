import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Puts the names in a folder on the disk; they are there only when the folder is. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Puts the files of a folder, which has none below it, on the disk with their names. */
export async function syncFiles(path: string): Promise<void> {
  for (const name of await readdir(path)) await syncFolder(join(path, name));
  await syncFolder(path);
}

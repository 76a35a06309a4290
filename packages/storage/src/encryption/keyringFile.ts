import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failure, type Result } from '@menglian/base/result';
import { keyringText, parseKeyring, type Keyring } from './keyring.js';
import { syncFolder } from './syncFolder.js';

/** @returns undefined when there is no such file; a sentence when it cannot be used */
export async function readKeyringFile(path: string): Promise<Result<Keyring> | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    return failure(`the keyring ${path} cannot be read (${code}); check its owner and its rights`);
  }
  const keyring = parseKeyring(text);
  return keyring.ok ? keyring : failure(`${path} ${keyring.reason}; restore it from a copy`);
}

/** Replaces the file as one step that survives a loss of power; only its owner may read it. Rejects as the disk does. */
export async function writeKeyringFile(path: string, keyring: Keyring): Promise<void> {
  const unfinished = `${path}.new`;
  await rm(unfinished, { force: true });
  const file = await open(unfinished, 'wx', 0o600);
  try {
    await file.writeFile(keyringText(keyring));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
  await syncFolder(dirname(path));
}

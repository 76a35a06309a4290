import { readFileSync } from 'node:fs';
import { failure, success, type Result } from '@menglian/base/result';

/**
 * Reads a file that the node needs.
 * @param what what the file is, for the operator
 * @param advice what to do when the file is not there
 */
export function readText(path: string, what: string, advice: string): Result<string> {
  try {
    return success(readFileSync(path, 'utf8'));
  } catch (error) {
    return failure(`${path}, ${what}, cannot be read: ${reasonOf(error)}; ${advice}`);
  }
}

/** Why a file could not be read, in words. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'permission denied';
  if (code === 'EISDIR') return 'it is a folder';
  return code ?? 'unknown error';
}

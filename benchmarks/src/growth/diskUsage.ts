import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of all files in a folder and below it. Files that vanish meanwhile, as databases remove theirs, count nothing. */
export function diskBytes(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    try {
      if (entry.isDirectory()) bytes += diskBytes(path);
      else if (entry.isFile()) bytes += statSync(path).size;
    } catch {
      // Removed since the folder was read.
    }
  }
  return bytes;
}

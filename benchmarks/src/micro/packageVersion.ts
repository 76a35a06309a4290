import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** @param name of an npm package. @returns its version, by the manifest that Node.js finds for this file */
export function packageVersion(name: string): string {
  const paths = createRequire(import.meta.url).resolve.paths(name) ?? [];
  for (const path of paths) {
    try {
      return (JSON.parse(readFileSync(`${path}/${name}/package.json`, 'utf8')) as { version: string }).version;
    } catch {
      // Not in this folder: in one above it.
    }
  }
  return '';
}

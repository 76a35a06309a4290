import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compareVersions, readVersion, type Version } from './pragma.js';

/** A compiler on this machine: a soljson file, from npm's package `solc` or downloaded. */
export interface Compiler {
  readonly version: Version;
  readonly path: string;
}

/** Folders above a contract that are looked at. */
const FOLDERS_UP_MAX = 32;

/**
 * Compilers where projects and this console keep them, newest first.
 * @param places folders to look into and above, as Node does for packages
 * @param own a folder of compilers
 */
export function installedCompilers(places: readonly string[], own: string): readonly Compiler[] {
  const found = [...places.flatMap(projectFolders).flatMap(packagesIn), ...compilersIn(own)];
  const byPath = new Map(found.map((one) => [one.path, one]));
  return newestFirst([...byPath.values()]);
}

/** Those at a path that a person named, newest first: a file, a package, or a folder of either. */
export function compilersAt(path: string): readonly Compiler[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isDirectory()) return newestFirst([...compilersIn(path), ...packageAt(path)]);
  const version = versionOfFile(path) ?? packageAt(dirname(path))[0]?.version;
  return version === undefined ? [] : [{ version, path }];
}

function newestFirst(compilers: readonly Compiler[]): readonly Compiler[] {
  return compilers.toSorted((a, b) => compareVersions(b.version, a.version));
}

function compilersIn(folder: string): readonly Compiler[] {
  const files = namesIn(folder).flatMap((name): Compiler[] => {
    const path = join(folder, name);
    const version = versionOfFile(path);
    return version === undefined ? [] : [{ version, path }];
  });
  return [
    ...files,
    ...packagesIn(folder),
    ...namesIn(folder)
      .filter(isCompilerName)
      .flatMap((name) => packageAt(join(folder, name))),
  ];
}

function packagesIn(folder: string): readonly Compiler[] {
  const modules = join(folder, 'node_modules');
  return namesIn(modules)
    .filter(isCompilerName)
    .flatMap((name) => packageAt(join(modules, name)));
}

/** `solc`, and the names that people give to several versions of it. */
function isCompilerName(name: string): boolean {
  return /^solc(-[\w.-]+)?$/.test(name);
}

function packageAt(folder: string): readonly Compiler[] {
  const path = join(folder, 'soljson.js');
  if (!existsSync(path)) return [];
  try {
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version?: unknown };
    const read = typeof version === 'string' ? readVersion(version) : undefined;
    return read === undefined ? [] : [{ version: read, path }];
  } catch {
    return [];
  }
}

/** `soljson-v0.4.26+commit.4563c3fc.js` */
function versionOfFile(path: string): Version | undefined {
  const match = /soljson-v([^/\\]+)\.js$/.exec(path);
  return match === null ? undefined : readVersion(match[1]!);
}

function projectFolders(place: string): readonly string[] {
  const folders = [place];
  while (folders.length < FOLDERS_UP_MAX && dirname(folders.at(-1)!) !== folders.at(-1))
    folders.push(dirname(folders.at(-1)!));
  return folders;
}

/** @returns nothing where there is no such folder */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

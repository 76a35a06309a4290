import { extname } from 'node:path';

/** The longest name Linux keeps for a thread. */
export const THREAD_NAME_BYTES_MAX = 15;

/**
 * What a worker thread is called in `/proc`: the name it was started with, else its file.
 * @param name `name` of the options of `Worker`, or undefined @param file path or URL of its script
 */
export function threadName(name: string | undefined, file: string): string {
  const base = file.slice(file.lastIndexOf('/') + 1);
  const text = name ?? base.slice(0, base.length - extname(base).length);
  return text.replaceAll(/[^\w.-]/g, '_').slice(0, THREAD_NAME_BYTES_MAX) || 'worker';
}

/** The kind of a thread: `group1` and `group2` are the same. */
export function threadKind(name: string): string {
  return name.replace(/[-_.]?\d+$/, '') || name;
}

/**
 * Names of the threads that a Node.js process has before its own code runs, in the order of their ids. They all have the
 * name of the program up to version 22: the main thread, one for delayed tasks and four workers of V8 (garbage collection,
 * compilation), one for the inspector's signal, then four of libuv's pool once it was used.
 */
export function nameOfUnnamed(place: number): string {
  if (place <= HELPERS_OF_V8) return 'v8';
  if (place === HELPERS_OF_V8 + 1) return 'inspector';
  // What comes after libuv's pool are threads of addons: LevelDB's compaction.
  return place <= HELPERS_OF_V8 + 1 + LIBUV_POOL ? 'libuv' : 'addon';
}

const HELPERS_OF_V8 = 5;
const LIBUV_POOL = 4;

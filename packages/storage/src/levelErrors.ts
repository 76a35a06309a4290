import type { StorageErrorCode, StorageFailure } from './errors.js';

interface Rule {
  readonly code: StorageErrorCode;
  /** Codes of Node and of classic-level. */
  readonly codes: readonly string[];
  /** What LevelDB writes into messages, for errors that carry no code of their own. */
  readonly text: RegExp;
  readonly advice: string;
}

/** First match wins. LevelDB passes on the words of strerror(3), so the texts are those of the C library. */
const RULES: readonly Rule[] = [
  {
    code: 'storage/locked',
    codes: ['LEVEL_LOCKED'],
    text: /already held by process|lock .*: Resource temporarily unavailable/,
    advice: 'another process has this folder open; stop it, or give this node a folder of its own',
  },
  {
    code: 'storage/no-space',
    codes: ['ENOSPC', 'EDQUOT'],
    text: /No space left on device|Disk quota exceeded|File too large/,
    advice: 'the disk is full; make room and start the node again',
  },
  {
    code: 'storage/read-only',
    codes: ['EROFS', 'EACCES', 'EPERM'],
    text: /Read-only file system|Permission denied|Operation not permitted/,
    advice: 'the folder cannot be written; check its owner, its rights and how its disk is mounted',
  },
  {
    code: 'storage/bad-path',
    codes: ['ENOTDIR', 'EEXIST', 'ENOENT', 'ENAMETOOLONG', 'ELOOP'],
    text: /Not a directory|File name too long/,
    advice: 'the path is not a folder, or none can be made there; choose another one or remove what is in the way',
  },
  {
    code: 'storage/too-many-files',
    codes: ['EMFILE', 'ENFILE'],
    text: /Too many open files/,
    advice: 'the process may not open more files; raise the limit (ulimit -n)',
  },
  {
    code: 'storage/corrupt',
    codes: ['LEVEL_CORRUPTION'],
    // A file that CURRENT or the manifest names and that is not there.
    text: /Corruption|IO error: .*No such file or directory/,
    advice:
      'files of the database are damaged; restore the folder from a copy, or move it away and let the node fetch the chain again',
  },
];

/** Turns what LevelDB or the file system threw into a code and a sentence. */
export function describeLevelError(error: unknown, path: string): StorageFailure {
  const causes = causeChain(error);
  const detail = causes.map((cause) => cause.message).at(-1) ?? String(error);
  for (const rule of RULES) {
    const matches = causes.some(
      (cause) => (cause.code !== undefined && rule.codes.includes(cause.code)) || rule.text.test(cause.message),
    );
    if (matches) return { code: rule.code, message: `${path}: ${rule.advice} (${detail})` };
  }
  return { code: 'storage/failed', message: `${path}: the database failed (${detail})` };
}

/** Deeper than any chain of causes we have seen; a cycle ends here too. */
const MAX_CAUSES = 8;

function causeChain(error: unknown): Array<{ code: string | undefined; message: string }> {
  const causes: Array<{ code: string | undefined; message: string }> = [];
  let current = error;
  while (current instanceof Error && causes.length < MAX_CAUSES) {
    const code = 'code' in current && typeof current.code === 'string' ? current.code : undefined;
    causes.push({ code, message: current.message });
    current = current.cause;
  }
  return causes;
}

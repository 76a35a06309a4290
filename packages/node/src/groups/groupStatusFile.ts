import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { GroupStatus } from '@menglian/rpc/ports';
import { replaceFile } from '../replaceFile.js';

/** Where everything of one group lies. */
export interface GroupPaths {
  /** `conf/group.N.genesis` */
  readonly genesis: string;
  /** `conf/group.N.ini` */
  readonly tuning: string;
  /** `data/groupN` */
  readonly data: string;
}

const FILE_NAME = '.group_status';
const WORDS: readonly GroupStatus[] = ['RUNNING', 'STOPPING', 'STOPPED', 'DELETED'];

/**
 * What the file `data/groupN/.group_status` says, as 2.x keeps it.
 * @returns undefined where there is no such file; UNKNOWN where it holds something else
 */
export function readGroupStatus(data: string): GroupStatus | undefined {
  let text: string;
  try {
    text = readFileSync(join(data, FILE_NAME), 'utf8');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'UNKNOWN';
  }
  return WORDS.find((word) => word === text.trim()) ?? 'UNKNOWN';
}

/** Written before anything is said about it, so that the next start of the node knows. @throws of the file system */
export function writeGroupStatus(data: string, status: GroupStatus): void {
  const path = join(data, FILE_NAME);
  mkdirSync(dirname(path), { recursive: true });
  replaceFile(path, status);
}

/** As clients are told: a group exists with its genesis, its folder of data and its status. */
export function groupStatusOf({ genesis, data }: GroupPaths): GroupStatus {
  return (existsSync(genesis) ? readGroupStatus(data) : undefined) ?? 'INEXISTENT';
}

import { readFileSync } from 'node:fs';
import { failure, type Result, success } from '@menglian/base/result';
import type { Hash } from '@menglian/sdk/hex';
import type { Localized } from '../language.js';

/** Chains that one file may name. */
const IDENTITIES_MAX = 10_000;

/** Reads the hashes of the blocks 0 that are believed: one at the beginning of each line; what follows it, and lines with #, are notes. */
export function readTrustFile(path: string): Result<ReadonlySet<Hash>, Localized> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const reason = (error as Error).message;
    return failure({ en: `the trust file cannot be read: ${reason}`, zh: `无法读取信任文件：${reason}` });
  }
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const identities = new Set<Hash>();
  for (const [index, line] of lines.entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const found = /^(0x[0-9a-fA-F]{64})(?:\s|$)/.exec(line)?.[1];
    if (found === undefined || identities.size >= IDENTITIES_MAX) {
      const place = `${path}:${index + 1}`;
      return failure({
        en: `${place}: begin each line with 0x and the 64 digits of a block 0's hash; at most ${IDENTITIES_MAX} chains`,
        zh: `${place}：每行以创世块哈希（0x 加 64 位十六进制）开头；至多 ${IDENTITIES_MAX} 条链`,
      });
    }
    identities.add(found.toLowerCase() as Hash);
  }
  return success(identities);
}

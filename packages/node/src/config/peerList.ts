import { readFileSync } from 'node:fs';
import { failure, success, type Result } from '@menglian/base/result';
import { replaceFile } from '../replaceFile.js';

/**
 * Whom the node dials, changed on a running node and in its configuration file: the lines `node.N=` of `[p2p]` are written
 * anew below the section's name, numbered from 0; nothing else of the file changes.
 * @returns why the file could not be written
 */
export function rewritePeers(configPath: string, peers: readonly string[]): Result<void> {
  try {
    replaceFile(configPath, withPeers(readFileSync(configPath, 'utf8'), peers));
    return success(undefined);
  } catch (error) {
    return failure(`fail to write config file: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

/** @param text of a configuration file that was read before, so `[p2p]` stands in it at most once */
export function withPeers(text: string, peers: readonly string[]): string {
  const lines: string[] = [];
  let section = '';
  let hasWritten = false;
  for (const line of text.split('\n')) {
    const content = line.trim();
    if (content.startsWith('[')) section = content;
    if (section === '[p2p]' && /^node\.\d+\s*=/.test(content)) continue;
    lines.push(line);
    if (content !== '[p2p]') continue;
    hasWritten = true;
    for (const [index, peer] of peers.entries()) lines.push(`    node.${index}=${peer}`);
  }
  if (!hasWritten) lines.push('[p2p]', ...peers.map((peer, index) => `    node.${index}=${peer}`), '');
  return lines.join('\n');
}

/** By address, then by port, as 2.x numbers them. */
export function sortedPeers(peers: Iterable<string>): string[] {
  const parts = [...new Set(peers)].map((peer) => {
    const colon = peer.lastIndexOf(':');
    return { peer, host: peer.slice(0, colon), port: Number(peer.slice(colon + 1)) };
  });
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return parts.toSorted((a, b) => order(a.host, b.host) || a.port - b.port).map(({ peer }) => peer);
}

/**
 * Election timeouts without a source of randomness: drawn from a hash of who asks, in which term, for the how-manyth
 * time. Nodes differ, so they do not split the vote for ever; the same node in the same story draws the same.
 */
import type { NodeId } from '@menglian/types/address';

/** A time in [base, 2 × base), milliseconds. */
export function electionTimeoutMs(baseMs: number, nodeId: NodeId, term: number, draw: number): number {
  return baseMs + (hash(`${nodeId}.${term}.${draw}`) % baseMs);
}

/** FNV-1a, then the finaliser of splitmix32: neighbouring texts must not give neighbouring times. */
function hash(text: string): number {
  let mixed = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) mixed = Math.imul(mixed ^ text.charCodeAt(i), 0x01000193);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

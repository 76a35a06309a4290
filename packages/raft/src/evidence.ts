import type { Evidence } from '@menglian/consensus-core/ports';
import type { Replica } from './replica.js';

/** Tells the operator, once for each node, height and fault. */
export function accuse(replica: Replica, evidence: Evidence): void {
  const key = `${evidence.kind}.${evidence.height}.${evidence.nodeId}`;
  if (replica.accused.has(key)) return;
  replica.accused.set(key, evidence.height);
  replica.effects.push({ kind: 'evidence', evidence });
}

/** Forgets whom it told of up to a stored height. */
export function forgiveUpTo(replica: Replica, height: number): void {
  for (const [key, accusedHeight] of replica.accused) if (accusedHeight <= height) replica.accused.delete(key);
}

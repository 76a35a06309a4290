/**
 * Waiting time before the next view change: base × 1.5 for each change without progress in between, in integer
 * milliseconds so that every machine computes the same, and capped. Without the cap a group whose quorum was away for
 * an hour would wait for an hour after it is back (hyperledger/besu issue 7642).
 */
export function backoffMs(baseMs: number, cycle: number, maximumMs: number): number {
  let timeoutMs = baseMs;
  for (let step = 0; step < cycle && timeoutMs < maximumMs; step++) timeoutMs = Math.floor((timeoutMs * 3) / 2);
  return Math.max(baseMs, Math.min(timeoutMs, maximumMs));
}

/** Handing leadership over (thesis 3.10): stop proposing, let the target catch up, tell it to stand. Given up after T. */
import type { NodeId } from '@menglian/types/address';
import type { Progress } from './progress.js';
import { sendAppend } from './replicate.js';
import { configurationOf, type RaftCore, send } from './state.js';

/** @param target undefined for the voter that has most of the log. @returns whether there is anybody to hand over to */
export function transferLeadership(core: RaftCore, target: NodeId | undefined): boolean {
  if (core.role !== 'leader') return false;
  const chosen = target ?? mostAdvanced(core);
  const { voters } = configurationOf(core);
  if (chosen === undefined || chosen === core.nodeId || !voters.includes(chosen)) return false;
  if (core.transfer?.target === chosen) return true;
  core.transfer = { target: chosen, untilMs: core.nowMs + core.tuning.electionTimeoutMs };
  const progress = core.progress.get(chosen)!;
  if (progress.match < core.log.lastIndex) sendAppend(core, chosen, true);
  finishTransfer(core, chosen, progress);
  return true;
}

/** The target has everything: let it stand. */
export function finishTransfer(core: RaftCore, from: NodeId, progress: Progress): void {
  if (core.transfer?.target !== from || progress.match < core.log.lastIndex) return;
  send(core, from, { kind: 'timeoutNow', term: core.term });
}

/** Tells the voter that has most of the log to stand, without waiting. */
export function handOver(core: RaftCore): void {
  const target = mostAdvanced(core);
  if (target !== undefined) send(core, target, { kind: 'timeoutNow', term: core.term });
}

function mostAdvanced(core: RaftCore): NodeId | undefined {
  let best: NodeId | undefined;
  let bestMatch = -1;
  for (const voter of configurationOf(core).voters) {
    const progress = core.progress.get(voter);
    if (voter === core.nodeId || progress === undefined) continue;
    // Somebody silent is the last choice, however much it had.
    const match = progress.isRecentlyActive ? progress.match + 1 : 0;
    if (match > bestMatch) {
      best = voter;
      bestMatch = match;
    }
  }
  return best;
}

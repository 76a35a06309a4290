/**
 * Raft alone would let replicas drift apart if they computed differently. So every sealer signs the header that came out,
 * after the order is committed, and a block is stored with the signatures of a majority over the same header.
 */
import { equalBytes } from '@menglian/base/bytes';
import { majoritySize } from '@menglian/consensus-core/quorum';
import type { NodeId } from '@menglian/types/address';
import { membersOf, sorted } from './core/configuration.js';
import { configurationOf } from './core/state.js';
import { accuse } from './evidence.js';
import { ACCUSATION_HEIGHTS, RESULT_WINDOW_HEIGHTS } from './limits.js';
import type { Line } from './line.js';
import { encodeMessage, type ResultMessage } from './messageCodec.js';
import { type Block, refuseMessage, type Replica, type SignedResult } from './replica.js';

/** Signs the results of committed heights, once each, ever. */
export function castResults(replica: Replica, line: Line): void {
  for (const { index, block } of line.places) {
    if (index > replica.core.log.committed || block.result === undefined) return;
    const { height } = block.proposal;
    if (block.proposal.sealers.includes(replica.nodeId) && !replica.ownResults.has(height)) castResult(replica, block);
  }
}

function castResult(replica: Replica, block: Block): void {
  const { crypto, safety, nodeId } = replica;
  const { height, epoch } = block.proposal;
  const { headerHash } = block.result!;
  const verdict = safety.judgeResult(height, headerHash);
  if (verdict === 'refused') {
    // Signed another result before a restart: our own execution is not deterministic. Never sign a second one.
    const otherHash = safety.votes(height)!.result!.headerHash;
    accuse(replica, { kind: 'divergentResult', nodeId, height, ownHash: headerHash, otherHash });
    return;
  }
  if (verdict === 'new') replica.records.push(safety.recordResult(height, epoch, block.digest, headerHash));
  const signature = crypto.sign(headerHash);
  resultsOf(replica, height).set(nodeId, { headerHash, signature });
  const payload = encodeMessage({ kind: 'result', height, headerHash, signature });
  replica.ownResults.set(height, { payload, sentMs: replica.core.nowMs });
  sendResult(replica, payload);
}

/** Stores what a majority of the height's sealers has signed, in order of height. */
export function commitCertified(replica: Replica, line: Line): void {
  for (const { index, block } of line.places) {
    if (block.result === undefined) return;
    // Before its turn is committed this may be a proposal that others have never executed.
    if (index <= replica.core.log.committed) reportDivergence(replica, block.proposal.height, block.result.headerHash);
    if (block.isCommitting) continue;
    const { proposal, digest } = block;
    const { headerHash } = block.result;
    const signatures = matchingSignatures(replica, block);
    if (signatures.length < majoritySize(proposal.sealers.length)) return;
    block.isCommitting = true;
    replica.effects.push({ kind: 'commit', height: proposal.height, digest, proposal, headerHash, signatures });
  }
}

/** Tells of those who signed another result for a height that is decided. */
function reportDivergence(replica: Replica, height: number, ownHash: Uint8Array): void {
  for (const [nodeId, { headerHash }] of replica.results.get(height) ?? []) {
    if (equalBytes(headerHash, ownHash)) continue;
    accuse(replica, { kind: 'divergentResult', nodeId, height, ownHash, otherHash: headerHash });
  }
}

/** Ascending by index. */
function matchingSignatures(replica: Replica, block: Block): { index: number; signature: Uint8Array }[] {
  const { height, sealers } = block.proposal;
  const ownHash = block.result!.headerHash;
  const signatures: { index: number; signature: Uint8Array }[] = [];
  for (const [nodeId, { headerHash, signature }] of replica.results.get(height) ?? []) {
    const index = sealers.indexOf(nodeId);
    if (index >= 0 && equalBytes(headerHash, ownHash)) signatures.push({ index, signature });
  }
  return signatures.sort((a, b) => a.index - b.index);
}

export function onResult(replica: Replica, from: NodeId, message: ResultMessage): void {
  const { height, headerHash, signature } = message;
  if (height <= replica.head.height) return onLateResult(replica, from, message);
  if (height > replica.head.height + RESULT_WINDOW_HEIGHTS) return refuseMessage(replica, 'tooEarly');
  const results = resultsOf(replica, height);
  if (results.has(from)) return;
  if (!replica.signatures.verify(from, headerHash, signature)) return refuseMessage(replica, 'badSignature');
  results.set(from, { headerHash, signature });
}

/** We have stored that height without this signature. If it is for another block, its sender is on its own. */
function onLateResult(replica: Replica, from: NodeId, { height, headerHash, signature }: ResultMessage): void {
  if (height <= replica.head.height - ACCUSATION_HEIGHTS) return;
  const ownHash = replica.chain.hashAt(height);
  if (ownHash === undefined || equalBytes(ownHash, headerHash)) return;
  if (!replica.signatures.verify(from, headerHash, signature)) return refuseMessage(replica, 'badSignature');
  accuse(replica, { kind: 'divergentResult', nodeId: from, height, ownHash, otherHash: headerHash });
}

/** Messages may be lost: results of blocks that are not stored after an interval are said again. */
export function repeatResults(replica: Replica): void {
  const { nowMs } = replica.core;
  for (const result of replica.ownResults.values()) {
    if (nowMs - result.sentMs < replica.timing.heartbeatIntervalMs) continue;
    result.sentMs = nowMs;
    sendResult(replica, result.payload);
  }
}

/** When a result is due to be said again. */
export function repeatDueMs(replica: Replica): number {
  let dueMs = Number.POSITIVE_INFINITY;
  for (const { sentMs } of replica.ownResults.values()) {
    dueMs = Math.min(dueMs, sentMs + replica.timing.heartbeatIntervalMs);
  }
  return dueMs;
}

/** To everybody who may store the block: those who do not vote need the signatures as well. */
function sendResult(replica: Replica, payload: Uint8Array): void {
  const { sealers, observers } = replica.head;
  const everybody = sorted([...sealers, ...observers, ...membersOf(configurationOf(replica.core))]);
  const to = everybody.filter((nodeId) => nodeId !== replica.nodeId);
  if (to.length > 0) replica.effects.push({ kind: 'send', to, payload });
}

function resultsOf(replica: Replica, height: number): Map<NodeId, SignedResult> {
  let results = replica.results.get(height);
  if (results === undefined) {
    results = new Map();
    replica.results.set(height, results);
  }
  return results;
}

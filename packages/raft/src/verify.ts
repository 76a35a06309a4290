/**
 * A follower answers for an entry only when it holds and has checked every transaction of it. Until then the entry is in
 * the log's tail, above `stable`, and is not acknowledged: so what is committed can be executed by a majority.
 */
import { toHex } from '@menglian/base/bytes';
import type { Input, Proposal } from '@menglian/consensus-core/ports';
import { accept, refuse } from './core/follower.js';
import { accuse } from './evidence.js';
import type { Line, Place } from './line.js';
import type { Block, Replica } from './replica.js';

/**
 * Asks for the next proposal that is not verified, one at a time: each is checked on top of the one before. What leaders put
 * into the log is not held against this node's clock: voters of Raft do not lie, and an entry that a node refuses for its
 * clock alone would stop the group when a leader's log is the longest.
 */
export function verifyNext(replica: Replica, line: Line): void {
  for (const place of line.places) {
    const { block, index } = place;
    if (block.verification === 'verified') continue;
    // Sealers and settings of a later epoch are known when the block that began it is stored.
    if (block.verification !== 'unknown' || block.proposal.epoch !== replica.head.order.epoch) return;
    const fault = proposalFault(replica, place);
    if (fault === undefined) askToVerify(replica, block, true);
    else reject(replica, block, index, fault);
    return;
  }
}

/** @param certified the clock is not asked */
export function askToVerify(replica: Replica, block: Block, certified: boolean): void {
  const { core } = replica;
  const { digest, proposal } = block;
  block.verification = 'asked';
  const proposer = core.leader ?? proposal.sealers[proposal.sealer]!;
  const { height } = proposal;
  replica.effects.push({ kind: 'verifyProposal', height, view: core.term, digest, proposal, proposer, certified });
}

/** There is a new leader to fetch from: what was asked for and not answered is asked for again. */
export function forgetAsked(replica: Replica): void {
  for (const block of replica.blocks.values()) if (block.verification === 'asked') block.verification = 'unknown';
}

export function onProposalVerified(replica: Replica, input: Extract<Input, { kind: 'proposalVerified' }>): void {
  const block = replica.blocks.get(toHex(input.digest));
  if (block !== undefined) block.verification = 'verified';
}

export function onProposalRejected(
  replica: Replica,
  input: Extract<Input, { kind: 'proposalRejected' }>,
  line: Line,
): void {
  const key = toHex(input.digest);
  if (replica.ownProposal?.key === key) replica.ownProposal.verification = 'rejected';
  const place = line.places.find(({ block }) => block.key === key);
  if (place === undefined || place.block.verification === 'verified') return;
  reject(replica, place.block, place.index, input.reason);
}

function reject(replica: Replica, block: Block, index: number, reason: string): void {
  const { core } = replica;
  block.verification = 'rejected';
  if (index === core.log.stable + 1) refuse(core);
  const { height } = block.proposal;
  const nodeId = core.leader;
  if (nodeId === undefined || nodeId === replica.nodeId) return;
  accuse(replica, { kind: 'badProposal', nodeId, height, view: core.term, reason });
}

/** Takes responsibility for as much of the tail as is clear: entries that need no bodies, and verified ones. */
export function acceptTail(replica: Replica, line: Line): void {
  const { log } = replica.core;
  const byIndex = new Map(line.places.map(({ index, block }) => [index, block]));
  let acceptable = log.stable;
  for (let index = log.stable + 1; index <= log.lastIndex; index++) {
    if (index === line.unclearIndex) break;
    const block = byIndex.get(index);
    if (block !== undefined && block.verification !== 'verified') break;
    acceptable = index;
  }
  accept(replica.core, acceptable);
}

/** What is wrong with a proposal as far as the engine can see; the host checks the bodies. */
export function proposalFault(replica: Replica, { block, parentTimestampMs }: Place): string | undefined {
  return faultOf(replica, block.proposal, parentTimestampMs);
}

export function faultOf(replica: Replica, proposal: Proposal, parentTimestampMs: number): string | undefined {
  const { sealers, settings } = replica.head;
  if (proposal.timestampMs <= parentTimestampMs) return 'timestamp';
  if (proposal.sealer >= sealers.length) return 'sealer';
  if (proposal.sealers.length !== sealers.length || !sealers.every((sealer, i) => proposal.sealers[i] === sealer)) {
    return 'sealerList';
  }
  const count = proposal.transactionHashes.length;
  if (count === 0) return 'empty';
  if (count > settings.maxTransactions) return 'tooManyTransactions';
  if (new Set(proposal.transactionHashes.map(toHex)).size !== count) return 'repeatedTransaction';
  return undefined;
}

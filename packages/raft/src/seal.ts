/** The leader's part: ask for transactions, put them into the log. */
import { equalBytes, toHex } from '@menglian/base/bytes';
import type { Input, Proposal } from '@menglian/consensus-core/ports';
import { proposalDigest } from '@menglian/consensus-core/proposal';
import { propose } from './core/leader.js';
import { WINDOW_HEIGHTS } from './limits.js';
import type { Line } from './line.js';
import { blockOf, encodeProposal, refuseMessage, type Replica, type SealRequest } from './replica.js';
import { askToVerify, faultOf } from './verify.js';

/** Asks the host for the next block while this node leads, there is something to put into it, and the window has room. */
export function askToSeal(replica: Replica, line: Line): void {
  const { core, head, sealRequest } = replica;
  const { height, digest: parentDigest, timestampMs } = line.tip;
  if (replica.ownProposal !== undefined || core.nowMs < replica.sealPausedUntilMs) return;
  if (replica.pendingTransactions === 0 || !maySeal(replica, line)) {
    replica.sealRequest = undefined;
    return;
  }
  if (sealRequest !== undefined && continues(replica, line, sealRequest)) return;
  replica.sealRequest = { height: height + 1, view: core.term, parentDigest };
  replica.effects.push({
    kind: 'seal',
    ...replica.sealRequest,
    inFlight: height - head.height,
    parentTimestampMs: timestampMs,
    maxTransactions: head.settings.maxTransactions,
  });
}

function maySeal(replica: Replica, { tip, places, unclearIndex }: Line): boolean {
  const { core, head, nodeId } = replica;
  if (core.role !== 'leader' || core.transfer !== undefined) return false;
  if (!head.sealers.includes(nodeId)) return false;
  // What older leaders left is settled by the first entry of this term.
  if (core.log.termAt(core.log.committed) !== core.term) return false;
  // The sealers of another epoch are known when the block that began it is stored.
  if (unclearIndex !== undefined || tip.epoch !== head.order.epoch) return false;
  if (places.some(({ block }) => block.verification !== 'verified')) return false;
  return tip.height < head.height + WINDOW_HEIGHTS;
}

/** The host's answer: checked like everybody's proposals before it becomes an entry of the log. */
export function onSealed(replica: Replica, input: Extract<Input, { kind: 'sealed' }>, line: Line): void {
  const { sealRequest, head } = replica;
  if (sealRequest === undefined || replica.ownProposal !== undefined || !continues(replica, line, sealRequest)) return;
  const { height, view, parentDigest } = sealRequest;
  if (input.height !== height || input.view !== view || !equalBytes(input.parentDigest, parentDigest)) return;
  const proposal: Proposal = {
    height,
    parentDigest,
    epoch: line.tip.epoch,
    timestampMs: input.timestampMs,
    sealer: head.sealers.indexOf(replica.nodeId),
    sealers: head.sealers,
    transactionHashes: input.transactionHashes,
  };
  const fault = faultOf(replica, proposal, line.tip.timestampMs);
  if (fault !== undefined) return sealAgain(replica, fault);
  const digest = proposalDigest(replica.crypto, replica.group, proposal);
  const block = blockOf(replica, { digest, key: toHex(digest), proposal });
  replica.ownProposal = block;
  if (block.verification === 'unknown') askToVerify(replica, block, false);
}

/** Puts the own proposal into the log once it is verified, if it still continues the chain. */
export function proposeOwn(replica: Replica, line: Line): void {
  const { ownProposal, sealRequest } = replica;
  if (ownProposal === undefined) return;
  if (sealRequest === undefined || !continues(replica, line, sealRequest)) {
    replica.ownProposal = undefined;
    return;
  }
  if (ownProposal.verification === 'rejected') return sealAgain(replica, 'rejected');
  if (ownProposal.verification !== 'verified') return;
  replica.ownProposal = undefined;
  const { core } = replica;
  const proposed = propose(core, encodeProposal(ownProposal.proposal));
  if (!proposed.ok) return sealAgain(replica, proposed.reason);
  replica.decoded.set(core.log.entry(proposed.value)!, ownProposal);
  replica.sealRequest = undefined;
}

/** The host gave what it would refuse itself: ask again, but not in a loop that nothing else gets into. */
function sealAgain(replica: Replica, reason: string): void {
  refuseMessage(replica, `ownProposal:${reason}`);
  replica.sealPausedUntilMs = replica.core.nowMs + replica.timing.heartbeatIntervalMs;
  replica.ownProposal = undefined;
  replica.sealRequest = undefined;
}

/** Whether what was asked for is still what comes next. */
function continues(replica: Replica, line: Line, { height, view, parentDigest }: SealRequest): boolean {
  const isNext = line.tip.height + 1 === height && equalBytes(line.tip.digest, parentDigest);
  return isNext && replica.core.term === view && maySeal(replica, line);
}

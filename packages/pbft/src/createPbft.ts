import { equalBytes } from '@menglian/base/bytes';
import { failure, type Result, success } from '@menglian/base/result';
import type { ConsensusEngine, EngineComponents, EngineOptions, Input } from '@menglian/consensus-core/ports';
import { proposalDigest } from '@menglian/consensus-core/proposal';
import { SafetyRules } from '@menglian/consensus-core/safety';
import { VerifiedSignatures } from '@menglian/consensus-core/verifiedSignatures';
import { decodePrepared, isPreparedKey } from './certificate.js';
import { FutureMessages } from './future.js';
import { WINDOW_HEIGHTS } from './limits.js';
import { decodeMessage } from './messageCodec.js';
import { heightState, type Replica } from './state.js';
import { statusOf } from './status.js';
import { step } from './step.js';
import { DEFAULT_TIMING, type PbftTiming } from './timing.js';
import { NEW_VIEW_KEY } from './viewChange/enterView.js';

/**
 * A PBFT replica. Give it a `tick` first: that resumes what the records say was under way.
 * @returns a reason when the records cannot be read; such a node must not start
 */
export function createPbft(
  options: EngineOptions,
  components: EngineComponents,
  timing: PbftTiming = DEFAULT_TIMING,
  windowHeights = WINDOW_HEIGHTS,
): Result<ConsensusEngine> {
  const safety = SafetyRules.load(options.records);
  if (!safety.ok) return safety;
  safety.value.beginEpoch(options.head.order.epoch);
  const replica = createReplica(options, components, safety.value, timing, windowHeights);
  for (const { key, value } of options.records) {
    const fault = restore(replica, key, value);
    if (fault !== undefined) return failure(`consensus record ${key}: ${fault}`);
  }
  const { epoch, view } = safety.value;
  if (view > 0 && replica.newView?.view !== view) {
    return failure(`consensus record ${NEW_VIEW_KEY}: is not the proof of view ${view} of epoch ${epoch}`);
  }
  return success({ step: (input: Input) => step(replica, input), status: () => statusOf(replica) });
}

function createReplica(
  options: EngineOptions,
  { crypto, chain }: EngineComponents,
  safety: SafetyRules,
  timing: PbftTiming,
  windowHeights: number,
): Replica {
  const ownIndex = options.head.sealers.indexOf(options.nodeId);
  return {
    group: { chainId: options.chainId, groupId: options.groupId },
    nodeId: options.nodeId,
    timing,
    crypto,
    chain,
    windowHeights,
    signatures: new VerifiedSignatures(crypto),
    safety,
    head: options.head,
    ownIndex: ownIndex < 0 ? undefined : ownIndex,
    heights: new Map(),
    viewChanges: new Map(),
    ownViewChange: undefined,
    newView: undefined,
    future: new FutureMessages(),
    replayFuture: false,
    peers: new Map(),
    pendingTransactions: 0,
    nowMs: 0,
    started: false,
    listeningSinceMs: 0,
    heartbeatDueMs: 0,
    timer: { startedMs: undefined, cycle: 0 },
    effects: [],
    deletions: safety.forget(options.head.height),
    wakeAtMs: undefined,
    refusals: new Map(),
  };
}

/** Takes up one record. @returns what is wrong with it */
function restore(replica: Replica, key: string, value: Uint8Array): string | undefined {
  if (key === NEW_VIEW_KEY) {
    const decoded = decodeMessage(value);
    if (!decoded.ok) return decoded.reason;
    if (decoded.value.kind !== 'newView') return 'is another message';
    if (decoded.value.epoch === replica.safety.epoch) replica.newView = decoded.value;
  } else if (isPreparedKey(key)) {
    const decoded = decodePrepared(value);
    if (!decoded.ok) return decoded.reason;
    const { height, digest, proposal } = decoded.value;
    if (!equalBytes(digest, proposalDigest(replica.crypto, replica.group, proposal))) return 'is of another digest';
    const { head } = replica;
    if (height <= head.height || proposal.epoch !== head.order.epoch) replica.deletions.push({ key, value: undefined });
    else {
      const state = heightState(replica, height);
      if (state === undefined) return `is above the window of ${replica.windowHeights} heights`;
      state.prepared = decoded.value;
    }
  }
  return undefined;
}

import { failure, type Result, success } from '@menglian/base/result';
import type { ConsensusEngine, EngineComponents, EngineOptions, Input } from '@menglian/consensus-core/ports';
import { SafetyRules } from '@menglian/consensus-core/safety';
import { VerifiedSignatures } from '@menglian/consensus-core/verifiedSignatures';
import { createConfiguration } from './core/configuration.js';
import { createCore, type RestoredState } from './core/state.js';
import {
  MAX_APPEND_BYTES,
  MAX_APPEND_ENTRIES,
  MAX_INFLIGHT_BYTES,
  MAX_INFLIGHT_MESSAGES,
  MAX_UNCOMMITTED_BYTES,
  PROMOTION_LAG_ENTRIES,
} from './limits.js';
import { restoreRecords } from './records.js';
import { decodeDataEntry, type Replica } from './replica.js';
import { statusOf } from './status.js';
import { stepReplica } from './stepReplica.js';
import { DEFAULT_TIMING, type RaftTiming } from './timing.js';

/**
 * A Raft replica. Give it a `tick` first: that resumes what the records say was under way.
 * @returns a reason when the records cannot be read; such a node must not start
 */
export function createRaft(
  options: EngineOptions,
  components: EngineComponents,
  timing: RaftTiming = DEFAULT_TIMING,
): Result<ConsensusEngine> {
  const { head, records } = options;
  const safety = SafetyRules.load(records);
  if (!safety.ok) return safety;
  const configuration = createConfiguration(head.sealers, head.observers, head.order.epoch);
  const restored = restoreRecords(records, { index: 0, term: 0, configuration, height: head.height });
  if (!restored.ok) return restored;
  const { compaction, entries } = restored.value;
  // The log no longer says what the missing blocks were; the ledger must.
  if (compaction.height > head.height) return failure(`the ledger is older than the log: block ${compaction.height}`);
  const replica = createReplica(options, components, safety.value, restored.value, timing);
  for (const entry of entries) {
    if (!decodeDataEntry(replica, entry)) return failure(`consensus record of entry ${entry.index}: is no proposal`);
  }
  return success({ step: (input: Input) => stepReplica(replica, input), status: () => statusOf(replica) });
}

function createReplica(
  { chainId, groupId, nodeId, head }: EngineOptions,
  { crypto, chain }: EngineComponents,
  safety: SafetyRules,
  restored: RestoredState,
  timing: RaftTiming,
): Replica {
  const tuning = {
    electionTimeoutMs: timing.electionTimeoutMs,
    heartbeatIntervalMs: timing.heartbeatIntervalMs,
    flow: { maxInflightMessages: MAX_INFLIGHT_MESSAGES, maxInflightBytes: MAX_INFLIGHT_BYTES },
    maxMessageBytes: MAX_APPEND_BYTES,
    maxMessageEntries: MAX_APPEND_ENTRIES,
    maxUncommittedBytes: MAX_UNCOMMITTED_BYTES,
    promotionLagEntries: PROMOTION_LAG_ENTRIES,
  };
  return {
    group: { chainId, groupId },
    nodeId,
    timing,
    crypto,
    chain,
    signatures: new VerifiedSignatures(crypto),
    safety,
    core: createCore(nodeId, tuning, restored, head.height),
    head,
    settledIndex: restored.compaction.index,
    blocks: new Map(),
    decoded: new WeakMap(),
    results: new Map(),
    ownResults: new Map(),
    sealRequest: undefined,
    sealPausedUntilMs: 0,
    ownProposal: undefined,
    toldLeader: undefined,
    peers: new Map(),
    accused: new Map(),
    pendingTransactions: 0,
    started: false,
    records: [],
    effects: [],
    deletions: safety.forget(head.height),
    wakeAtMs: undefined,
    refusals: new Map(),
  };
}

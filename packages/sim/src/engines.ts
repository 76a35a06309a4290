/** Which engine a run is about, and what its waiting times are in simulated milliseconds. */
import type { Result } from '@menglian/base/result';
import type { ConsensusEngine, EngineComponents, EngineOptions } from '@menglian/consensus-core/ports';
import type { QuorumRule } from '@menglian/consensus-core/quorum';
import { createPbft } from '@menglian/pbft/createPbft';
import type { PbftTiming } from '@menglian/pbft/timing';
import type { EngineKind, SimulationOptions } from './options.js';

/** Cap of the view-change timer. */
export const MAXIMUM_TIMEOUT_MS = 6000;

const PBFT_TIMING: PbftTiming = {
  heartbeatIntervalMs: 500,
  maximumTimeoutMs: MAXIMUM_TIMEOUT_MS,
  leaderDownGraceMs: 100,
  silenceMs: 1800,
  replyIntervalMs: 200,
};

export function quorumRuleOf(engine: EngineKind): QuorumRule {
  return engine === 'raft' ? 'crash' : 'byzantine';
}

export function createEngine(
  { windowHeights }: SimulationOptions,
  options: EngineOptions,
  components: EngineComponents,
): Result<ConsensusEngine> {
  return createPbft(options, components, PBFT_TIMING, windowHeights);
}

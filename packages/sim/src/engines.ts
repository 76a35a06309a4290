/** Which engine a run is about, and what its waiting times are in simulated milliseconds. */
import type { Result } from '@menglian/base/result';
import type { ConsensusEngine, EngineComponents, EngineOptions } from '@menglian/consensus-core/ports';
import type { QuorumRule } from '@menglian/consensus-core/quorum';
import { createPbft } from '@menglian/pbft/createPbft';
import type { PbftTiming } from '@menglian/pbft/timing';
import { createRaft } from '@menglian/raft/createRaft';
import type { RaftTiming } from '@menglian/raft/timing';
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

/** The election timeout of a run stands where PBFT has the base of its view-change timer. */
function raftTiming(consensusTimeoutMs: number): RaftTiming {
  return {
    electionTimeoutMs: consensusTimeoutMs,
    heartbeatIntervalMs: Math.ceil(consensusTimeoutMs / 6),
    hintIntervalMs: 200,
  };
}

export function quorumRuleOf(engine: EngineKind): QuorumRule {
  return engine === 'raft' ? 'crash' : 'byzantine';
}

export function createEngine(
  { engine, windowHeights, consensusTimeoutMs }: SimulationOptions,
  options: EngineOptions,
  components: EngineComponents,
): Result<ConsensusEngine> {
  if (engine === 'raft') return createRaft(options, components, raftTiming(consensusTimeoutMs));
  return createPbft(options, components, PBFT_TIMING, windowHeights);
}

import type { Result } from '@menglian/base/result';
import type { ConsensusEngine, EngineComponents, EngineOptions } from '@menglian/consensus-core/ports';
import { createPbft } from '@menglian/pbft/createPbft';
import { createRaft } from '@menglian/raft/createRaft';
import { DEFAULT_TIMING, timingOf } from '@menglian/raft/timing';
import type { GenesisConfig } from '@menglian/types/genesis';

/** What the group's genesis chose. */
export interface ConsensusChoice {
  readonly consensusType: GenesisConfig['consensusType'];
  /** of Raft; see `[consensus] min_elect_time` */
  readonly electionTimeoutMs: number | undefined;
}

/**
 * The engine of a group. rPBFT is PBFT among the working sealers: who they are is the chain's to say.
 * @returns a reason when the records cannot be read; such a node must not start
 */
export function createEngine(
  { consensusType, electionTimeoutMs }: ConsensusChoice,
  options: EngineOptions,
  components: EngineComponents,
): Result<ConsensusEngine> {
  if (consensusType !== 'raft') return createPbft(options, components);
  const timing = electionTimeoutMs === undefined ? DEFAULT_TIMING : timingOf(electionTimeoutMs);
  return createRaft(options, components, timing);
}

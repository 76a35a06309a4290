/** Who votes and who only receives the log. */
import type { NodeId } from '@menglian/types/address';

/**
 * Lists are sorted, without repetition. While `outgoing` is not empty the configuration is joint: every decision needs a
 * majority of `voters` and one of `outgoing` (Raft §6).
 */
export interface Configuration {
  readonly voters: readonly NodeId[];
  /** The voters of before, while the change is under way. */
  readonly outgoing: readonly NodeId[];
  /** Receive the log and count nowhere. Never among `voters` or `outgoing`. */
  readonly learners: readonly NodeId[];
  /** Voters of `outgoing` that become learners when the change ends: nobody is both at once. */
  readonly learnersNext: readonly NodeId[];
  /**
   * The application's epoch whose members these are. It does not fall from one configuration to the next: a leader that
   * knows only of an older epoch leaves the members alone.
   */
  readonly epoch: number;
}

export function createConfiguration(
  voters: readonly NodeId[],
  learners: readonly NodeId[] = [],
  epoch = 0,
): Configuration {
  return { voters: sorted(voters), outgoing: [], learners: sorted(learners), learnersNext: [], epoch };
}

export function isJoint(configuration: Configuration): boolean {
  return configuration.outgoing.length > 0;
}

/** Whether the node has a vote in either half. */
export function isVoter(configuration: Configuration, nodeId: NodeId): boolean {
  return configuration.voters.includes(nodeId) || configuration.outgoing.includes(nodeId);
}

export function isMember(configuration: Configuration, nodeId: NodeId): boolean {
  return isVoter(configuration, nodeId) || configuration.learners.includes(nodeId);
}

/** Everybody the log goes to, sorted. */
export function membersOf({ voters, outgoing, learners }: Configuration): NodeId[] {
  return sorted([...voters, ...outgoing, ...learners]);
}

/** Everybody with a vote in either half, sorted. */
export function votersOf({ voters, outgoing }: Configuration): NodeId[] {
  return sorted([...voters, ...outgoing]);
}

export function sorted(nodes: Iterable<NodeId>): NodeId[] {
  return [...new Set(nodes)].sort();
}

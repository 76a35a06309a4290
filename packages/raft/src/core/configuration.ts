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
}

export function createConfiguration(voters: readonly NodeId[], learners: readonly NodeId[] = []): Configuration {
  return { voters: sorted(voters), outgoing: [], learners: sorted(learners), learnersNext: [] };
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

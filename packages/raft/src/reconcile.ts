/**
 * The chain says who its sealers and observers are; the leader makes the log's configuration follow. Contracts change
 * the first, one change at a time brings the second there, and each step looks at both anew. A leader whose own chain is
 * behind must not bring back the members of before: the log's configuration says of which epoch it is.
 */
import type { ConfigurationChange } from './core/confchange.js';
import { type Configuration, membersOf } from './core/configuration.js';
import { isCaughtUp, membershipObstacle, proposeMembership } from './core/membership.js';
import { configurationOf } from './core/state.js';
import type { Replica } from './replica.js';

export function reconcileMembership(replica: Replica): void {
  const { core, head } = replica;
  if (membershipObstacle(core) !== undefined) return;
  const changes = changesTowards(configurationOf(core), head, (nodeId) => isCaughtUp(core, nodeId));
  if (changes.length > 0) proposeMembership(core, changes, head.order.epoch);
}

/** A joiner receives the log before it counts; whoever leaves does so at once, as long as a voter remains. */
export function changesTowards(
  configuration: Configuration,
  wanted: { readonly sealers: readonly string[]; readonly observers: readonly string[] },
  isCaughtUp: (nodeId: string) => boolean,
): ConfigurationChange[] {
  const { voters, learners } = configuration;
  const { sealers, observers } = wanted;
  const changes: ConfigurationChange[] = [];
  for (const nodeId of sealers) {
    if (voters.includes(nodeId)) continue;
    if (!learners.includes(nodeId)) changes.push({ kind: 'addLearner', nodeId });
    else if (isCaughtUp(nodeId)) changes.push({ kind: 'addVoter', nodeId });
  }
  const staysVoter = voters.some((nodeId) => sealers.includes(nodeId));
  const hasVoter = staysVoter || changes.some(({ kind }) => kind === 'addVoter');
  for (const nodeId of membersOf(configuration)) {
    if (sealers.includes(nodeId) || observers.includes(nodeId)) continue;
    if (hasVoter || !voters.includes(nodeId)) changes.push({ kind: 'remove', nodeId });
  }
  for (const nodeId of observers) {
    if (learners.includes(nodeId)) continue;
    if (hasVoter || !voters.includes(nodeId)) changes.push({ kind: 'addLearner', nodeId });
  }
  return changes;
}

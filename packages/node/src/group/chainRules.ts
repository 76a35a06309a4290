import type { ChainHead } from '@menglian/consensus-core/ports';
import type { StateView } from '@menglian/ledger/stateView';
import { readMembership, readSystemConfig } from '@menglian/ledger/systemState';

/** What the chain's state says about the ordering of a block: who votes on it, and within which bounds. */
export type ChainRules = Pick<ChainHead, 'sealers' | 'observers' | 'settings'>;

/** The rules in force for block `height`, read in the state of the block before it. */
export function readChainRules(view: StateView, height: number): ChainRules {
  const { sealers, observers } = readMembership(view, height);
  const setting = (key: string) => Number(readSystemConfig(view, key, height));
  return {
    sealers,
    observers,
    settings: {
      maxTransactions: setting('tx_count_limit'),
      consensusTimeoutMs: setting('consensus_timeout') * 1000,
    },
  };
}

/** Whether a change from one to the other begins a new epoch. Observers do not vote, so they do not matter. */
export function areSameRules(one: ChainRules, other: ChainRules): boolean {
  return (
    one.settings.maxTransactions === other.settings.maxTransactions &&
    one.settings.consensusTimeoutMs === other.settings.consensusTimeoutMs &&
    one.sealers.length === other.sealers.length &&
    one.sealers.every((sealer, index) => sealer === other.sealers[index])
  );
}

import { CLOSINGS_PER_TURN_MAX } from './limits.js';
import { refusalsOf } from './refusals.js';
import type { RelayChain } from './ports.js';

/**
 * Closes the open epoch of each shadow account that has payments. One that cannot be closed holds up no other: it is tried again in the
 * next turn.
 * @returns the accounts that were closed. @throws SdkError when one was refused and none could be closed
 */
export async function closeEpochs(chain: RelayChain): Promise<readonly string[]> {
  const accounts = (await chain.closableAccounts()).slice(0, CLOSINGS_PER_TURN_MAX);
  const results = await Promise.allSettled(accounts.map((account) => chain.close(account)));
  const closed = accounts.filter((_, index) => {
    const result = results[index]!;
    return result.status === 'fulfilled' && result.value;
  });
  const refused = refusalsOf(results);
  if (refused.length > 0 && closed.length === 0) throw refused[0]!;
  return closed;
}

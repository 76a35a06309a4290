/** Makes chains known to one another: what their committees do once. */
import { readOrigin } from '@menglian/sdk/audit/genesisTrust';
import type { Client } from '@menglian/sdk/client';
import type { Hash } from '@menglian/sdk/hex';
import { SdkError, sdkError } from '@menglian/sdk/sdkError';
import { Balances } from '@menglian/sdk/services/balances';
import { Consensus } from '@menglian/sdk/services/consensus';
import { type ChainAnchor, type ConsensusRule, LightClients } from '@menglian/sdk/services/lightClients';

/** A chain with the account that may change its settings. */
export interface ChainToRegister {
  readonly name: string;
  readonly client: Client;
}

/** What one chain has to know of another. */
export interface ChainFacts {
  readonly name: string;
  readonly identity: Hash;
  readonly rule: ConsensusRule;
  readonly anchor: ChainAnchor;
}

/** What was done, or was so already. */
export type Registration =
  | { readonly kind: 'switchedOn'; readonly chain: string }
  | { readonly kind: 'registered' | 'known'; readonly chain: string; readonly facts: ChainFacts }
  /** Money of that chain may come here. */
  | { readonly kind: 'moneyAllowed'; readonly chain: string; readonly facts: ChainFacts };

/**
 * Asks a node what the chain is: believed as it answers, so it has to be one that is trusted.
 * @throws SdkError
 */
export async function readFacts({ name, client }: ChainToRegister): Promise<ChainFacts> {
  const genesis = await client.getBlockHeader(0);
  const origin = readOrigin(client.suite, genesis);
  if (!origin.ok) throw sdkError('BadAnswer', `${name}: ${origin.reason}`, 'ask another node');
  const { identity, engine, trust } = origin.value;
  const height = await client.getBlockNumber();
  const head = height === 0 ? undefined : await client.getBlockHeader(height);
  const sealers = head?.sealerList ?? trust.sealers;
  return { name, identity, rule: engine, anchor: { number: height, sealers } };
}

/**
 * Switches messages between chains on where they are not, and tells each chain of all others that it does not know. What is done is left as
 * it is, so it can be run again.
 * @param options.money each chain lets money of all others come, as hot accounts and cross transactions need
 * @throws SdkError at the first that a chain refuses; what was reported stays
 */
export async function registerAll(
  chains: readonly ChainToRegister[],
  options: { readonly money: boolean },
  report: (done: Registration) => void,
): Promise<void> {
  const facts = await Promise.all(chains.map(readFacts));
  for (const { name, client } of chains) {
    const clients = new LightClients(client);
    if (!(await isOn(clients))) {
      await new Consensus(client).setConfig('enable_interchain', 'on');
      report({ kind: 'switchedOn', chain: name });
    }
    const own = (await client.getBlockHeader(0)).hash;
    for (const other of facts.filter(({ identity }) => identity !== own)) {
      const known = await clients.get(other.identity);
      if (known === undefined) await clients.register(other.identity, other);
      report({ kind: known === undefined ? 'registered' : 'known', chain: name, facts: other });
      if (!options.money) continue;
      const balances = new Balances(client);
      if (await balances.isAllowedChain(other.identity)) continue;
      await balances.allowChain(other.identity, true);
      report({ kind: 'moneyAllowed', chain: name, facts: other });
    }
  }
}

/** Where messages between chains are off, nothing answers at the address of the contract. */
async function isOn(clients: LightClients): Promise<boolean> {
  try {
    await clients.list();
    return true;
  } catch (error) {
    if (error instanceof SdkError && error.code === 'CallAddressError') return false;
    throw error;
  }
}

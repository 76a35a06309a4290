import type { WordSource } from './arguments/kinds.js';
import type { Words } from './completion.js';
import type { Session } from './session.js';

/** Words for completion that the session knows or asks its node for. */
export function sessionWords(session: Session): Words {
  const sources: Readonly<Partial<Record<WordSource, () => Promise<readonly string[]>>>> = {
    addresses: async () => {
      const contracts = (await session.deployments()).map(({ address }) => address);
      return [...new Set(['latest', ...contracts, ...session.accounts.map(({ address }) => address)])];
    },
    accounts: async () => session.accounts.map(({ address }) => address),
    nodes: async () => (await session.client()).getNodeIdList(),
    groups: async () => (await (await session.client()).getGroupList()).map(String),
  };
  return async (source) => (await sources[source]?.()) ?? [];
}

import type { WordSource } from './arguments/kinds.js';
import { calledContract, nameOfContract } from './contracts/callContract.js';
import type { Words } from './completion.js';
import { contractWords } from './contracts/findContract.js';
import type { Session } from './session.js';

/** Words for completion that the session knows or asks its node for. */
export function sessionWords(session: Session): Words {
  const sources: Readonly<Partial<Record<WordSource, (before: readonly string[]) => Promise<readonly string[]>>>> = {
    addresses: async () => {
      const contracts = (await session.deployments()).map(({ address }) => address);
      return [...new Set([...contracts, ...session.accounts.map(({ address }) => address)])];
    },
    deployments: async ([word = '']) => {
      const name = nameOfContract(word);
      const own = (await session.deployments()).filter((one) => one.name === name);
      return ['latest', ...own.map(({ address }) => address)];
    },
    accounts: async () => session.accounts.map(({ address }) => address),
    contracts: async () => contractWords(session.options.folder, await session.deployments()),
    functions: async ([word = '', place = '']) => {
      const called = await calledContract(session, word, place);
      return called.ok ? called.value.abi.flatMap((item) => (item.type === 'function' ? [item.name] : [])) : [];
    },
    nodes: async () => (await session.client()).getNodeIdList(),
    groups: async () => (await (await session.client()).getGroupList()).map(String),
  };
  return async (source, before) => (await sources[source]?.(before)) ?? [];
}

import type { BenchChain } from '../chain/benchChain.js';

/** The members of `getConsensusStatus` that tell who leads (docs/json-rpc.md). */
interface StatusAnswer {
  readonly consensusedBlockNumber: number;
  readonly currentView?: number;
  readonly leaderId?: string;
  readonly nodeId: string;
  readonly nodeNum: number;
  readonly [member: `sealer.${number}`]: string;
}

/**
 * The node that leads the next block: in Raft the leader, else the sealer whose turn it is. A node that has just come back
 * may not know the view yet, so the highest one counts.
 */
export async function nextLeader(chain: BenchChain): Promise<number> {
  const statuses = await Promise.all(
    chain.clients.map(async (client) => {
      const [status] = (await client.getConsensusStatus()).all as [StatusAnswer];
      return status;
    }),
  );
  const view = Math.max(...statuses.map(({ currentView = 0 }) => currentView));
  const [first] = statuses as [StatusAnswer];
  const nodeId = first.leaderId ?? first[`sealer.${(first.consensusedBlockNumber + view) % first.nodeNum}`];
  const index = statuses.findIndex((status) => status.nodeId === nodeId);
  if (index < 0) throw new Error('nobody leads');
  return index;
}

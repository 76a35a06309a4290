import type { RpcClient } from './rpcClient.js';

/**
 * Whether every node serves its group and is linked with at least so many others. A node that does not answer yet is
 * not there.
 */
export async function areLinked(clients: readonly RpcClient[], groupId: number, peerCount: number): Promise<boolean> {
  const checks = await Promise.all(
    clients.map(async (client) => {
      const [peers, blockNumber] = await client
        .batch([
          { method: 'getPeers', params: [groupId] },
          { method: 'getBlockNumber', params: [groupId] },
        ])
        .catch(() => []);
      return Array.isArray(peers) && peers.length >= peerCount && typeof blockNumber === 'string';
    }),
  );
  return checks.every(Boolean);
}

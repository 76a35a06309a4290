import type { GroupMethods } from '@menglian/sdk/rpc/groupMethods';

/**
 * Whether every node serves its group and is linked with at least so many others. A node that does not answer yet is
 * not there.
 */
export async function areLinked(nodes: readonly GroupMethods[], peerCount: number): Promise<boolean> {
  const checks = await Promise.all(
    nodes.map(async (node) => {
      try {
        const [peers] = await Promise.all([node.getPeers(), node.getBlockNumber()]);
        return peers.length >= peerCount;
      } catch {
        return false;
      }
    }),
  );
  return checks.every(Boolean);
}

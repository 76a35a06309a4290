import { copyFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildChain } from '@menglian/cli/chain/buildChain';
import { NodeProcess } from '@menglian/cli/start/clusterProcesses';
import { freePorts, type Cluster } from '../cluster.js';
import { configuredPort, editFile } from '../nodeRuns.js';
import { nodeIdOf } from './faultCluster.js';
import { RpcClient } from '../rpcClient.js';
import { IS_SM } from '../suite.js';

/** A node that was made after the chain. */
export interface JoiningNode {
  readonly nodeId: string;
  readonly client: RpcClient;
  readonly process: NodeProcess;
}

/**
 * Makes one more node as docs/operations.md tells an operator to: its certificate from the CA of the chain, the genesis
 * of the group, and the addresses of the others. Then starts it.
 */
export async function startJoiningNode(cluster: Cluster, name: string): Promise<JoiningNode> {
  const first = await freePorts(3);
  const built = await buildChain({
    hosts: '127.0.0.1:1',
    output: join(cluster.folder, name),
    ports: `${first},${first + 1},${first + 2}`,
    authority: join(cluster.folder, 'nodes', 'cert'),
    ...(IS_SM && { sm: true, smAuthority: join(cluster.folder, 'nodes', 'gmcert') }),
  });
  if (!built.ok) throw new Error(built.reason.message.en);
  const configPath = built.value.configPaths[0]!;
  const folder = dirname(configPath);
  const member = dirname(cluster.configPath(0));
  for (const file of ['group.1.genesis', 'group.1.ini'])
    copyFileSync(join(member, 'conf', file), join(folder, 'conf', file));
  const peers = cluster.clients.map((_, index) => {
    const port = configuredPort(dirname(cluster.configPath(index)), 'listen_port');
    return `    node.${index}=127.0.0.1:${port}\n`;
  });
  editFile(configPath, (text) => text.replace(/^\s*node\.0=.*\n/m, peers.join('')));
  return {
    nodeId: nodeIdOf(folder),
    client: new RpcClient(`http://127.0.0.1:${first + 2}`),
    process: new NodeProcess(configPath),
  };
}

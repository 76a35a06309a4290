import { dirname, join } from 'node:path';
import type { NodeProcess } from '@menglian/cli/start/clusterProcesses';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { encodeCall } from '@menglian/sdk/abi/functions';
import { functionOf } from '@menglian/sdk/abi/signature';
import { randomAccount } from '@menglian/sdk/account/account';
import { afterEach, expect } from 'vitest';
import { Cluster, until } from '../cluster.js';
import { editFile } from '../nodeRuns.js';
import type { RpcClient } from '../rpcClient.js';
import { clientOf, CONSENSUS_CONTRACT } from '../sdkClient.js';
import { audit, readHeaders, signersOf } from './audit.js';
import { nodeIdOf } from './faultCluster.js';
import { startJoiningNode } from './joiningNode.js';
import { SteadyLoad } from './load.js';
import { SUITE } from '../suite.js';

const TRANSFERS_PER_SECOND = 60;

/** Of rPBFT. */
const WORKING_SEALERS = 4;
const BLOCKS_OF_EPOCH = 5;

/** Blocks that are looked at after a change. */
const BLOCKS = 10;

const suite = await loadSuite(SUITE);
const account = await randomAccount(SUITE);
const clusters: Cluster[] = [];
const joined: NodeProcess[] = [];

/** Stops what a test has started, also when it failed. */
export function stopMembersAfterEach(): void {
  afterEach(async () => {
    await Promise.all(joined.splice(0).map((node) => node.stop()));
    await Promise.all(clusters.splice(0).map((cluster) => cluster.stop()));
  });
}

/**
 * A chain under load: a node joins as observer, catches up, becomes a sealer and signs; another is removed and signs no
 * more; it comes back as observer, then as sealer, and signs again. At the end the books of all must be right.
 */
export async function changesMembersUnderLoad(count: number, consensus: string): Promise<void> {
  const cluster = await Cluster.build(count, { consensus });
  clusters.push(cluster);
  if (consensus === 'rpbft') rotateOften(cluster);
  cluster.startAll();
  await cluster.linked(count - 1);
  const leaving = nodeIdOf(dirname(cluster.configPath(1)));
  // Clients of the node that leaves would have to look for another one.
  const staying = cluster.clients.filter((_, index) => index !== 1);
  const load = new SteadyLoad(staying, suite);
  await load.open();
  load.start(TRANSFERS_PER_SECOND);
  const rpc = cluster.clients[0]!;

  const newcomer = await startJoiningNode(cluster, 'newcomer');
  joined.push(newcomer.process);
  await change(rpc, 'addObserver', newcomer.nodeId);
  expect(await rpc.call('getObserverList', 1)).toEqual([newcomer.nodeId]);
  await caughtUp(newcomer.client, rpc);

  const added = await change(rpc, 'addSealer', newcomer.nodeId);
  expect(await rpc.call('getSealerList', 1)).toHaveLength(count + 1);
  await signsSoon(rpc, consensus, added + 1, newcomer.nodeId);

  const removed = await change(rpc, 'remove', leaving);
  await stored(rpc, removed + BLOCKS);
  for (const header of await readHeaders(rpc, removed + 1, removed + BLOCKS)) {
    // In rPBFT its place stays empty until the next rotation.
    if (consensus !== 'rpbft') expect(header.sealerList).toHaveLength(count);
    expect(header.sealerList).not.toContain(leaving);
    expect(signersOf(header)).not.toContain(leaving);
  }

  await change(rpc, 'addObserver', leaving);
  await caughtUp(cluster.clients[1]!, rpc);
  const returned = await change(rpc, 'addSealer', leaving);
  await signsSoon(rpc, consensus, returned + 1, leaving);

  await load.finish();
  const clients = [...cluster.clients, newcomer.client];
  const height = await audit({ suite, clients, consensus }, load);
  expect(load.acknowledged.size).toBe(load.sent.size);
  process.stderr.write(`${consensus}: ${load.sent.size} transfers in ${height} blocks, 5 changes of members\n`);
}

/** Some of the sealers work at a time, and one of them is replaced every few blocks. */
function rotateOften(cluster: Cluster): void {
  for (const index of cluster.clients.keys()) {
    editFile(join(dirname(cluster.configPath(index)), 'conf', 'group.1.genesis'), (text) =>
      text
        .replace(/epoch_sealer_num=\d+/, `epoch_sealer_num=${WORKING_SEALERS}`)
        .replace(/epoch_block_num=\d+/, `epoch_block_num=${BLOCKS_OF_EPOCH}`),
    );
  }
}

/** Sends the transaction to the contract of members. @returns the number of its block */
async function change(rpc: RpcClient, name: 'addObserver' | 'addSealer' | 'remove', nodeId: string): Promise<number> {
  const data = encodeCall(suite, functionOf(`${name}(string)`), [nodeId]);
  const { output, blockNumber } = await clientOf(rpc, account).execute({ to: CONSENSUS_CONTRACT, data });
  expect(BigInt(output)).toBe(1n);
  return blockNumber;
}

async function stored(rpc: RpcClient, height: number): Promise<void> {
  await until(async () => Number(await rpc.call('getBlockNumber', 1)) >= height, `block ${height} is stored`);
}

/** Waits until the node has what another one has now. */
async function caughtUp(node: RpcClient, other: RpcClient): Promise<void> {
  const height = Number(await other.call('getBlockNumber', 1));
  const own = async () => node.call('getBlockNumber', 1).then(Number, () => -1);
  await until(async () => (await own()) >= height, `the node has block ${height}`);
}

/** Waits for a block that the node has signed; in rPBFT it has to be its turn to work first. */
async function signsSoon(rpc: RpcClient, consensus: string, first: number, nodeId: string): Promise<void> {
  let next = first;
  await until(
    async () => {
      const head = Number(await rpc.call('getBlockNumber', 1));
      const headers = head < next ? [] : await readHeaders(rpc, next, head);
      next = head + 1;
      if (consensus !== 'rpbft') for (const { sealerList } of headers) expect(sealerList).toContain(nodeId);
      return headers.some((header) => signersOf(header).includes(nodeId));
    },
    `${nodeId.slice(0, 8)} signs a block`,
  );
}

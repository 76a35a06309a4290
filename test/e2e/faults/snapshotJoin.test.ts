import { dirname, join } from 'node:path';
import { Account, encodeCall } from '@menglian/cli/client/account';
import { ChainClient } from '@menglian/cli/client/chainClient';
import { RpcAnswerError } from '@menglian/cli/client/rpcClient';
import { NodeProcess } from '@menglian/cli/start/clusterProcesses';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { afterEach, expect, it } from 'vitest';
import { Cluster, until } from '../cluster.js';
import { editFile } from '../nodeRuns.js';
import { startJoiningNode } from './joiningNode.js';

const CONSENSUS_CONTRACT = '0000000000000000000000000000000000001003';
const DAG_TRANSFER = '0000000000000000000000000000000000005002';
const BLOCKS = 45;
const SETTINGS = 'snapshot_interval=20\n    snapshot_min_height=40\n';

const suite = await loadSuite('ecdsa');
const account = Account.generate(suite);
const clusters: Cluster[] = [];
const joined: NodeProcess[] = [];

afterEach(async () => {
  await Promise.all(joined.splice(0).map((node) => node.stop()));
  await Promise.all(clusters.splice(0).map((cluster) => cluster.stop()));
});

const save = (user: string) => encodeCall(suite, 'userSave(string,uint256)', ['string', 'uint256'], [user, 1n]);
const balanceOf = (user: string) => encodeCall(suite, 'userBalance(string)', ['string'], [user]);

/** Real processes: a node that was made after the chain begins with a snapshot, and is killed and started again. */
it('a node joins by a snapshot and keeps it', async () => {
  const cluster = await Cluster.build(4);
  clusters.push(cluster);
  for (let index = 0; index < 4; index++) {
    const path = join(dirname(cluster.configPath(index)), 'conf', 'group.1.ini');
    editFile(path, (text) => text.replace('[sync]\n', `[sync]\n    ${SETTINGS}`));
  }
  cluster.startAll();
  await cluster.linked(3);
  const rpc = cluster.clients[0]!;
  const client = new ChainClient(rpc, { chainId: 1, groupId: 1 });
  for (let i = 0; i < BLOCKS; i++) await client.receipt(await client.send(account, DAG_TRANSFER, save(`user${i % 7}`)));

  const newcomer = await startJoiningNode(cluster, 'newcomer');
  joined.push(newcomer.process);
  const addition = encodeCall(suite, 'addObserver(string)', ['string'], [newcomer.nodeId]);
  await client.receipt(await client.send(account, CONSENSUS_CONTRACT, addition));
  const height = async () => newcomer.client.call('getBlockNumber', 1).then(Number, () => -1);
  await until(async () => (await height()) > BLOCKS, 'the newcomer has the chain');

  const beforeSnapshot = newcomer.client.call('getBlockByNumber', 1, '5', false);
  await expect(beforeSnapshot).rejects.toThrow(RpcAnswerError);
  await expect(beforeSnapshot).rejects.toMatchObject({ code: -40004 });
  const [own, others] = await Promise.all(
    [newcomer.client, rpc].map(async (one) => one.call('getTotalTransactionCount', 1)),
  );
  expect(own).toEqual(others);
  const reader = new ChainClient(newcomer.client, { chainId: 1, groupId: 1 });
  const user = balanceOf('user3');
  expect(await reader.call(account.address, DAG_TRANSFER, user)).toEqual(
    await client.call(account.address, DAG_TRANSFER, user),
  );

  await newcomer.process.kill();
  await client.receipt(await client.send(account, DAG_TRANSFER, save('user3')));
  joined.push(new NodeProcess(newcomer.process.configPath));
  await until(async () => (await height()) > BLOCKS + 1, 'the newcomer is back');
  expect(await reader.call(account.address, DAG_TRANSFER, user)).toEqual(
    await client.call(account.address, DAG_TRANSFER, user),
  );
}, 300_000);

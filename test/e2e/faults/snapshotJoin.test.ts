import { dirname, join } from 'node:path';
import { NodeProcess } from '@menglian/cli/start/clusterProcesses';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { encodeCall } from '@menglian/sdk/abi/functions';
import { functionOf } from '@menglian/sdk/abi/signature';
import { randomAccount } from '@menglian/sdk/account/account';
import { afterEach, expect, it } from 'vitest';
import { Cluster, until } from '../cluster.js';
import { editFile } from '../nodeRuns.js';
import { RpcAnswerError } from '../rpcClient.js';
import { clientOf, CONSENSUS_CONTRACT, DAG_TRANSFER } from '../sdkClient.js';
import { startJoiningNode } from './joiningNode.js';
import { SUITE } from '../suite.js';

const BLOCKS = 45;
const SETTINGS = 'snapshot_interval=20\n    snapshot_min_height=40\n';

const suite = await loadSuite(SUITE);
const account = await randomAccount(SUITE);
const clusters: Cluster[] = [];
const joined: NodeProcess[] = [];

afterEach(async () => {
  await Promise.all(joined.splice(0).map((node) => node.stop()));
  await Promise.all(clusters.splice(0).map((cluster) => cluster.stop()));
});

const save = (user: string) => encodeCall(suite, functionOf('userSave(string,uint256)'), [user, 1n]);
const balanceOf = (user: string) => encodeCall(suite, functionOf('userBalance(string)'), [user]);

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
  const client = clientOf(rpc, account);
  for (let i = 0; i < BLOCKS; i++) await client.execute({ to: DAG_TRANSFER, data: save(`user${i % 7}`) });

  const newcomer = await startJoiningNode(cluster, 'newcomer');
  joined.push(newcomer.process);
  const addition = encodeCall(suite, functionOf('addObserver(string)'), [newcomer.nodeId]);
  await client.execute({ to: CONSENSUS_CONTRACT, data: addition });
  const height = async () => newcomer.client.call('getBlockNumber', 1).then(Number, () => -1);
  await until(async () => (await height()) > BLOCKS, 'the newcomer has the chain');

  const beforeSnapshot = newcomer.client.call('getBlockByNumber', 1, '5', false);
  await expect(beforeSnapshot).rejects.toThrow(RpcAnswerError);
  await expect(beforeSnapshot).rejects.toMatchObject({ code: -40004 });
  const [own, others] = await Promise.all(
    [newcomer.client, rpc].map(async (one) => one.call('getTotalTransactionCount', 1)),
  );
  expect(own).toEqual(others);
  const reader = clientOf(newcomer.client, account);
  const balance = { from: account.address, to: DAG_TRANSFER, data: balanceOf('user3') };
  expect((await reader.call(balance)).output).toBe((await client.call(balance)).output);

  await newcomer.process.kill();
  await client.execute({ to: DAG_TRANSFER, data: save('user3') });
  joined.push(new NodeProcess(newcomer.process.configPath));
  await until(async () => (await height()) > BLOCKS + 1, 'the newcomer is back');
  expect((await reader.call(balance)).output).toBe((await client.call(balance)).output);
}, 300_000);

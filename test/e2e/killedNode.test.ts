import { setTimeout as sleep } from 'node:timers/promises';
import { decodeAbi } from '@menglian/codec/abi';
import { fromHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { callData, encodeCall } from '@menglian/sdk/abi/functions';
import { functionOf } from '@menglian/sdk/abi/signature';
import { type Account, randomAccount } from '@menglian/sdk/account/account';
import { bareAddress, hexOf } from '@menglian/sdk/hex';
import { PLATFORM_PORTS } from '@menglian/sdk/ports';
import { transactionFields } from '@menglian/sdk/transaction/fields';
import { afterEach, expect, it } from 'vitest';
import { Cluster, until } from './cluster.js';
import { RpcAnswerError } from './rpcClient.js';
import { DAG_TRANSFER } from './sdkClient.js';
import { SUITE } from './suite.js';

const TRANSFERS = 10_000;
const USERS = 50;
const OPENING = 1_000_000n;
const BATCH = 100;

const suite = await loadSuite(SUITE);
const clusters: Cluster[] = [];

afterEach(async () => {
  await Promise.all(clusters.splice(0).map((cluster) => cluster.stop()));
});

interface Sent {
  readonly raw: string;
  readonly hash: string;
}

/**
 * Transfers flow to all four nodes while one of them is killed as by a loss of power and started again. Clients do what
 * clients do: they send again what has no receipt. Nothing whose receipt was seen may be lost, nothing may happen twice,
 * and all nodes must end with the same block and state.
 */
it('survives the loss of one of four nodes under load', async () => {
  const cluster = await Cluster.build(4);
  clusters.push(cluster);
  cluster.startAll();
  await cluster.linked(3);
  const account = await randomAccount(SUITE);
  const call = (signature: string, values: (string | bigint)[]): Sent => {
    const data = callData(suite, functionOf(signature), values);
    const target = { chainId: 1, groupId: 1, blockLimit: 500, to: bareAddress(DAG_TRANSFER), data };
    const signed = account.signTransaction(transactionFields(target, PLATFORM_PORTS));
    return { raw: hexOf(signed.raw), hash: hexOf(signed.hash) };
  };
  const user = (index: number) => `user${index % USERS}`;
  const openings = Array.from({ length: USERS }, (_, index) => call('userAdd(string,uint256)', [user(index), OPENING]));
  await sendUntilMined(cluster, [0], openings);
  const transfers = Array.from({ length: TRANSFERS }, (_, index) =>
    call('userTransfer(string,string,uint256)', [user(index), user(index + 1), 1n]),
  );
  const acknowledged = new Map<string, string>();
  const disturbance = (async () => {
    await sleep(1500);
    await cluster.nodes[2]!.kill();
    await sleep(3000);
    cluster.start(2);
  })();
  await sendUntilMined(cluster, [0, 1, 2, 3], transfers, acknowledged);
  await disturbance;
  await cluster.linked(3);
  const { number } = await cluster.agreed();

  expect(acknowledged.size).toBe(TRANSFERS);
  const mined = await transactionsByBlock(cluster, 2, number);
  for (const { hash } of transfers) expect(mined.get(hash)).toEqual([acknowledged.get(hash)]);
  expect([...mined.values()].flat()).toHaveLength(TRANSFERS + USERS);
  for (const index of [0, 1, 2, 3]) expect(await totalBalance(cluster, index, account)).toBe(OPENING * BigInt(USERS));
}, 240_000);

/** Sends in batches to the nodes in turn, again and again what has no receipt yet, as a careful client does. */
async function sendUntilMined(
  cluster: Cluster,
  indexes: readonly number[],
  transactions: readonly Sent[],
  acknowledged = new Map<string, string>(),
): Promise<void> {
  let turn = 0;
  for (let round = 0; acknowledged.size < transactions.length; round++) {
    if (round > 20) throw new Error(`${transactions.length - acknowledged.size} transactions are in no block`);
    const open = transactions.filter(({ hash }) => !acknowledged.has(hash));
    for (let start = 0; start < open.length; start += BATCH) {
      const client = cluster.clients[indexes[turn++ % indexes.length]!]!;
      const calls = open
        .slice(start, start + BATCH)
        .map(({ raw }) => ({ method: 'sendRawTransaction', params: [1, raw] }));
      await client.batch(calls).catch(() => []);
    }
    await until(
      async () => (await cluster.clients[0]!.call('getPendingTxSize', 1)) === '0x0',
      'the pool is empty',
      90_000,
    );
    await readReceipts(cluster, open, acknowledged);
  }
}

async function readReceipts(cluster: Cluster, open: readonly Sent[], acknowledged: Map<string, string>): Promise<void> {
  for (let start = 0; start < open.length; start += BATCH) {
    const batch = open.slice(start, start + BATCH);
    const calls = batch.map(({ hash }) => ({ method: 'getTransactionReceipt', params: [1, hash] }));
    const receipts = await cluster.clients[0]!.batch(calls);
    for (const [index, receipt] of receipts.entries()) {
      if (receipt === null || receipt instanceof RpcAnswerError) continue;
      const { status, output, blockNumber } = receipt as { status: string; output: string; blockNumber: string };
      expect([status, BigInt(output)]).toEqual(['0x0', 0n]);
      acknowledged.set(batch[index]!.hash, blockNumber);
    }
  }
}

/** The block numbers in which each transaction stands, as one node stores it. */
async function transactionsByBlock(cluster: Cluster, index: number, head: number): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (let number = 1; number <= head; number++) {
    const block = await cluster.clients[index]!.call('getBlockByNumber', 1, String(number), false);
    for (const hash of (block as { transactions: string[] }).transactions) {
      found.set(hash, [...(found.get(hash) ?? []), `0x${number.toString(16)}`]);
    }
  }
  return found;
}

async function totalBalance(cluster: Cluster, index: number, account: Account): Promise<bigint> {
  let total = 0n;
  for (let one = 0; one < USERS; one++) {
    const data = encodeCall(suite, functionOf('userBalance(string)'), [`user${one}`]);
    const request = { from: account.address, to: DAG_TRANSFER, data };
    const { output } = (await cluster.clients[index]!.call('call', 1, request)) as { output: string };
    const decoded = decodeAbi(['uint256', 'uint256'], fromHex(output));
    expect(decoded.ok).toBe(true);
    if (decoded.ok) total += decoded.value[1] as bigint;
  }
  return total;
}

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cluster } from '../e2e/cluster.js';
import { IS_SM } from '../e2e/suite.js';
import {
  callData,
  contractAddress,
  decodeString,
  ForeignClient,
  headerHash,
  hex,
  receiptHash,
  rootOf,
  signers,
  topicOf,
  unhex,
  type Header,
} from './foreignClient.js';

/**
 * Goal: a client that shares no code with us can use a chain of ours, and can check by itself what our nodes answer.
 * Method: foreignClient.ts, made of other people's libraries and the public formats, against real processes.
 */

const contracts = JSON.parse(
  readFileSync(new URL(IS_SM ? '../golden-sm/contracts.json' : '../golden/contracts.json', import.meta.url), 'utf8'),
) as {
  HelloWorld: { bytecode: string };
};
const TEXT = '你好, a text longer than one word of thirty-two bytes';

let cluster: Cluster;
let client: ForeignClient;

beforeAll(async () => {
  cluster = await Cluster.build(4);
  cluster.startAll();
  await cluster.linked(3);
  client = new ForeignClient(cluster.clients[0]!.url);
});

afterAll(async () => {
  await cluster?.stop();
});

it('deploys a contract, uses it, and proves what happened', async () => {
  const deployed = await client.receipt(await client.send(undefined, unhex(contracts.HelloWorld.bytecode)));
  expect(deployed.status).toBe('0x0');
  expect(deployed.contractAddress).toBe(contractAddress(client.address, 0));
  const address = unhex(deployed.contractAddress);

  expect(await read(address)).toBe('Hello, World!');
  const changed = await client.receipt(await client.send(address, callData('set(string)', TEXT)));
  expect(changed.status).toBe('0x0');
  expect(await read(address)).toBe(TEXT);

  const [log] = changed.logs;
  expect(log!.address).toBe(deployed.contractAddress);
  expect(log!.topics).toEqual([
    topicOf('Changed(address,string)'),
    `0x${'00'.repeat(12)}${hex(client.address).slice(2)}`,
  ]);
  expect(decodeString(log!.data)).toBe(TEXT);

  const failed = await client.receipt(await client.send(address, callData('fail()')));
  expect(failed.status).toBe('0x16');
  expect(decodeString(`0x${failed.output.slice(10)}`)).toBe('not today');
});

it('can check blocks, transactions and receipts without trusting the node', async () => {
  const hash = await client.send(undefined, unhex(contracts.HelloWorld.bytecode));
  const { blockHash } = await client.receipt(hash);
  const header = await client.rpc<Header>('getBlockHeaderByHash', 1, blockHash, true);
  expect(headerHash(header)).toBe(blockHash);
  expect(signers(header).size).toBeGreaterThanOrEqual(3);

  const sent = await client.rpc<{ transaction: { hash: string; transactionIndex: string }; txProof: [] }>(
    'getTransactionByHashWithProof',
    1,
    hash,
  );
  expect(rootOf(hash, Number(sent.transaction.transactionIndex), sent.txProof)).toBe(header.transactionsRoot);
  const mined = await client.rpc<{ transactionReceipt: Parameters<typeof receiptHash>[0]; receiptProof: [] }>(
    'getTransactionReceiptByHashWithProof',
    1,
    hash,
  );
  const leaf = receiptHash(mined.transactionReceipt);
  expect(rootOf(leaf, Number(mined.transactionReceipt.transactionIndex), mined.receiptProof)).toBe(header.receiptsRoot);

  const parent = await client.rpc<Header>('getBlockHeaderByNumber', 1, String(header.number - 1), true);
  expect(headerHash(parent)).toBe(header.parentHash);
  const genesis = await client.rpc<Header>('getBlockHeaderByNumber', 1, '0x0', true);
  expect(headerHash(genesis)).toBe(genesis.hash);
});

async function read(contract: Uint8Array): Promise<string> {
  const { status, output } = await client.call(contract, callData('get()'));
  expect(status).toBe('0x0');
  return decodeString(output);
}

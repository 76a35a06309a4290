import { fromHex } from '@menglian/base/bytes';
import { decodeAbi } from '@menglian/codec/abi';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { encodeCall } from '@menglian/sdk/abi/functions';
import { functionOf } from '@menglian/sdk/abi/signature';
import { randomAccount } from '@menglian/sdk/account/account';
import { expect } from 'vitest';
import { until } from '../cluster.js';
import type { RpcCall, RpcClient } from '../rpcClient.js';
import { clientOf, DAG_TRANSFER } from '../sdkClient.js';
import type { SteadyLoad } from './load.js';
import { SUITE } from '../suite.js';

const USER_BALANCE = functionOf('userBalance(string)');
const BATCH = 200;

interface BlockAnswer {
  readonly number: string;
  readonly hash: string;
  readonly dbHash: string;
  readonly transactions: readonly string[];
}

interface HeaderAnswer {
  readonly number: number;
  readonly hash: string;
  readonly sealerList: readonly string[];
  readonly signatureList: readonly { readonly index: string; readonly signature: string }[];
}

/** Whose chain is looked at. */
export interface AuditedChain {
  readonly suite: CryptoSuite;
  readonly clients: readonly RpcClient[];
  /** as the chain builder takes it */
  readonly consensus: string;
}

/**
 * What must hold when all faults are over: every node makes progress; all nodes have the same blocks and, height by
 * height, the same state; each block is signed by a quorum of its sealers; money is conserved to the last transfer; nothing acknowledged is lost, nothing happened twice.
 * @returns the height that was looked at
 */
export async function audit({ suite, clients, consensus }: AuditedChain, load: SteadyLoad): Promise<number> {
  await expectProgress(suite, clients);
  const head = await agreedHeight(clients);
  const blocks = await Promise.all(clients.map((client) => readBlocks(client, head)));
  for (const others of blocks.slice(1)) {
    for (const [index, block] of blocks[0]!.entries()) expect(others[index]).toEqual(block);
  }
  const minedIn = new Map<string, string>();
  for (const { number, transactions } of blocks[0]!) {
    for (const hash of transactions) {
      expect(minedIn.get(hash), `${hash} is in two blocks`).toBeUndefined();
      minedIn.set(hash, number);
    }
  }
  for (const [hash, number] of load.acknowledged) expect(minedIn.get(hash), `${hash} was acknowledged`).toBe(number);
  for (const header of await readHeaders(clients.at(-1)!, 1, head)) expectQuorum(suite, consensus, header);
  const expected = expectedBalances(load, minedIn);
  const balances = await Promise.all(clients.map((client) => readBalances(suite, client, load)));
  for (const found of balances) expect(found).toEqual(expected);
  return head;
}

/** Each node takes a transaction, and it comes to all of them. */
async function expectProgress(suite: CryptoSuite, clients: readonly RpcClient[]): Promise<void> {
  const account = await randomAccount(SUITE);
  for (const [index, rpc] of clients.entries()) {
    const client = clientOf(rpc, account);
    const data = encodeCall(suite, functionOf('userSave(string,uint256)'), [`probe${index}`, 1n]);
    await until(async () => client.getBlockNumber().then(Boolean, () => false), `node ${index} answers`);
    const { blockNumber } = await client.execute({ to: DAG_TRANSFER, data });
    await until(async () => (await heights(clients)).every((one) => one >= blockNumber), 'all have the block');
  }
}

async function heights(clients: readonly RpcClient[]): Promise<number[]> {
  return Promise.all(clients.map((client) => client.call('getBlockNumber', 1).then(Number, () => -1)));
}

async function agreedHeight(clients: readonly RpcClient[]): Promise<number> {
  let head = -1;
  await until(async () => {
    const found = await heights(clients);
    head = found[0]!;
    return head >= 0 && new Set(found).size === 1;
  }, 'all nodes have the same height');
  return head;
}

async function batched(client: RpcClient, calls: readonly RpcCall[]): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (let start = 0; start < calls.length; start += BATCH) {
    answers.push(...(await client.batch(calls.slice(start, start + BATCH))));
  }
  return answers;
}

async function readBlocks(client: RpcClient, head: number): Promise<BlockAnswer[]> {
  const calls = Array.from({ length: head }, (_, index) => ({
    method: 'getBlockByNumber',
    params: [1, String(index + 1), false],
  }));
  return (await batched(client, calls)) as BlockAnswer[];
}

/** Headers with their signatures, of all blocks from `first` to `last`. */
export async function readHeaders(client: RpcClient, first: number, last: number): Promise<HeaderAnswer[]> {
  const calls = Array.from({ length: last - first + 1 }, (_, index) => ({
    method: 'getBlockHeaderByNumber',
    params: [1, String(first + index), true],
  }));
  return (await batched(client, calls)) as HeaderAnswer[];
}

/** The node ids whose signatures are in the header's list. */
export function signersOf({ sealerList, signatureList }: HeaderAnswer): string[] {
  return signatureList.map(({ index }) => sealerList[Number(index)]!);
}

/** Recomputed here from what a client sees, with nothing of the node but its cryptography. */
function expectQuorum(suite: CryptoSuite, consensus: string, header: HeaderAnswer): void {
  const { number, hash, sealerList, signatureList } = header;
  const count = sealerList.length;
  const quorum = consensus === 'raft' ? Math.floor(count / 2) + 1 : count - Math.floor((count - 1) / 3);
  const signers = new Set(signatureList.map(({ index }) => Number(index)));
  expect(signers.size, `distinct signers of block ${number}`).toBe(signatureList.length);
  expect(signers.size, `signers of block ${number}`).toBeGreaterThanOrEqual(quorum);
  for (const { index, signature } of signatureList) {
    const isValid = suite.verify(fromHex(hash), fromHex(signature), fromHex(sealerList[Number(index)]!));
    expect(isValid, `signature ${index} of block ${number}`).toBe(true);
  }
}

/** By user, computed from the transfers that are in blocks. */
function expectedBalances(load: SteadyLoad, minedIn: ReadonlyMap<string, string>): bigint[] {
  const balances = Array.from({ length: load.users }, () => load.openingBalance);
  for (const { hash, from, to, amount } of load.sent.values()) {
    if (!minedIn.has(hash)) continue;
    balances[from]! -= amount;
    balances[to]! += amount;
  }
  return balances;
}

async function readBalances(suite: CryptoSuite, client: RpcClient, load: SteadyLoad): Promise<bigint[]> {
  const calls = Array.from({ length: load.users }, (_, index) => {
    const data = encodeCall(suite, USER_BALANCE, [`user${index}`]);
    const request = { from: load.address, to: DAG_TRANSFER, data };
    return { method: 'call', params: [1, request] };
  });
  const answers = (await batched(client, calls)) as { output: string }[];
  return answers.map(({ output }) => {
    const decoded = decodeAbi(['uint256', 'uint256'], fromHex(output));
    if (!decoded.ok) throw new Error(decoded.reason);
    return decoded.value[1] as bigint;
  });
}

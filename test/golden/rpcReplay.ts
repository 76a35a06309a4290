import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromHex, toPrefixedHex } from '@menglian/base/bytes';
import type { CryptoSuite, SuiteName } from '@menglian/crypto/suite';
import { decodeTransaction, signTransaction } from '@menglian/types/transaction';
import { until, type Cluster } from '../e2e/cluster.js';
import { readRecording, toFields, type TransactionVector } from './recordedFormats.js';
import type { Json } from './recordedRpc.js';
import type { Translation } from './rpcComparison.js';

/** A transaction of the recording as it is sent to the chain under test. */
export interface SentTransaction {
  readonly raw: string;
  /** `0x` and 64 digits */
  readonly hash: string;
}

/** A recorded transaction with what became of it on the recorded chain. */
export interface ReplayVector
  extends Pick<TransactionVector, 'description' | 'signedRlp' | 'transactionHash'>,
    Partial<Pick<TransactionVector, 'fields' | 'privateKey'>> {
  readonly blockNumber?: string;
  readonly receipt?: { readonly blockHash: string; readonly transactionIndex: string };
  readonly replay?: false;
}

/** Where a transaction stands on the chain under test. */
export interface Place {
  readonly blockHash: string;
  readonly blockNumber: string;
  readonly transactionIndex: string;
}

interface Receipt extends Place {
  readonly status: string;
}

/** After these transactions the recorded chain was asked for its state; refusals and deployments follow. */
const LAST_OF_FIRST_RUN = { ecdsa: 94, sm: 123 } as const;

/** Sealers of a recorded chain, ascending. */
export function recordedSealers(suite: SuiteName): string[] {
  return (readRecording(suite, 'genesis.json') as { nodeIds: string[] }).nodeIds.toSorted();
}

/** The node that answered the recorded requests, but those that name another. */
function answeringNode(suite: SuiteName): string {
  const { cases } = readRecording(suite, 'getNodeInfo.json') as { cases: { response: { result: { NodeID: string } } }[] };
  return cases[0]!.response.result.NodeID;
}

/** All that stands in the blocks of a recorded chain, and what was refused. */
function recordedVectors(suite: CryptoSuite): ReplayVector[] {
  const { transactions } = readRecording(suite.name, 'transactions.json') as { transactions: ReplayVector[] };
  // Of the ordinary chain the deployments of its opcode contracts are not recorded.
  return suite.name === 'sm' ? [...transactions, ...opcodeVectors(suite)] : transactions;
}

interface OpcodeCase {
  readonly opcode: string;
  readonly deploy: { readonly signedRlp: string };
  readonly callResponse: { readonly result: { readonly currentBlockNumber: string } };
  readonly transaction: {
    readonly signedRlp: string;
    readonly receipt: { readonly blockNumber: string; readonly blockHash: string; readonly transactionIndex: string };
  };
}

/** Deployment and call of each contract of evm-opcodes.json. */
function opcodeVectors(suite: CryptoSuite): ReplayVector[] {
  const { cases } = readRecording(suite.name, 'evm-opcodes.json') as { cases: OpcodeCase[] };
  const { cases: headers } = readRecording(suite.name, 'getBlockHeaderByNumber.json') as {
    cases: { response: { result: { number: number; hash: string } } }[];
  };
  const hashes = new Map(headers.map(({ response: { result } }) => [result.number, result.hash]));
  return cases.flatMap(({ opcode, deploy, callResponse, transaction }) => {
    const blockNumber = callResponse.result.currentBlockNumber;
    const blockHash = hashes.get(Number(blockNumber))!;
    const deployment = { blockNumber, receipt: { blockHash, transactionIndex: '0x0' } };
    const call = { blockNumber: transaction.receipt.blockNumber, receipt: transaction.receipt };
    return [
      { ...deployment, ...sentVector(suite, `deploy ${opcode}`, deploy.signedRlp) },
      { ...call, ...sentVector(suite, opcode, transaction.signedRlp) },
    ];
  });
}

function sentVector(suite: CryptoSuite, description: string, signedRlp: string) {
  const decoded = decodeTransaction(suite, fromHex(signedRlp));
  if (!decoded.ok) throw new Error(`${description}: ${decoded.reason}`);
  return { description, signedRlp, transactionHash: toPrefixedHex(decoded.value.hash) };
}

const RECEIPT_POLL_MS = 10;
const RECEIPT_TIMEOUT_MS = 30_000;

/** Plays the recorded transactions on a chain of real processes, and knows what got which name there. */
export class RpcReplay implements Translation {
  readonly names = new Map<string, string>();
  readonly numbers = new Map<number, number>();
  readonly places = new Map<string, Place>();
  readonly vectors: readonly ReplayVector[];
  /** Blocks of the chain under test with a transaction that was signed anew. */
  readonly resignedBlocks = new Set<number>();
  readonly #recordedSealers: readonly string[];
  readonly #answeringNode: string;
  readonly #suite: CryptoSuite;
  readonly #urls: ReadonlyMap<string, string>;

  private constructor(suite: CryptoSuite, urls: ReadonlyMap<string, string>, sealers: readonly string[]) {
    this.#suite = suite;
    this.#urls = urls;
    this.vectors = recordedVectors(suite);
    this.#recordedSealers = recordedSealers(suite.name);
    this.#answeringNode = answeringNode(suite.name);
    for (const [index, recorded] of this.#recordedSealers.entries()) this.names.set(recorded, sealers[index]!);
  }

  /** @param cluster four linked nodes on an empty chain */
  static async start(suite: CryptoSuite, cluster: Cluster): Promise<RpcReplay> {
    const urls = new Map<string, string>();
    for (const client of cluster.clients) {
      const { NodeID: nodeId } = (await client.call('getNodeInfo')) as { NodeID: string };
      urls.set(nodeId, client.url);
    }
    const replay = new RpcReplay(suite, urls, [...urls.keys()].toSorted());
    const genesisHash = (await replay.call('getBlockHashByNumber', 1, '0x0')) as string;
    const recorded = readRecording(suite.name, 'getBlockHashByNumber.json') as { cases: { response: { result: string } }[] };
    replay.names.set(recorded.cases[0]!.response.result.slice(2), genesisHash.slice(2));
    return replay;
  }

  /** What was mined before the chain was asked for its state; the contracts of evm-opcodes.json come last. */
  firstRun(): number[] {
    const last = LAST_OF_FIRST_RUN[this.#suite.name];
    return [...this.vectors.keys()].filter((index) => index <= last || this.vectors[index]!.fields === undefined);
  }

  /** The JSON-RPC address of the node that stands for a recorded one. */
  url(recordedNodeId = this.#answeringNode): string {
    return this.#urls.get(this.names.get(recordedNodeId)!)!;
  }

  /** Asks a node for the result of one method. */
  async call(method: string, ...params: Json[]): Promise<Json> {
    const { text } = await post(this.url(), JSON.stringify({ jsonrpc: '2.0', method, params, id: 1 }));
    return (JSON.parse(text) as { result: Json }).result;
  }

  /** A transaction that names a node of the recorded chain is signed anew with one of ours in its place. */
  transaction(index: number): SentTransaction {
    const { signedRlp, transactionHash, fields, privateKey } = this.vectors[index]!;
    const unchanged = { raw: signedRlp, hash: transactionHash };
    if (fields === undefined || privateKey === undefined) return unchanged;
    const asText = (nodeId: string) => Buffer.from(nodeId, 'latin1').toString('hex');
    const input = this.#recordedSealers.reduce(
      (text, nodeId) => text.replace(asText(nodeId), asText(this.names.get(nodeId)!)),
      fields.input,
    );
    if (input === fields.input) return unchanged;
    const signed = signTransaction(this.#suite, toFields({ ...fields, input }), fromHex(privateKey));
    return { raw: toPrefixedHex(signed.raw), hash: toPrefixedHex(signed.hash) };
  }

  /** Sends a transaction that no recorded request holds. */
  async send(raw: string): Promise<void> {
    await this.call('sendRawTransaction', 1, raw);
  }

  /** Waits for the receipt of a transaction and notes where it stands, under its recorded names. */
  async mined(index: number): Promise<void> {
    const { transactionHash, blockNumber, receipt: recorded } = this.vectors[index]!;
    const { hash } = this.transaction(index);
    const { blockHash, blockNumber: number, transactionIndex } = await this.receipt(hash);
    this.names.set(transactionHash.slice(2), hash.slice(2));
    this.places.set(hash, { blockHash, blockNumber: number, transactionIndex });
    this.names.set(recorded!.blockHash.slice(2), blockHash.slice(2));
    this.numbers.set(Number(blockNumber), Number(number));
    if (hash !== transactionHash) this.resignedBlocks.add(Number(number));
  }

  async receipt(hash: string): Promise<Receipt> {
    const deadline = performance.now() + RECEIPT_TIMEOUT_MS;
    for (;;) {
      const receipt = (await this.call('getTransactionReceipt', 1, hash)) as Receipt | null;
      if (receipt !== null) return receipt;
      if (performance.now() > deadline) throw new Error(`${hash} is in no block after ${RECEIPT_TIMEOUT_MS} ms`);
      await sleep(RECEIPT_POLL_MS);
    }
  }

  /** Sends transactions in one batch to the leader of the next block, so that they meet in it as they did when recorded. */
  async mineTogether(indexes: readonly number[]): Promise<void> {
    const body = JSON.stringify(
      indexes.map((index) => ({
        jsonrpc: '2.0',
        method: 'sendRawTransaction',
        params: [1, this.transaction(index).raw],
        id: index,
      })),
    );
    const head = Number(await this.call('getBlockNumber', 1));
    const view = Number(await this.call('getPbftView', 1));
    const sealers = [...this.#urls.keys()].toSorted();
    await post(this.#urls.get(sealers[(head + 1 + view) % sealers.length]!)!, body);
    for (const index of indexes) await this.mined(index);
    const blocks = new Set(indexes.map((index) => this.places.get(this.transaction(index).hash)!.blockNumber));
    if (blocks.size !== 1) throw new Error(`one batch to the leader came to stand in ${blocks.size} blocks`);
  }

  /** Notes the head as the recorded chain's last block at a height. */
  async noteHead(recordedNumber: number, recordedHash: string): Promise<void> {
    const number = Number(await this.call('getBlockNumber', 1));
    const hash = (await this.call('getBlockHashByNumber', 1, String(number))) as string;
    this.numbers.set(recordedNumber, number);
    this.names.set(recordedHash.slice(2), hash.slice(2));
  }

  /** Waits until every node has heard of every other that it is at the head, and in which view. */
  async settled(): Promise<void> {
    await until(
      async () => {
        const head = Number(await this.call('getBlockNumber', 1));
        const checks = await Promise.all(
          [...this.#urls.values()].map(async (url) => {
            const body = ['getSyncStatus', 'getConsensusStatus'].map((method) => ({
              jsonrpc: '2.0',
              method,
              params: [1],
              id: 1,
            }));
            const answers = JSON.parse((await post(url, JSON.stringify(body))).text) as { result: unknown }[];
            const { blockNumber, peers } = answers[0]!.result as {
              blockNumber: number;
              peers: { blockNumber: number }[];
            };
            const [, views] = answers[1]!.result as [object, object[]];
            const atHead = [blockNumber, ...peers.map((peer) => peer.blockNumber)].every((number) => number === head);
            return atHead && peers.length === this.#urls.size - 1 && views.length === this.#urls.size;
          }),
        );
        return checks.every(Boolean);
      },
      'all nodes know each other at the head',
      15_000,
    );
  }
}

/** One HTTP request the way any client sends it. */
export async function post(url: string, body: string): Promise<{ status: number; type: string | null; text: string }> {
  const response = await fetch(url, { method: 'POST', body });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

/** Sets the time between blocks: long enough for a batch to meet in one block, short enough for the test. */
export function setBlockTime(cluster: Cluster, nodeCount: number, milliseconds: number): void {
  for (let index = 0; index < nodeCount; index++) {
    const path = join(dirname(cluster.configPath(index)), 'conf', 'group.1.ini');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(/(min_block_generation_time=)\d+/, `$1${milliseconds}`));
  }
}

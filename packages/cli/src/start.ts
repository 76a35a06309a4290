import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromHex } from '@menglian/base/bytes';
import { decodeAbi } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Address } from '@menglian/types/address';
import { buildChain } from './chain/buildChain.js';
import { Account, abiText, encodeCall } from './client/account.js';
import { ChainClient } from './client/chainClient.js';
import { RpcClient } from './client/rpcClient.js';
import { chooseLanguage } from './language.js';
import { NodeProcess } from './start/clusterProcesses.js';
import { HELLO_WORLD_BYTECODE } from './start/helloWorld.js';
import { startTexts, type StartTexts } from './start/texts.js';

/** `npm start`: a chain of four nodes on this machine, its first contract, and its state while it runs. */

const FOLDER = '.menglian';
const HOST = '127.0.0.1';
const NODE_COUNT = 4;
const CHAIN = { chainId: 1, groupId: 1 };
const READY_TIMEOUT_MS = 45_000;
const STATUS_INTERVAL_MS = 1000;

/** Without a terminal a status line is printed this often, so that a log does not fill. */
const STATUS_LINES_APART = 30;

interface Ports {
  readonly p2p: number;
  readonly channel: number;
  readonly rpc: number;
}

/** `--folder DIR` and `--ports P2P,CHANNEL,RPC` serve tests and people whose default ports are taken. */
function readArguments(args: readonly string[]): { folder: string; ports: Ports } {
  const after = (name: string) => args[args.indexOf(name) + 1];
  const folder = args.includes('--folder') ? after('--folder')! : FOLDER;
  const [p2p, channel, rpc] = (args.includes('--ports') ? after('--ports')! : '30300,20200,8545')
    .split(',')
    .map(Number);
  return { folder: resolve(folder), ports: { p2p: p2p!, channel: channel!, rpc: rpc! } };
}

class Starter {
  readonly #folder: string;
  readonly #ports: Ports;
  readonly #texts: StartTexts;
  readonly #nodes: NodeProcess[] = [];
  #isStopping = false;

  constructor(folder: string, ports: Ports, texts: StartTexts) {
    this.#folder = folder;
    this.#ports = ports;
    this.#texts = texts;
  }

  async run(): Promise<number> {
    process.once('SIGINT', () => this.stop());
    process.once('SIGTERM', () => this.stop());
    const chainFolder = join(this.#folder, 'nodes');
    if (existsSync(chainFolder)) this.#say(this.#texts.continuing);
    else await this.#build(chainFolder);
    this.#say(this.#texts.starting);
    for (let index = 0; index < NODE_COUNT; index++) {
      this.#nodes.push(new NodeProcess(join(chainFolder, HOST, `node${index}`, 'config.ini')));
    }
    const clients = this.#nodes.map((_, index) => new ChainClient(new RpcClient(this.#url(index)), CHAIN));
    const isReady = await this.#waitForMesh(clients);
    if (isReady && !this.#isStopping) await this.#useFirstContract(clients[0]!);
    if (isReady && !this.#isStopping) this.#showEndpoints();
    const failed = isReady ? await this.#watch(clients) : !this.#isStopping;
    this.#say(this.#texts.stopping);
    await Promise.all(this.#nodes.map((node) => node.stop()));
    this.#say(this.#texts.stopped);
    return failed ? 1 : 0;
  }

  stop(): void {
    this.#isStopping = true;
  }

  async #build(output: string): Promise<void> {
    this.#say(this.#texts.building);
    mkdirSync(this.#folder, { recursive: true });
    const { p2p, channel, rpc } = this.#ports;
    const built = await buildChain({ hosts: `${HOST}:${NODE_COUNT}`, output, ports: `${p2p},${channel},${rpc}` });
    if (!built.ok) throw new Error(built.reason.message.en);
  }

  /** Waits until every node answers and is linked with all others. @returns false when one ended or time is up */
  async #waitForMesh(clients: readonly ChainClient[]): Promise<boolean> {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    while (!this.#isStopping) {
      if (this.#reportEnded()) return false;
      const peers = await Promise.all(
        clients.map(async ({ rpc, groupId }) => rpc.call('getPeers', groupId).catch(() => [])),
      );
      if (peers.every((list) => (list as unknown[]).length === NODE_COUNT - 1)) return true;
      if (performance.now() > deadline) {
        this.#say(this.#texts.notReady(READY_TIMEOUT_MS / 1000));
        return false;
      }
      await sleep(100);
    }
    return false;
  }

  /** Deploys HelloWorld on a new chain; on every start writes a text and reads it back. */
  async #useFirstContract(client: ChainClient): Promise<void> {
    const suite = await loadSuite('ecdsa');
    const account = Account.generate(suite);
    const address = await this.#firstContract(client, account);
    this.#say(this.#texts.calling);
    const text = `Hello from block ${await client.blockNumber()}`;
    const data = encodeCall(suite, 'set(string)', ['string'], [abiText(text)]);
    await client.receipt(await client.send(account, address, data));
    this.#say(this.#texts.answered(await readText(suite, client, account, address)));
  }

  async #firstContract(client: ChainClient, account: Account): Promise<Address> {
    const notePath = join(this.#folder, 'first-contract.json');
    if (existsSync(notePath)) return (JSON.parse(readFileSync(notePath, 'utf8')) as { address: Address }).address;
    this.#say(this.#texts.deploying);
    const receipt = await client.receipt(await client.send(account, undefined, fromHex(HELLO_WORLD_BYTECODE)));
    if (receipt.status !== '0x0') throw new Error(`the deployment failed: ${receipt.statusMsg}`);
    const address = receipt.contractAddress.slice(2);
    writeFileSync(notePath, `${JSON.stringify({ address })}\n`);
    this.#say(this.#texts.deployed(`0x${address}`, Number(receipt.blockNumber)));
    return address;
  }

  #showEndpoints(): void {
    this.#say(this.#texts.ready);
    for (const [index, node] of this.#nodes.entries()) {
      process.stdout.write(
        `  node${index}  JSON-RPC ${this.#url(index)}  P2P ${HOST}:${this.#ports.p2p + index}  pid ${node.pid}\n`,
      );
    }
    process.stdout.write(`  ${this.#texts.hint}\n`);
  }

  /** Shows the state until the chain is to stop. @returns true when a node ended by itself */
  async #watch(clients: readonly ChainClient[]): Promise<boolean> {
    for (let tick = 0; !this.#isStopping; tick++) {
      if (this.#reportEnded()) return true;
      if (process.stdout.isTTY || tick % STATUS_LINES_APART === 0) await this.#showStatus(clients);
      for (let waited = 0; waited < STATUS_INTERVAL_MS && !this.#isStopping; waited += 100) await sleep(100);
    }
    return false;
  }

  async #showStatus(clients: readonly ChainClient[]): Promise<void> {
    const heights = await Promise.all(clients.map(async (client) => client.blockNumber().catch(() => undefined)));
    const { rpc, groupId } = clients[0]!;
    const totals = await rpc.call('getTotalTransactionCount', groupId).catch(() => ({ txSum: '0x0' }));
    const pending = await rpc.call('getPendingTxSize', groupId).catch(() => '0x0');
    const line = this.#texts.status(heights, Number((totals as { txSum: string }).txSum), Number(pending));
    process.stdout.write(process.stdout.isTTY ? `\r\u001b[2K  ${line}` : `  ${line}\n`);
  }

  #reportEnded(): boolean {
    const index = this.#nodes.findIndex((node) => !node.isRunning);
    if (index < 0 || this.#isStopping) return false;
    this.#say(this.#texts.nodeEnded(`node${index}`));
    process.stdout.write(`${this.#nodes[index]!.tail()}\n`);
    return true;
  }

  #url(index: number): string {
    return `http://${HOST}:${this.#ports.rpc + index}`;
  }

  #say(text: string): void {
    process.stdout.write(`${process.stdout.isTTY ? '\r\u001b[2K' : ''}menglian: ${text}\n`);
  }
}

async function readText(suite: CryptoSuite, client: ChainClient, account: Account, address: Address): Promise<string> {
  const { output } = await client.call(account.address, address, encodeCall(suite, 'get()', [], []));
  const decoded = decodeAbi(['string'], output);
  return decoded.ok ? Buffer.from(decoded.value[0] as string, 'latin1').toString('utf8') : '';
}

const { folder, ports } = readArguments(process.argv.slice(2));
const starter = new Starter(folder, ports, startTexts(chooseLanguage(process.argv.slice(2), process.env)));
process.exitCode = await starter.run();

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromHex } from '@menglian/base/bytes';
import { decodeAbi } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Address } from '@menglian/types/address';
import { buildChain } from './chain/buildChain.js';
import { Account, abiText, encodeCall } from './client/account.js';
import { ChainClient, type ReceiptAnswer } from './client/chainClient.js';
import { areLinked } from './client/linkedNodes.js';
import { RpcClient } from './client/rpcClient.js';
import { chooseLanguage, type Language, type Localized } from './language.js';
import { NodeProcess } from './start/clusterProcesses.js';
import { HELLO_WORLD_BYTECODE } from './start/helloWorld.js';
import { readPlaces, readStartOptions, type NodePlace, type StartOptions } from './start/startOptions.js';
import { startTexts, type StartTexts } from './start/texts.js';

/** `npm start`: a chain of four nodes on this machine, its first contract, and its state while it runs. */

const HOST = '127.0.0.1';
const NODE_COUNT = 4;
const CHAIN = { chainId: 1, groupId: 1 };
const READY_TIMEOUT_MS = 45_000;
const STATUS_INTERVAL_MS = 1000;

/** Without a terminal a status line is printed this often, so that a log does not fill. */
const STATUS_LINES_APART = 30;

/** Something told in a sentence, without the stack that only helps us. */
class StartProblem extends Error {
  override readonly name = 'StartProblem';
}

class Starter {
  readonly #folder: string;
  readonly #chainFolder: string;
  readonly #ports: string;
  readonly #language: Language;
  readonly #texts: StartTexts;
  readonly #nodes: NodeProcess[] = [];
  #places: readonly NodePlace[] = [];
  #isStopping = false;

  constructor({ folder, ports }: StartOptions, language: Language) {
    this.#folder = folder;
    this.#chainFolder = join(folder, 'nodes');
    this.#ports = ports;
    this.#language = language;
    this.#texts = startTexts(language);
  }

  /** @returns the exit code */
  async run(): Promise<number> {
    process.once('SIGINT', () => this.stop());
    process.once('SIGTERM', () => this.stop());
    let failed = true;
    try {
      failed = await this.#runChain();
    } catch (error) {
      // A node that is stopping may leave a question unanswered: that is no failure.
      failed = !this.#isStopping;
      if (failed) this.#say(this.#texts.failed(messageOf(error)));
    } finally {
      // Whatever happened, no node stays behind.
      if (this.#nodes.length > 0) {
        this.#say(this.#texts.stopping);
        await Promise.all(this.#nodes.map((node) => node.stop()));
        this.#say(this.#texts.stopped);
      }
    }
    return failed ? 1 : 0;
  }

  stop(): void {
    this.#isStopping = true;
  }

  /** @returns whether something went wrong that has been told already */
  async #runChain(): Promise<boolean> {
    if (existsSync(this.#chainFolder)) this.#say(this.#texts.continuing);
    else await this.#build();
    this.#places = this.#valueOf(readPlaces(join(this.#chainFolder, HOST), NODE_COUNT));
    if (this.#isStopping) return false;
    this.#say(this.#texts.starting);
    for (const { configPath } of this.#places) this.#nodes.push(new NodeProcess(configPath));
    const clients = this.#places.map((place) => new ChainClient(new RpcClient(urlOf(place)), CHAIN));
    if (!(await this.#waitForMesh(clients))) return !this.#isStopping;
    await this.#useFirstContract(clients[0]!);
    if (!this.#isStopping) this.#showEndpoints();
    return this.#watch(clients);
  }

  async #build(): Promise<void> {
    this.#say(this.#texts.building);
    mkdirSync(this.#folder, { recursive: true });
    const built = await buildChain({
      hosts: `${HOST}:${NODE_COUNT}`,
      output: this.#chainFolder,
      ports: this.#ports,
    });
    if (!built.ok) throw new StartProblem(built.reason.message[this.#language]);
    // Where somebody removed an earlier chain, its note may have stayed.
    rmSync(this.#notePath(), { force: true });
  }

  /** Keeps the address of the first contract. */
  #notePath(): string {
    return join(this.#folder, 'first-contract.json');
  }

  /** Waits until every node answers and is linked with all others. @returns false when one ended or time is up */
  async #waitForMesh(clients: readonly ChainClient[]): Promise<boolean> {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    while (!this.#isStopping) {
      if (this.#reportEnded()) return false;
      const nodes = clients.map(({ rpc }) => rpc);
      if (await areLinked(nodes, CHAIN.groupId, NODE_COUNT - 1)) return true;
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
    this.#requireSuccess(await client.receipt(await client.send(account, address, data)));
    this.#say(this.#texts.answered(await readText(suite, client, account, address)));
  }

  async #firstContract(client: ChainClient, account: Account): Promise<Address> {
    const notePath = this.#notePath();
    if (existsSync(notePath)) return (JSON.parse(readFileSync(notePath, 'utf8')) as { address: Address }).address;
    this.#say(this.#texts.deploying);
    const receipt = await client.receipt(await client.send(account, undefined, fromHex(HELLO_WORLD_BYTECODE)));
    this.#requireSuccess(receipt);
    const address = receipt.contractAddress.slice(2);
    writeFileSync(notePath, `${JSON.stringify({ address })}\n`);
    this.#say(this.#texts.deployed(`0x${address}`, Number(receipt.blockNumber)));
    return address;
  }

  #requireSuccess({ status, statusMsg }: ReceiptAnswer): void {
    if (status !== '0x0') throw new StartProblem(this.#texts.contractFailed(statusMsg));
  }

  #valueOf<T>(result: { ok: true; value: T } | { ok: false; reason: Localized }): T {
    if (!result.ok) throw new StartProblem(result.reason[this.#language]);
    return result.value;
  }

  #showEndpoints(): void {
    this.#say(this.#texts.ready);
    for (const [index, place] of this.#places.entries()) {
      const pid = this.#nodes[index]!.pid;
      const ports = `SDKs ${HOST}:${place.channelPort}  P2P ${HOST}:${place.p2pPort}`;
      process.stdout.write(`  node${index}  JSON-RPC ${urlOf(place)}  ${ports}  pid ${pid}\n`);
    }
    process.stdout.write(`  ${this.#texts.certificates(join(this.#chainFolder, HOST, 'sdk'))}\n`);
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

  #say(text: string): void {
    process.stdout.write(`${process.stdout.isTTY ? '\r\u001b[2K' : ''}menglian: ${text}\n`);
  }
}

async function readText(suite: CryptoSuite, client: ChainClient, account: Account, address: Address): Promise<string> {
  const { output } = await client.call(account.address, address, encodeCall(suite, 'get()', [], []));
  const decoded = decodeAbi(['string'], output);
  return decoded.ok ? Buffer.from(decoded.value[0] as string, 'latin1').toString('utf8') : '';
}

function urlOf({ rpcPort }: NodePlace): string {
  return `http://${HOST}:${rpcPort}`;
}

/** What the system says about a folder needs no stack either. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof StartProblem || 'code' in error ? error.message : (error.stack ?? error.message);
}

const args = process.argv.slice(2);
const language = chooseLanguage(args, process.env);
const options = readStartOptions(args);
if (options.ok) {
  process.exitCode = await new Starter(options.value, language).run();
} else {
  process.stderr.write(`menglian: ${options.reason[language]}\n`);
  process.exitCode = 1;
}

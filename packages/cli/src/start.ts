import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SuiteName } from '@menglian/crypto/suite';
import { randomAccount } from '@menglian/sdk/account/account';
import { type Client, createClient } from '@menglian/sdk/client';
import type { Contract } from '@menglian/sdk/contract';
import type { Address } from '@menglian/sdk/hex';
import { httpTransport } from '@menglian/sdk/http';
import { ExecutionError } from '@menglian/sdk/transaction/executionError';
import { buildChain } from './chain/buildChain.js';
import { chooseLanguage, type Language, type Localized } from './language.js';
import { NodeProcess } from './start/clusterProcesses.js';
import { HELLO_WORLD_ABI, HELLO_WORLD_BYTECODE, HELLO_WORLD_BYTECODE_SM } from './start/helloWorld.js';
import { areLinked } from './start/linkedNodes.js';
import { readPlaces, readStartOptions, type NodePlace, type StartOptions } from './start/startOptions.js';
import { startTexts, type StartTexts } from './start/texts.js';

/** `npm start`: a chain of four nodes on this machine, its first contract, and its state while it runs. */

const HOST = '127.0.0.1';
const NODE_COUNT = 4;
const CHAIN = { chainId: 1, groupId: 1 };
const READY_TIMEOUT_MS = 45_000;
const STATUS_INTERVAL_MS = 1000;

/** How often a receipt is asked for. */
const POLL_MS = 50;

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
  readonly #newSuite: SuiteName;
  readonly #language: Language;
  readonly #texts: StartTexts;
  readonly #nodes: NodeProcess[] = [];
  #places: readonly NodePlace[] = [];
  #isStopping = false;

  constructor({ folder, ports, suite }: StartOptions, language: Language) {
    this.#folder = folder;
    this.#chainFolder = join(folder, 'nodes');
    this.#ports = ports;
    this.#newSuite = suite;
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
    const { suite } = this.#places[0]!;
    const account = await randomAccount(suite);
    const clients = await Promise.all(
      this.#places.map((place) =>
        createClient({ transport: httpTransport(urlOf(place)), account, suite, pollMs: POLL_MS, ...CHAIN }),
      ),
    );
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
      sm: this.#newSuite === 'sm',
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
  async #waitForMesh(clients: readonly Client[]): Promise<boolean> {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    while (!this.#isStopping) {
      if (this.#reportEnded()) return false;
      if (await areLinked(clients, NODE_COUNT - 1)) return true;
      if (performance.now() > deadline) {
        this.#say(this.#texts.notReady(READY_TIMEOUT_MS / 1000));
        return false;
      }
      await sleep(100);
    }
    return false;
  }

  /** Deploys HelloWorld on a new chain; on every start writes a text and reads it back. */
  async #useFirstContract(client: Client): Promise<void> {
    try {
      const contract = await this.#firstContract(client);
      this.#say(this.#texts.calling);
      await contract.execute.set([`Hello from block ${await client.getBlockNumber()}`]);
      this.#say(this.#texts.answered(await contract.read.get()));
    } catch (error) {
      if (error instanceof ExecutionError) throw new StartProblem(this.#texts.contractFailed(error.message));
      throw error;
    }
  }

  async #firstContract(client: Client): Promise<Contract<typeof HELLO_WORLD_ABI>> {
    const notePath = this.#notePath();
    if (existsSync(notePath)) {
      const { address } = JSON.parse(readFileSync(notePath, 'utf8')) as { address: Address };
      return client.contract({ address, abi: HELLO_WORLD_ABI });
    }
    this.#say(this.#texts.deploying);
    const bytecode = client.suite.name === 'sm' ? HELLO_WORLD_BYTECODE_SM : HELLO_WORLD_BYTECODE;
    const contract = await client.deploy({ abi: HELLO_WORLD_ABI, bytecode: `0x${bytecode}` });
    const { address, receipt } = contract;
    writeFileSync(notePath, `${JSON.stringify({ address })}\n`);
    this.#say(this.#texts.deployed(address, receipt.blockNumber));
    return contract;
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
  async #watch(clients: readonly Client[]): Promise<boolean> {
    for (let tick = 0; !this.#isStopping; tick++) {
      if (this.#reportEnded()) return true;
      if (process.stdout.isTTY || tick % STATUS_LINES_APART === 0) await this.#showStatus(clients);
      for (let waited = 0; waited < STATUS_INTERVAL_MS && !this.#isStopping; waited += 100) await sleep(100);
    }
    return false;
  }

  async #showStatus(clients: readonly Client[]): Promise<void> {
    const heights = await Promise.all(clients.map(async (client) => client.getBlockNumber().catch(() => undefined)));
    const [first] = clients;
    const total = await first!.getTransactionCount().catch(() => undefined);
    const pending = await first!.getPendingTransactionCount().catch(() => 0);
    const line = this.#texts.status(heights, Number(total?.txSum ?? 0n), pending);
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

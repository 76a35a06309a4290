import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SuiteName } from '@menglian/crypto/suite';
import { type Account, randomAccount } from '@menglian/sdk/account/account';
import { type Client, createClient } from '@menglian/sdk/client';
import { httpTransport } from '@menglian/sdk/http';
import { buildChain } from './chain/buildChain.js';
import { chooseLanguage, type Language, type Localized } from './language.js';
import { NodeProcess } from './start/clusterProcesses.js';
import { useFirstContract } from './start/firstContract.js';
import { areLinked } from './start/linkedNodes.js';
import { readPlaces, readStartOptions, type NodePlace, type StartOptions } from './start/startOptions.js';
import { StartProblem } from './start/startProblem.js';
import { type GroupStatus, startTexts, type StartTexts } from './start/texts.js';

/** `npm start`: four nodes on this machine with one or more groups, their first contracts, and their state. */

const HOST = '127.0.0.1';
const NODE_COUNT = 4;
const CHAIN_ID = 1;

/** The group that every chain begins with. */
const FIRST_GROUP = 1;
const READY_TIMEOUT_MS = 45_000;
const STATUS_INTERVAL_MS = 1000;

/** How often a receipt is asked for. */
const POLL_MS = 50;

/** Without a terminal a status line is printed this often, so that a log does not fill. */
const STATUS_LINES_APART = 30;

/** Files that keep addresses of first contracts. */
const NOTE = /^first-contract(\.group\d+)?\.json$/;

/** Clients of each group, one a node. */
type GroupClients = ReadonlyMap<number, readonly Client[]>;

class Starter {
  readonly #folder: string;
  readonly #chainFolder: string;
  readonly #ports: string;
  readonly #newSuite: SuiteName;
  readonly #newGroups: string | undefined;
  readonly #language: Language;
  readonly #texts: StartTexts;
  readonly #nodes: NodeProcess[] = [];
  #places: readonly NodePlace[] = [];
  #isStopping = false;

  constructor({ folder, ports, suite, groups }: StartOptions, language: Language) {
    this.#folder = folder;
    this.#chainFolder = join(folder, 'nodes');
    this.#ports = ports;
    this.#newSuite = suite;
    this.#newGroups = groups;
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
    const isNew = !existsSync(this.#chainFolder);
    if (isNew) await this.#build();
    else this.#say(this.#texts.continuing);
    this.#places = this.#valueOf(readPlaces(join(this.#chainFolder, HOST), NODE_COUNT));
    if (this.#isStopping) return false;
    this.#say(this.#texts.starting);
    for (const { configPath } of this.#places) this.#nodes.push(new NodeProcess(configPath));
    const { suite } = this.#places[0]!;
    const account = await randomAccount(suite);
    const open = async (groupId: number) => Promise.all(this.#places.map((place) => clientOf(place, groupId, account)));
    const first = await open(FIRST_GROUP);
    if (!(await this.#waitForMesh(first))) return !this.#isStopping;
    const groupIds = await first[0]!.getGroupList();
    const clients: GroupClients = new Map(await Promise.all(groupIds.map(async (id) => [id, await open(id)] as const)));
    for (const [groupId, [client]] of clients) {
      const notePath = this.#notePath(groupId);
      // A group that somebody made later may have other members, who need not be there.
      if (!isNew && groupId !== FIRST_GROUP && !existsSync(notePath)) continue;
      await useFirstContract(client!, notePath, { texts: this.#texts, say: (text) => this.#say(text) });
    }
    if (!this.#isStopping) this.#showEndpoints(groupIds);
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
      groups: this.#newGroups ?? '1',
    });
    if (!built.ok) throw new StartProblem(built.reason.message[this.#language]);
    // Where somebody removed an earlier chain, its notes may have stayed.
    for (const name of readdirSync(this.#folder)) {
      if (NOTE.test(name)) rmSync(join(this.#folder, name), { force: true });
    }
  }

  /** Keeps the address of the group's first contract. */
  #notePath(groupId: number): string {
    return join(this.#folder, groupId === FIRST_GROUP ? 'first-contract.json' : `first-contract.group${groupId}.json`);
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

  #valueOf<T>(result: { ok: true; value: T } | { ok: false; reason: Localized }): T {
    if (!result.ok) throw new StartProblem(result.reason[this.#language]);
    return result.value;
  }

  #showEndpoints(groupIds: readonly number[]): void {
    this.#say(this.#texts.ready);
    for (const [index, place] of this.#places.entries()) {
      const pid = this.#nodes[index]!.pid;
      const ports = `SDKs ${HOST}:${place.channelPort}  P2P ${HOST}:${place.p2pPort}`;
      process.stdout.write(`  node${index}  JSON-RPC ${urlOf(place)}  ${ports}  pid ${pid}\n`);
    }
    const asked = this.#newGroups ?? String(groupIds.length);
    if (asked !== String(groupIds.length)) {
      process.stdout.write(`  ${this.#texts.otherGroups(groupIds.length, this.#folder)}\n`);
    }
    if (groupIds.length > 1) process.stdout.write(`  ${this.#texts.groups(groupIds, urlOf(this.#places[0]!))}\n`);
    process.stdout.write(`  ${this.#texts.certificates(join(this.#chainFolder, HOST, 'sdk'))}\n`);
    process.stdout.write(`  ${this.#texts.hint}\n`);
  }

  /** Shows the state until the chain is to stop. @returns true when a node ended by itself */
  async #watch(clients: GroupClients): Promise<boolean> {
    for (let tick = 0; !this.#isStopping; tick++) {
      if (this.#reportEnded()) return true;
      if (process.stdout.isTTY || tick % STATUS_LINES_APART === 0) await this.#showStatus(clients);
      for (let waited = 0; waited < STATUS_INTERVAL_MS && !this.#isStopping; waited += 100) await sleep(100);
    }
    return false;
  }

  async #showStatus(clients: GroupClients): Promise<void> {
    const groups = await Promise.all([...clients].map(async ([groupId, nodes]) => statusOf(groupId, nodes)));
    const line = this.#texts.status(groups);
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

async function clientOf(place: NodePlace, groupId: number, account: Account): Promise<Client> {
  const { suite } = place;
  return createClient({
    transport: httpTransport(urlOf(place)),
    account,
    suite,
    pollMs: POLL_MS,
    chainId: CHAIN_ID,
    groupId,
  });
}

/** @param nodes clients of the group, one a node */
async function statusOf(groupId: number, nodes: readonly Client[]): Promise<GroupStatus> {
  const heights = await Promise.all(nodes.map(async (client) => client.getBlockNumber().catch(() => undefined)));
  const [first] = nodes;
  const total = await first!.getTransactionCount().catch(() => undefined);
  const pending = await first!.getPendingTransactionCount().catch(() => 0);
  return { groupId, heights, transactions: Number(total?.txSum ?? 0n), pending };
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

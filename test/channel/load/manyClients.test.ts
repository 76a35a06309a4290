import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../e2e/cluster.js';
import { ChannelChain } from '../channelChain.js';
import { newSeq } from '../conformanceClient.js';
import { encodeFrame, topicBody, TYPE } from '../frames.js';
import { Sender } from '../sender.js';
import { tlsOptions } from '../tlsProfiles.js';
import { Latencies } from './latencies.js';
import { LoadClient, openSocket } from './loadClient.js';
import { MemoryWatch } from './memory.js';
import { MixedClient, type MixedRun } from './mixedClient.js';

/**
 * Goal: many clients at once get everything they asked for, each thing once, whatever two that never read and one that
 * floods do beside them; a node holds a bounded amount for those who do not read, and drops them. Method: real processes;
 * the clients of one process, the flood from another one. With MENGLIAN_LONG=1 more of everything, and figures in a file.
 */

const IS_LONG = process.env['MENGLIAN_LONG'] === '1';
const NODES = IS_LONG ? 4 : 2;
const CLIENTS = IS_LONG ? 200 : 40;
const DURATION_MS = IS_LONG ? 60_000 : 6000;
/** Pauses are uniform up to here: a client does four things a second. */
const PAUSE_MAX_MS = IS_LONG ? 2000 : 400;

const CONNECTED_AT_ONCE = 20;
/** Of each kind of thing; all together less than the minute after which nodes close what is silent. */
const ARRIVAL_TIMEOUT_MS = 15_000;

/** A node with all of it at once stays below: about 300 MiB of its own, and what waits for those that do not read. */
const RESIDENT_BYTES_MAX = 768 * 1024 * 1024;
/** Wanted on two cores with all nodes and clients on them; printed, never a reason to fail. */
const P99_WANTED_MS = 3000;

/** What is published for those that do not read. */
const LOUD_CONTENT = Buffer.alloc(2_000_000, 'loud');
const LOUD_CLIENTS = 3;
/** 108 MB together, of which 64 MiB may wait; with MENGLIAN_LONG=1 as much of 960 MB as the run has time for. */
const LOUD_MESSAGES = IS_LONG ? 160 : 18;
/** 12 MB together: more than sockets hold, so that a frame waits there until its time is over. */
const FEW_LOUD_MESSAGES = 2;
/** More than the sockets of both sides hold of what was never read, less than may wait for it in the node. */
const SOCKET_BYTES_MAX = 16 * 1024 * 1024;

/** The result of a message that nobody could have. */
const NO_SUBSCRIBER = 100;

let chain: ChannelChain;
const clients: MixedClient[] = [];
const silent: TLSSocket[] = [];
let flooder: ChildProcess | undefined;

beforeAll(async () => {
  chain = await ChannelChain.build({ agencies: Array.from({ length: NODES }, () => 'agency') });
  const indexes = Array.from({ length: NODES }, (_, index) => index);
  await chain.start(...indexes);
  await until(
    async () => ((await chain.http().call('getPeers', 1)) as object[]).length === NODES - 1,
    'the nodes are linked',
  );
});

afterAll(async () => {
  flooder?.kill('SIGKILL');
  for (const socket of silent) socket.destroy();
  await Promise.all(clients.map(async (client) => client.close()));
  await chain?.stop();
});

const pids = () => Array.from({ length: NODES }, (_, index) => chain.node(index).pid!);
const optionsOf = (index: number) => tlsOptions(chain.port(index % NODES), chain.sdkFolder, 'java');

async function deploy(): Promise<string> {
  const client = await LoadClient.connect(optionsOf(0), () => undefined);
  const { receipt } = await client.transact(new Sender().deploy().raw);
  await client.close();
  return receipt.contractAddress;
}

const silentTopic = (index: number) => `silent ${index}`;

/** One that subscribes and never reads. */
async function connectSilent(index: number): Promise<TLSSocket> {
  const socket = await openSocket(optionsOf(index));
  socket.on('error', () => undefined);
  socket.write(encodeFrame(TYPE.reportTopics, newSeq(), JSON.stringify([silentTopic(index), '_block_notify_1'])));
  return socket;
}

/** Publishes for one that does not read. @param signal enough of it */
async function shoutAt(index: number, signal: AbortSignal): Promise<void> {
  const client = await LoadClient.connect(optionsOf(index), () => undefined);
  const count = IS_LONG && index > 0 ? FEW_LOUD_MESSAGES : LOUD_MESSAGES;
  for (let sent = 0; sent < count && !signal.aborted; sent++) {
    await client.ask(TYPE.amopMulticast, topicBody(silentTopic(index), LOUD_CONTENT), TYPE.amopResponse);
  }
  await client.close();
}

/** Waits until no node knows those any more that do not read. */
async function silentAreGone(): Promise<void> {
  const client = await LoadClient.connect(optionsOf(0), () => undefined);
  for (const index of silent.keys()) {
    const body = topicBody(silentTopic(index), '?');
    const isGone = async () => (await client.ask(TYPE.amopRequest, body, TYPE.amopResponse)).result === NO_SUBSCRIBER;
    await until(isGone, `client ${index}, which does not read, is dropped`);
  }
  await client.close();
}

/** What one that does not read finds when it begins to: something, then the end. @returns bytes that were there */
async function drain(socket: TLSSocket): Promise<number> {
  let bytes = 0;
  const ended = once(socket, 'close');
  socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
  await ended;
  return bytes;
}

/** Connects some at a time, every twentieth a listener. */
async function startClients(run: MixedRun): Promise<void> {
  for (let first = 0; first < CLIENTS; first += CONNECTED_AT_ONCE) {
    const some = Array.from({ length: CONNECTED_AT_ONCE }, async (_, offset) =>
      MixedClient.start(first + offset, { isListener: offset === 0, run, options: optionsOf(first + offset) }),
    );
    clients.push(...(await Promise.all(some)));
  }
  for (const [index, client] of clients.entries()) {
    await until(async () => client.reaches(partnerOf(index)), `client ${index} reaches its partner`);
  }
}

/** At the next node, so that two have to do with it. */
const partnerOf = (index: number) => (index + 1) % CLIENTS;

/** Waits for what is on its way, if it is. */
async function arrive(hasAll: () => boolean): Promise<void> {
  await until(async () => Promise.resolve(hasAll()), 'everything arrives', ARRIVAL_TIMEOUT_MS).catch(() => undefined);
}

describe(`${CLIENTS} clients at ${NODES} nodes, two that never read, and one that floods`, () => {
  it(
    'get each receipt, event, answer and message once; those that do not read are dropped',
    async () => {
      const run: MixedRun = { contract: await deploy(), pauseMaxMs: PAUSE_MAX_MS, latencies: new Latencies() };
      await startClients(run);
      silent.push(await connectSilent(0), await connectSilent(1));
      const memory = new MemoryWatch(pids());
      flooder = fork(fileURLToPath(new URL('flooder.mjs', import.meta.url)), [`${chain.port(0)}`, chain.sdkFolder]);

      const end = new AbortController();
      const work = clients.map(async (client, index) => client.work(partnerOf(index), end.signal));
      const loud = [...silent.keys()].flatMap((index) => Array.from({ length: LOUD_CLIENTS }, () => index));
      const over = IS_LONG ? AbortSignal.timeout(DURATION_MS) : new AbortController().signal;
      await Promise.all([sleep(DURATION_MS), ...loud.map(async (index) => shoutAt(index, over))]);
      await silentAreGone();
      end.abort();
      await Promise.all(work);
      flooder.send('stop');
      const [flood] = (await once(flooder, 'message')) as [Flood];

      const hashes = clients.flatMap(({ sentHashes }) => sentHashes);
      const news = clients.flatMap(({ sentNews }) => sentNews);
      const listeners = clients.filter(({ isListener }) => isListener);
      await arrive(() => clients.every(({ ownEvents, sentHashes }) => ownEvents.size >= sentHashes.length));
      await arrive(() => listeners.every(({ allEvents }) => allEvents.size >= hashes.length));
      await arrive(() => listeners.every((one) => one.news.size >= news.length - one.sentNews.length));
      for (const client of clients) {
        expect(client.brokenRules).toEqual([]);
        expect(client.receipts.faults(client.sentHashes)).toEqual([]);
        expect(client.ownEvents.faults(client.sentHashes)).toEqual([]);
      }
      for (const { allEvents, news: heard, sentNews } of listeners) {
        expect(allEvents.faults(hashes)).toEqual([]);
        const own = new Set(sentNews);
        expect(heard.faults(news.filter((text) => !own.has(text)))).toEqual([]);
      }
      expect(flood.answered).toBe(flood.sent);
      for (const bytes of await Promise.all(silent.map(drain))) expect(bytes).toBeLessThan(SOCKET_BYTES_MAX);
      const peaks = memory.stop();
      show({ hashes: hashes.length, flood, peaks, latencies: run.latencies });
      for (const peak of peaks) expect(peak).toBeLessThan(RESIDENT_BYTES_MAX);
    },
    DURATION_MS + 180_000,
  );
});

interface Flood {
  readonly sent: number;
  readonly answered: number;
}

/** Prints what a person wants to know, and with MENGLIAN_LONG=1 writes it into a file. */
function show(figures: { hashes: number; flood: Flood; peaks: number[]; latencies: Latencies }): void {
  const { hashes, flood, peaks, latencies } = figures;
  const text = [
    `${CLIENTS} clients at ${NODES} nodes, ${hashes} transactions, ${flood.answered} requests of the flood`,
    latencies.table(P99_WANTED_MS),
    `most memory of each node: ${peaks.map((peak) => `${Math.round(peak / 2 ** 20)} MiB`).join(', ')}`,
    '',
  ].join('\n');
  process.stdout.write(text);
  if (IS_LONG) writeFileSync(join(tmpdir(), 'menglian-channel-load.txt'), text);
}

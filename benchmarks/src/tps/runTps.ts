import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toPrefixedHex } from '@menglian/base/bytes';
import { buildChain } from '@menglian/cli/chain/buildChain';
import { Account, rawText } from '@menglian/cli/client/account';
import { ChainClient } from '@menglian/cli/client/chainClient';
import { areLinked } from '@menglian/cli/client/linkedNodes';
import { RpcClient } from '@menglian/cli/client/rpcClient';
import { NodeProcess } from '@menglian/cli/start/clusterProcesses';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { DAG_TRANSFER_WORKLOAD } from '../workloads/dagTransfer.js';
import { SOLIDITY_TRANSFER_WORKLOAD } from '../workloads/solidityTransfer.js';
import type { PlannedCall, Workload } from '../workloads/workload.js';
import { Load, type PreparedTransaction } from './load.js';
import { cpuMicroseconds, residentBytes } from './processStats.js';
import { createReport, describeReport } from './report.js';

export const WORKLOADS: ReadonlyMap<string, Workload> = new Map(
  [DAG_TRANSFER_WORKLOAD, SOLIDITY_TRANSFER_WORKLOAD].map((workload) => [workload.name, workload]),
);

export interface TpsOptions {
  readonly workload: string;
  readonly transactions: number;
  readonly nodes: number;
  readonly users: number;
  readonly batchSize: number;
  readonly uncommittedMax: number;
  /** first of the ports, as `menglian chain build -p` takes them */
  readonly ports: string;
  readonly jsonPath: string | undefined;
}

const HOST = '127.0.0.1';
const CHAIN = { chainId: 1, groupId: 1 };
const READY_TIMEOUT_MS = 60_000;

/** Builds a fresh chain in a temporary folder, loads it, prints the figures and removes it again. */
export async function runTps(options: TpsOptions): Promise<void> {
  const workload = WORKLOADS.get(options.workload);
  if (workload === undefined)
    throw new Error(`no workload ${options.workload}; there are ${[...WORKLOADS.keys()].join(', ')}`);
  const folder = mkdtempSync(join(tmpdir(), 'menglian-bench-'));
  const nodes: NodeProcess[] = [];
  try {
    const output = join(folder, 'nodes');
    const built = await buildChain({ hosts: `${HOST}:${options.nodes}`, output, ports: options.ports });
    if (!built.ok) throw new Error(built.reason.message.en);
    for (let index = 0; index < options.nodes; index++) {
      nodes.push(new NodeProcess(join(output, HOST, `node${index}`, 'config.ini')));
    }
    await measure(workload, options, nodes);
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(workload: Workload, options: TpsOptions, nodes: readonly NodeProcess[]): Promise<void> {
  const rpcPort = Number(options.ports.split(',')[2]);
  const clients = nodes.map((_, index) => new RpcClient(`http://${HOST}:${rpcPort + index}`));
  await waitForMesh(clients, nodes);
  const suite = await loadSuite('ecdsa');
  const account = Account.generate(suite);
  const client = new ChainClient(clients[0]!, CHAIN);
  const limits = { groupId: CHAIN.groupId, batchSize: options.batchSize, uncommittedMax: options.uncommittedMax };
  const sign = async (calls: Iterable<PlannedCall>): Promise<PreparedTransaction[]> => {
    const blockNumber = await client.blockNumber();
    return [...calls].map(({ to, data }) => {
      const signed = account.sign({ ...CHAIN, blockNumber, to }, data);
      return { raw: rawText(signed), hash: toPrefixedHex(signed.hash) };
    });
  };
  const run = async (calls: readonly PlannedCall[], what: string) => {
    const { committed } = await new Load(clients, limits).run(await sign(calls), progress(what));
    if (committed !== calls.length) throw new Error(`${what}: ${committed} of ${calls.length} were committed`);
  };
  const callOf = await workload.prepare({ suite, client, account, users: options.users, run });
  say(`signing ${options.transactions} transactions`);
  const prepared = await sign(Array.from({ length: options.transactions }, (_, index) => callOf(index)));
  const pids = nodes.map(({ pid }) => pid!);
  const cpuBefore = cpuMicroseconds(pids);
  const generatorBefore = process.cpuUsage();
  const result = await new Load(clients, limits).run(prepared, progress(workload.name));
  const { user, system } = process.cpuUsage(generatorBefore);
  const report = createReport({
    workload: workload.name,
    nodes: nodes.length,
    suite: `${suite.name}, ${suite.provider}`,
    users: options.users,
    batchSize: options.batchSize,
    uncommittedMax: options.uncommittedMax,
    result,
    cpuMicroseconds: cpuMicroseconds(pids) - cpuBefore,
    generatorMicroseconds: user + system,
    residentBytes: residentBytes(pids),
  });
  say('');
  process.stdout.write(`${describeReport(report)}\n`);
  if (options.jsonPath !== undefined) writeFileSync(options.jsonPath, `${JSON.stringify(report, undefined, 2)}\n`);
}

async function waitForMesh(clients: readonly RpcClient[], nodes: readonly NodeProcess[]): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    if (await areLinked(clients, CHAIN.groupId, nodes.length - 1)) return;
    const ended = nodes.find((node) => !node.isRunning);
    if (ended !== undefined) throw new Error(`a node ended:\n${ended.tail()}`);
    if (performance.now() > deadline) throw new Error('the nodes did not find each other');
    await sleep(100);
  }
}

/** A line that says how far a load is, at most some times a second. */
function progress(what: string): (committed: number, total: number) => void {
  let shownAtMs = 0;
  const startedAtMs = performance.now();
  return (committed, total) => {
    const nowMs = performance.now();
    if (nowMs - shownAtMs < 500 && committed < total) return;
    shownAtMs = nowMs;
    const perSecond = Math.round((committed * 1000) / Math.max(1, nowMs - startedAtMs));
    say(`${what}: ${committed} of ${total}, ${perSecond} a second`);
  };
}

function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${text}`);
  else if (text !== '') process.stderr.write(`${text}\n`);
}

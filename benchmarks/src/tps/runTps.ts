import { writeFileSync } from 'node:fs';
import { BenchChain } from '../chain/benchChain.js';
import { DAG_TRANSFER_WORKLOAD } from '../workloads/dagTransfer.js';
import { SOLIDITY_TRANSFER_WORKLOAD } from '../workloads/solidityTransfer.js';
import type { PlannedCall, Workload } from '../workloads/workload.js';
import { Load } from './load.js';
import { cpuMicroseconds, residentBytes } from './processStats.js';
import { progress, say } from './progress.js';
import { createReport, describeReport } from './report.js';

export const WORKLOADS: ReadonlyMap<string, Workload> = new Map(
  [DAG_TRANSFER_WORKLOAD, SOLIDITY_TRANSFER_WORKLOAD].map((workload) => [workload.name, workload]),
);

export interface TpsOptions {
  readonly workload: string;
  readonly transactions: number;
  readonly nodes: number;
  /** as `-c` of the chain builder takes it */
  readonly consensus: string;
  readonly users: number;
  readonly batchSize: number;
  readonly uncommittedMax: number;
  /** first of the ports, as `menglian chain build -p` takes them */
  readonly ports: string;
  readonly jsonPath: string | undefined;
}

/** Builds a fresh chain in a temporary folder, loads it, prints the figures and removes it again. */
export async function runTps(options: TpsOptions): Promise<void> {
  const workload = WORKLOADS.get(options.workload);
  if (workload === undefined)
    throw new Error(`no workload ${options.workload}; there are ${[...WORKLOADS.keys()].join(', ')}`);
  const chain = await BenchChain.start(options);
  try {
    await measure(workload, options, chain);
  } finally {
    await chain.stop();
  }
}

async function measure(workload: Workload, options: TpsOptions, chain: BenchChain): Promise<void> {
  const { suite, account, clients, groupId, pids } = chain;
  const client = chain.client(0);
  const limits = { groupId, batchSize: options.batchSize, uncommittedMax: options.uncommittedMax };
  const sign = async (calls: Iterable<PlannedCall>) => chain.sign(calls, await client.blockNumber());
  const run = async (calls: readonly PlannedCall[], what: string) => {
    const { committed } = await new Load(clients, limits).run(await sign(calls), progress(what));
    if (committed !== calls.length) throw new Error(`${what}: ${committed} of ${calls.length} were committed`);
  };
  const callOf = await workload.prepare({ suite, client, account, users: options.users, run });
  say(`signing ${options.transactions} transactions`);
  const prepared = await sign(Array.from({ length: options.transactions }, (_, index) => callOf(index)));
  const cpuBefore = cpuMicroseconds(pids);
  const generatorBefore = process.cpuUsage();
  const result = await new Load(clients, limits).run(prepared, progress(workload.name));
  const { user, system } = process.cpuUsage(generatorBefore);
  const report = createReport({
    workload: workload.name,
    nodes: options.nodes,
    consensus: options.consensus,
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

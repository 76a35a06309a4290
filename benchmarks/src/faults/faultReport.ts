import type { Machine } from '../measure/environment.js';
import { median } from '../measure/percentiles.js';
import { textTable } from '../measure/textTable.js';

/** Transactions a second, one figure a round. */
export interface ThroughputShare {
  readonly without: readonly number[];
  readonly with: readonly number[];
}

export interface LeaderDeath {
  readonly signal: 'SIGKILL' | 'SIGSTOP';
  /** on an idle chain: from the end of the leader, just before a transaction comes, to its block */
  readonly nextBlockMs: readonly number[];
  /** under load: the longest wait for a block within some seconds from the end of the leader on */
  readonly longestPauseMs: readonly number[];
}

export interface Outage {
  /** how long there was no quorum */
  readonly seconds: number;
  readonly nextBlockMs: readonly number[];
}

export interface HostileLoad extends ThroughputShare {
  /** messages a second to each of the others, as wanted and as sent */
  readonly perSecond: number;
  readonly sentPerSecond: readonly number[];
  /** whether the hostile node leads and votes beside that */
  readonly votes: boolean;
  /** of the other nodes together, in the worst round */
  readonly memoryGrowthBytes: number;
}

/** The figures of one run, as written to the file of `--json`; what was not measured is not there. */
export interface FaultReport {
  readonly benchmark: 'faults';
  readonly consensus: string;
  readonly nodes: number;
  readonly machine: Machine;
  /** of each measurement of throughput */
  readonly transactions: number;
  readonly leaderDead?: ThroughputShare;
  readonly leaderDeath?: readonly LeaderDeath[];
  readonly outage?: Outage;
  /** PBFT and rPBFT only */
  readonly hostile?: readonly HostileLoad[];
}

function range(values: readonly number[]): string {
  return [Math.min(...values), median(values), Math.max(...values)].map((value) => Math.round(value)).join(' / ');
}

function share(figures: ThroughputShare): string {
  const percent = Math.round((100 * median(figures.with)) / median(figures.without));
  return `${range(figures.with)} of ${range(figures.without)} transactions a second: ${percent} %`;
}

/** The report as a table for people; minimum, median and maximum where three figures stand. */
export function describeFaults(report: FaultReport): string {
  const { leaderDead, leaderDeath = [], outage, hostile = [], machine } = report;
  const rows: (readonly [string, string])[] = [
    [
      'nodes',
      `${report.nodes}, ${report.consensus}, on ${machine.cores} cores (${machine.model}), Node ${machine.node}`,
    ],
  ];
  if (leaderDead !== undefined) rows.push(['leader dead', share(leaderDead)]);
  for (const { signal, nextBlockMs, longestPauseMs } of leaderDeath) {
    rows.push([`${signal} of the leader, idle`, `next block after ${range(nextBlockMs)} ms`]);
    rows.push([`${signal} of the leader, load`, `longest pause ${range(longestPauseMs)} ms`]);
  }
  if (outage !== undefined)
    rows.push([`${outage.seconds} s without quorum`, `next block ${range(outage.nextBlockMs)} ms after it`]);
  for (const load of hostile) {
    const grown = `memory of the others +${Math.round(load.memoryGrowthBytes / 1_048_576)} MiB`;
    const what = load.votes ? 'hostile and voting' : 'hostile and silent';
    rows.push([`${what}, ${load.perSecond} a second`, `${share(load)}; ${grown}`]);
  }
  return textTable(rows);
}

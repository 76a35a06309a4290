import type { FaultCluster } from './faultCluster.js';
import { deafness, isolation, muteness, partition, type CutOff, type CutStyle } from './faultyNetwork.js';

const HOUR_MS = 3_600_000;
const PAUSE_MS = 10_000;
const KILLED_MS = 1_500;
const CLOCK_MS = 3_000;

/** Long enough for a view or a term to end by its timeout; the long run also lets links die of silence. */
const CUT_MS = process.env['MENGLIAN_LONG'] === '1' ? 15_000 : 4_500;

/** One disturbance of a cluster, and who can make blocks while it lasts. */
export interface Fault {
  /** `#` stands for the victim */
  readonly name: string;
  /** undefined: whoever leads when it begins */
  readonly victim?: number;
  readonly lastsMs: number;
  /** Blocks that must come while it lasts, where it is not the usual number. */
  readonly blocks?: number;
  begin(cluster: FaultCluster, victim: number): void | Promise<void>;
  end(cluster: FaultCluster, victim: number): void | Promise<void>;
  /** The nodes that must make blocks while it lasts. */
  able(victim: number): readonly number[];
}

const KILL: Pick<Fault, 'lastsMs' | 'begin' | 'end'> = {
  lastsMs: KILLED_MS,
  begin: (cluster, victim) => cluster.kill(victim),
  end: (cluster, victim) => cluster.restart(victim),
};

const nodes = (count: number) => Array.from({ length: count }, (_, index) => index);
const allBut = (count: number) => (victim: number) => nodes(count).filter((index) => index !== victim);

/** Faults of processes, connections and clocks for a cluster of so many nodes. */
export function faultsOf(count: number): Fault[] {
  return [
    ...nodes(count).map((victim): Fault => ({ name: 'kill -9 of #', victim, able: allBut(count), ...KILL })),
    { name: 'kill -9 of the leader, #', able: allBut(count), ...KILL },
    {
      name: 'SIGSTOP of the leader, #',
      lastsMs: PAUSE_MS,
      begin: (cluster, victim) => cluster.pause(victim),
      end: (cluster, victim) => cluster.resume(victim),
      able: allBut(count),
    },
    cutOfLeader(count, 'the leader, #, is cut off by reset', isolation, 'reset'),
    halves(count, 'reset'),
    clockJump(count, HOUR_MS),
    clockJump(count, -HOUR_MS),
  ];
}

/** Cuts of the network by which nothing arrives any more and nobody is told. */
export function silentCutsOf(count: number): Fault[] {
  return [
    cutOfLeader(count, 'the leader, #, is cut off in silence', isolation, 'silence'),
    halves(count, 'silence'),
    cutOfLeader(count, 'the leader, #, is heard by nobody', muteness, 'silence'),
    cutOfLeader(count, 'the leader, #, hears nobody', deafness, 'silence'),
  ];
}

function cutOfLeader(count: number, name: string, cutOff: (victim: number) => CutOff, style: CutStyle): Fault {
  return {
    name,
    lastsMs: CUT_MS,
    begin: ({ network }, victim) => network.cut(cutOff(victim), style),
    end: ({ network }) => network.heal(),
    able: allBut(count),
  };
}

/** Of three nodes the larger half is a majority; of four neither half is anything. */
function halves(count: number, style: CutStyle): Fault {
  const middle = count >> 1;
  const [first, second] = [nodes(count).slice(0, middle), nodes(count).slice(middle)];
  return {
    name: `halves by ${style}`,
    lastsMs: CUT_MS,
    begin: ({ network }) => network.cut(partition([first, second]), style),
    end: ({ network }) => network.heal(),
    able: () => (second.length > first.length ? second : []),
  };
}

function clockJump(count: number, shiftMs: number): Fault {
  return {
    name: `the clock of the leader, #, jumps by ${shiftMs / HOUR_MS} h`,
    lastsMs: CLOCK_MS,
    // Each node has its turn to lead.
    blocks: 2 * count,
    begin: (cluster, victim) => cluster.setClock(victim, shiftMs),
    end: (cluster, victim) => cluster.setClock(victim, 0),
    able: () => nodes(count),
  };
}

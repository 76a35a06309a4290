import type { FaultCluster } from './faultCluster.js';
import type { CutStyle } from './links.js';

const HOUR_MS = 3_600_000;
const PAUSE_MS = 10_000;
const KILLED_MS = 1_500;
const CLOCK_MS = 3_000;

/** Long enough for a view or a term to end by its timeout; the long run also lets links die of silence. */
const CUT_MS = process.env['MENGLIAN_LONG'] === '1' ? 15_000 : 5_000;

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

/** Every kind of fault of processes, network and clocks for a cluster of so many nodes. */
export function faultsOf(count: number): Fault[] {
  const indexes = Array.from({ length: count }, (_, index) => index);
  const able = (victim: number) => indexes.filter((index) => index !== victim);
  return [
    ...indexes.map((victim): Fault => ({ name: 'kill -9 of #', victim, able, ...KILL })),
    { name: 'kill -9 of the leader, #', able, ...KILL },
    {
      name: 'SIGSTOP of the leader, #',
      lastsMs: PAUSE_MS,
      begin: (cluster, victim) => cluster.pause(victim),
      end: (cluster, victim) => cluster.resume(victim),
      able,
    },
    ...(['reset', 'silence'] as const).flatMap((style) => [isolation(style, able), halves(style, indexes)]),
    {
      name: 'the leader, #, is heard by nobody',
      lastsMs: CUT_MS,
      begin: ({ links }, victim) => links.mute(victim),
      end: ({ links }) => links.heal(),
      able,
    },
    {
      name: 'the leader, #, hears nobody',
      lastsMs: CUT_MS,
      begin: ({ links }, victim) => links.deafen(victim),
      end: ({ links }) => links.heal(),
      able,
    },
    ...[HOUR_MS, -HOUR_MS].map((shiftMs): Fault => ({
      name: `the clock of the leader, #, jumps by ${shiftMs / HOUR_MS} h`,
      lastsMs: CLOCK_MS,
      // Each node has its turn to lead.
      blocks: 2 * count,
      begin: (cluster, victim) => cluster.setClock(victim, shiftMs),
      end: (cluster, victim) => cluster.setClock(victim, 0),
      able: () => indexes,
    })),
  ];
}

const KILL: Pick<Fault, 'lastsMs' | 'begin' | 'end'> = {
  lastsMs: KILLED_MS,
  begin: (cluster, victim) => cluster.kill(victim),
  end: (cluster, victim) => cluster.restart(victim),
};

function isolation(style: CutStyle, able: Fault['able']): Fault {
  return {
    name: `the leader, #, is cut off by ${style}`,
    lastsMs: CUT_MS,
    begin: ({ links }, victim) => links.isolate(victim, style),
    end: ({ links }) => links.heal(),
    able,
  };
}

/** Of three nodes the larger half is a majority; of four neither half is anything. */
function halves(style: CutStyle, indexes: readonly number[]): Fault {
  const middle = indexes.length >> 1;
  const [first, second] = [indexes.slice(0, middle), indexes.slice(middle)];
  return {
    name: `halves by ${style}`,
    lastsMs: CUT_MS,
    begin: ({ links }) => links.partition([first, second], style),
    end: ({ links }) => links.heal(),
    able: () => (second.length > first.length ? second : []),
  };
}

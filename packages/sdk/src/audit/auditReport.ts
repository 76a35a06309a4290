import type { Address, Hash } from '../hex.js';
import type { Finding } from './finding.js';
import type { Place, Sums } from './shadowRecount.js';

/** How far one chain was read. */
export interface AuditedChain {
  readonly label: string;
  readonly identity: Hash;
  /** The last block that was proven. */
  readonly lastBlock: number;
  /**
   * Its time by its leader's clock, milliseconds since 1970; 0 where none was proven. A node can keep later blocks to itself: only
   * this shows it.
   */
  readonly lastBlockAtMs: number;
}

/** One closed epoch. */
export interface EpochLine extends Sums {
  readonly epoch: bigint;
  /** Blocks that opened and closed it. */
  readonly firstBlock: number;
  readonly lastBlock: number;
  readonly recordHash: Hash;
  /** The transaction that closed it. */
  readonly closedBy: Hash;
  /** Where the hot chain booked it. undefined: not yet. */
  readonly settledBy: Place | undefined;
}

/** The account on one chain of users. All amounts are added up from payments. */
export interface ShadowLine extends AuditedChain {
  readonly isOpened: boolean;
  readonly epochs: readonly EpochLine[];
  /** Epochs that the hot chain booked. */
  readonly settled: Sums;
  /** Closed epochs that it did not book yet. */
  readonly unsettled: Sums;
  /** Since the last close. */
  readonly open: Sums;
  /** What the hot chain granted, how much of it is on its way, and what is left of what arrived. */
  readonly granted: bigint;
  readonly inFlight: bigint;
  readonly quota: bigint;
}

/** The account on its own chain. */
export interface HotLine extends AuditedChain {
  readonly owner: Address | undefined;
  /** What was booked. */
  readonly settled: Sums;
  readonly granted: bigint;
  readonly withdrawn: bigint;
  /** What came in, without what was granted or withdrawn. */
  readonly balance: bigint;
}

export interface AuditReport {
  readonly account: string;
  /** Whether everything agrees: the hot account holds the sum of its shadow accounts. */
  readonly isRight: boolean;
  /** Whether every chain was proven up to its height. Where not, sums are of what was read, and chains were not compared. */
  readonly isWhole: boolean;
  readonly hot: HotLine;
  readonly shadows: readonly ShadowLine[];
  readonly findings: readonly Finding[];
  /** With those that `findings` has no room for. */
  readonly findingCount: number;
}

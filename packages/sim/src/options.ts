/** What one run is made of. Everything random in a run follows from the seed. */
export interface NetworkOptions {
  readonly lossPercent: number;
  readonly duplicatePercent: number;
  readonly minimumDelayMs: number;
  /** Mean of the exponential part of the delay: what makes messages overtake each other. */
  readonly meanDelayMs: number;
}

export interface SimulationOptions {
  readonly seed: number;
  readonly replicas: number;
  /** Hostile replicas and what each of them does; indexes are drawn from the seed unless given. */
  readonly hostile: readonly HostileBehaviour[];
  readonly hostileIndexes?: readonly number[];
  readonly network: NetworkOptions;
  /** Mean time between partitions while chaos lasts; 0 for none. */
  readonly partitionEveryMs: number;
  /** Mean time between changes of what is jammed while chaos lasts; 0 for never. */
  readonly jamEveryMs: number;
  /**
   * How often the first replica to lock on a proposal, or to commit a block, is cut off at that very moment, with the phases
   * that would tell the others: the worst moments there are for a view change.
   */
  readonly strandPercent: number;
  /** Mean time between crashes while chaos lasts; 0 for none. At most f replicas are down or hostile at once, plus `extraCrashes`. */
  readonly crashEveryMs: number;
  /** More than f may be down at once: safety must hold, progress need not. */
  readonly extraCrashes: number;
  /** A durable write takes up to this long. */
  readonly persistMs: number;
  readonly executeMs: number;
  readonly storeMs: number;
  /** Transactions a client sends each second, and how many of the replicas get each. */
  readonly transactionsPerSecond: number;
  readonly maxTransactions: number;
  /** Faults last this long; then everything heals and progress is demanded. */
  readonly chaosMs: number;
  /** Test of the tests: disks that keep nothing of what they are told to keep. */
  readonly forgetful?: boolean;
  /** Sealers from these heights on; the first entry is height 1. Indexes of replicas. */
  readonly membership?: readonly { readonly fromHeight: number; readonly members: readonly number[] }[];
}

/** What a hostile replica does beside following the protocol. */
export type HostileBehaviour =
  /** Says nothing at all. */
  | 'silent'
  /** Proposes two blocks to two halves and votes for both. */
  | 'equivocate'
  /** Votes for every digest that anybody proposes or votes for, in whatever view. */
  | 'voteForAll'
  /** Keeps its proposals from some replicas and is late with them to the others. */
  | 'withhold'
  /** Sends old messages of anybody again. */
  | 'replay'
  /** Asks for ever higher views every 10 ms (CVE-2022-26534). */
  | 'spamViewChanges'
  /** Sends altered messages: other kind, other signer, flipped bits, cut off. */
  | 'forge'
  /** Hides what it has prepared when it asks for a view, and lies about views and heights. */
  | 'hidePrepared'
  /** Asks for views with certificates of proposals that nobody has prepared. */
  | 'forgeClaims'
  /** Proposes blocks that break rules (CVE-2022-28937). */
  | 'proposeInvalid'
  /** Signs results before they are decided. */
  | 'signResultsEarly'
  /** Begins views with proofs that prove something else. */
  | 'forgeNewView'
  /** Votes in favour of some and against others, by message: selective silence. */
  | 'selective';

export const HOSTILE_BEHAVIOURS: readonly HostileBehaviour[] = [
  'silent',
  'equivocate',
  'voteForAll',
  'withhold',
  'replay',
  'spamViewChanges',
  'forge',
  'hidePrepared',
  'forgeClaims',
  'proposeInvalid',
  'signResultsEarly',
  'forgeNewView',
  'selective',
];

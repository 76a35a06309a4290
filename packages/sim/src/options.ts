/** What one run is made of. Everything random in a run follows from the seed. */
export type EngineKind = 'pbft' | 'rpbft' | 'raft';

export interface NetworkOptions {
  readonly lossPercent: number;
  readonly duplicatePercent: number;
  /** Old messages that arrive again for each hundred sent. */
  readonly replayPercent: number;
  /** Cut off, or with a bit flipped. */
  readonly damagePercent: number;
  readonly minimumDelayMs: number;
  /** Mean of the exponential part of the delay: what makes messages overtake each other. */
  readonly meanDelayMs: number;
  /** Messages that take sixty times as long. */
  readonly heavyTailPercent: number;
}

/** Faults that come and go while chaos lasts: mean time between two of a kind, in milliseconds; 0 for never. */
export interface ChaosOptions {
  readonly partitionEveryMs: number;
  /** Changes of which phases are kept from whom. */
  readonly jamEveryMs: number;
  /** At most f replicas are down or hostile at once, plus `extraCrashes`. */
  readonly crashEveryMs: number;
  /** More than f may be down at once: safety must hold, progress need not. */
  readonly extraCrashes: number;
  /** Of ten thousand effects, after how many the replica loses power at once. */
  readonly crashesInTenThousandEffects: number;
  /** A replica's process does not run for up to four seconds; then it finds all that came meanwhile. */
  readonly stallEveryMs: number;
  /** A replica's clock jumps ahead, falls back or stands still. */
  readonly clockJumpEveryMs: number;
  /** A replica's disk, processor and links become slow for a while. */
  readonly slowEveryMs: number;
  /**
   * How often the first replica to lock on a proposal, or to commit a block, is cut off at that very moment, with the phases
   * that would tell the others: the worst moments there are for a view change.
   */
  readonly strandPercent: number;
  /** The first votes of each height never arrive: all are up, hear each other, and get nowhere, for as long as chaos lasts. */
  readonly areVotesMute: boolean;
}

export interface LoadOptions {
  readonly transactionsPerSecond: number;
  /** Transactions that a client sends at once. */
  readonly burst: number;
  /** Every so often nothing is sent for some seconds; 0 for never. */
  readonly idleEveryMs: number;
  /** Mean time between transactions that change members or settings; 0 for none. */
  readonly membershipEveryMs: number;
}

export interface SimulationOptions {
  readonly seed: number;
  readonly engine: EngineKind;
  readonly replicas: number;
  /** The first so many are members at genesis; all when undefined. */
  readonly genesisMembers?: number;
  /** rPBFT: how many of the members vote at a time. */
  readonly workingSealers?: number;
  readonly rotateEveryHeights?: number;
  /** Hostile replicas and what each of them does; indexes are drawn from the seed unless given. */
  readonly hostile: readonly HostileBehaviour[];
  readonly hostileIndexes?: readonly number[];
  /** Hostile replicas go on after healing; otherwise they keep to the protocol from then on. */
  readonly isHostileForEver: boolean;
  readonly network: NetworkOptions;
  readonly chaos: ChaosOptions;
  readonly load: LoadOptions;
  /** A durable write takes up to this long. */
  readonly persistMs: number;
  readonly executeMs: number;
  readonly storeMs: number;
  readonly maxTransactions: number;
  /** Base of the view-change timer. */
  readonly consensusTimeoutMs: number;
  /** Most heights in flight, where the engine has a choice. */
  readonly windowHeights?: number;
  /** Faults last this long; then everything heals and progress is demanded. */
  readonly chaosMs: number;
  /** Test of the tests: disks that keep nothing of what they are told to keep. */
  readonly forgetful?: boolean;
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
  | 'selective'
  /** Runs twice with one key, each copy with a disk of its own and other neighbours (Twins, Bano and others, 2021). */
  | 'twin'
  /** Comes back from crashes with an older copy of its disk. */
  | 'oldDisk'
  /** Leads as slowly as it can without being voted out. */
  | 'slowLeader'
  /** Serves blocks that are not final, and speaks of heights that there are not. */
  | 'lieInSync'
  /** Fills the window and what is above it with votes for heights, views and epochs to come. */
  | 'floodFuture';

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
  'twin',
  'oldDisk',
  'slowLeader',
  'lieInSync',
  'floodFuture',
];

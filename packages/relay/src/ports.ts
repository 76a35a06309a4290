import type { Hash, Hex } from '@menglian/sdk/hex';

/** A transaction of a block that sent messages to a chain. */
export interface MessagePlace {
  readonly transactionHash: Hash;
  /** Number of the last of its messages to that chain. */
  readonly last: bigint;
  /** What its receipt with proof takes in a bundle, at most. */
  readonly bytes: number;
}

/** A transaction whose receipt says of which chain its block is. */
export interface MarkedBlock {
  readonly blockNumber: number;
  readonly transactionHash: Hash;
}

/** What is known of a chain elsewhere. */
export interface KnownChain {
  readonly anchorNumber: number;
}

/**
 * All that a relay asks of one chain; tests give their own. Each may throw an `SdkError`: the code of a system contract, of JSON-RPC, the
 * name of a status, `NoConnection`, `Timeout`. What is read may be of a node that is some blocks behind.
 */
export interface RelayChain {
  /** For people. */
  readonly name: string;

  /** Hash of block 0. */
  identity(): Promise<Hash>;
  blockNumber(): Promise<number>;

  /** Number of the last message sent to a chain; 0: none. */
  lastSent(to: Hash): Promise<bigint>;
  /** undefined: this node has no such message yet. */
  sentAt(to: Hash, sequence: bigint): Promise<number | undefined>;
  /** Those with messages to a chain, in the order of the block. */
  messagesIn(blockNumber: number, to: Hash): Promise<readonly MessagePlace[]>;
  /** The header of a block with these receipts, as contracts take it. */
  bundle(blockNumber: number, transactions: readonly Hash[]): Promise<Hex>;
  /** Lets a new block say which chain it is of. */
  mark(): Promise<MarkedBlock>;
  /** The highest block above one height and not above another that says which chain it is of, if it is easily found. */
  findMarked(above: number, upTo: number): Promise<MarkedBlock | undefined>;
  /** Node ids of who sealed the block. */
  sealersOf(blockNumber: number): Promise<readonly string[]>;

  /** Number of the last message taken from a chain; 0: none. */
  lastTaken(from: Hash): Promise<bigint>;
  /** @returns messages that were not known before */
  deliver(from: Hash, bundle: Hex): Promise<number>;
  /** Numbers of the messages from a chain that their receivers refused, ascending; the oldest are left out where there are too many. */
  failedMessages(from: Hash): Promise<readonly bigint[]>;
  /** Gives such a message to its receiver again. @returns whether it was taken */
  retry(from: Hash, sequence: bigint, bundle: Hex): Promise<boolean>;
  /** undefined: this chain does not know that one. */
  knows(chain: Hash): Promise<KnownChain | undefined>;
  /** Whom this chain holds for the sealers of a block. */
  believedSealers(chain: Hash, blockNumber: number): Promise<readonly string[]>;
  /** Tries `update` without a transaction. */
  tryUpdate(chain: Hash, bundle: Hex): Promise<void>;
  update(chain: Hash, bundle: Hex): Promise<void>;

  /** Shadow accounts whose open epoch has payments and may be closed. */
  closableAccounts(): Promise<readonly string[]>;
  /** False: another has closed it, or it cannot be closed now. */
  close(account: string): Promise<boolean>;
}

/** Time. */
export interface RelayPorts {
  nowMs(): number;
  /** Ends early when the signal is aborted. */
  sleep(delayMs: number, signal: AbortSignal): Promise<void>;
}

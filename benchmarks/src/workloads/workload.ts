import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Localized } from '@menglian/cli/language';
import type { Client } from '@menglian/sdk/client';
import type { Address as Sender } from '@menglian/sdk/hex';
import type { Address } from '@menglian/types/address';

/** One transaction to sign: whom it calls with what. */
export interface PlannedCall {
  readonly to: Address;
  readonly data: Uint8Array;
}

export interface WorkloadContext {
  readonly suite: CryptoSuite;
  /** Deploys. Its account signs what `run` sends, and is the first of the senders. */
  readonly client: Client;
  /** Who signs what is measured: transaction `i` comes from sender `i` modulo their number. */
  readonly senders: readonly Sender[];
  /** accounts that take part, at least 2 */
  readonly users: number;
  /** Sends so many calls, by index from 0, and waits until all are in blocks. */
  readonly run: (step: PreparationStep, count: number, callOf: (index: number) => PlannedCall) => Promise<void>;
}

/** What a workload does before it is measured. */
export type PreparationStep = 'openingAccounts' | 'registeringFunctions';

/** What is measured: `prepare` makes the users and answers the transaction of each index. */
export interface Workload {
  readonly name: string;
  readonly description: Localized;
  /** transactions of a run if nobody says how many */
  readonly transactions: number;
  /** Each transaction is sent when the receipt of the one before has been read. */
  readonly isOneAtATime?: boolean;
  prepare(context: WorkloadContext): Promise<(index: number) => PlannedCall>;
}

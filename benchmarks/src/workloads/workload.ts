import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Account } from '@menglian/cli/client/account';
import type { ChainClient } from '@menglian/cli/client/chainClient';
import type { Address } from '@menglian/types/address';

/** One transaction to sign: whom it calls with what. */
export interface PlannedCall {
  readonly to: Address;
  readonly data: Uint8Array;
}

export interface WorkloadContext {
  readonly suite: CryptoSuite;
  readonly client: ChainClient;
  readonly account: Account;
  readonly users: number;
  /** Sends calls and waits until all are in blocks. */
  readonly run: (calls: readonly PlannedCall[], what: string) => Promise<void>;
}

/** What is measured: `prepare` makes the users, `call` is one transfer between two of them. */
export interface Workload {
  readonly name: string;
  readonly description: string;
  prepare(context: WorkloadContext): Promise<(index: number) => PlannedCall>;
}

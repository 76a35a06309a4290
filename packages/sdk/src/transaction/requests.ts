import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Abi } from '../abi/abi.js';
import type { Account } from '../account/account.js';
import type { Address, Hash, Hex } from '../hex.js';
import type { Log, LogFilter } from '../logs/log.js';
import type { CallRequest } from '../rpc/groupMethods.js';
import type { CallResult, Receipt } from '../rpc/shapes.js';
import type { LogListener, Unsubscribe } from '../transport.js';

export interface SendOptions {
  /** The account of the client if not said. */
  readonly account?: Account;
  /** Free bytes that travel along. */
  readonly extraData?: Hex;
  /** The last block that may hold it: height + 500 if not said. */
  readonly blockLimit?: number;
}

export interface TransactionRequest extends SendOptions {
  /** undefined deploys */
  readonly to?: Address;
  readonly data: Hex;
}

export interface WaitOptions {
  readonly timeoutMs?: number;
}

export interface ExecuteOptions extends WaitOptions {
  /** Whose errors the contract may answer. */
  readonly abi?: Abi;
}

/** What contracts and services ask of a client. */
export interface Caller {
  readonly suite: CryptoSuite;
  readonly account: Account | undefined;
  call(request: CallRequest): Promise<CallResult>;
  sendTransaction(request: TransactionRequest): Promise<Hash>;
  execute(request: TransactionRequest, options?: ExecuteOptions): Promise<Receipt>;
  getBlockNumber(): Promise<number>;
  getLogs(filter: LogFilter): Promise<readonly Log[]>;
  watchLogs(filter: LogFilter, listener: LogListener): Unsubscribe;
}

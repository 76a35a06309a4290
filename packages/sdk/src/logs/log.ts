import type { Address, Hash, Hex } from '../hex.js';

/** What a contract wrote down, and where on the chain. */
export interface Log {
  readonly address: Address;
  /** Each 32 bytes, at most 4. */
  readonly topics: readonly Hash[];
  readonly data: Hex;
  readonly blockHash: Hash;
  readonly blockNumber: number;
  readonly transactionHash: Hash;
  readonly transactionIndex: number;
  /** Within its transaction. */
  readonly logIndex: number;
}

export interface LogFilter {
  /** Empty: any address. */
  readonly addresses: readonly Address[];
  /** By position: any of these values; null is any value. */
  readonly topics: readonly (readonly Hash[] | null)[];
  readonly fromBlock: number;
  /** undefined: for ever. */
  readonly toBlock: number | undefined;
}

/** Whether address and topics are of the filter; blocks are the caller's matter. */
export function matchesFilter({ addresses, topics }: LogFilter, log: Log): boolean {
  if (addresses.length > 0 && !addresses.includes(log.address)) return false;
  return topics.every((values, position) => {
    const topic = log.topics[position];
    return values === null || (topic !== undefined && values.includes(topic));
  });
}

/** Order of the chain. @returns negative, 0 or positive */
export function compareLogs(a: Log, b: Log): number {
  return a.blockNumber - b.blockNumber || a.transactionIndex - b.transactionIndex || a.logIndex - b.logIndex;
}

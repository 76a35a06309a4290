import { toHex } from '@menglian/base/bytes';
import { addressText, bytesText, quantity } from '@menglian/rpc/format/quantity';
import { canonicalJson } from '@menglian/rpc/json';
import type { BlockView } from '@menglian/rpc/ports';
import type { Address } from '@menglian/types/address';
import type { Log } from '@menglian/types/receipt';
import type { EventRequest } from './eventRequest.js';

/** Where a log stands in the chain, as SDKs are told. */
interface LogPosition {
  readonly block: BlockView;
  readonly transactionIndex: number;
  /** within the receipt of the transaction, not within the block */
  readonly logIndex: number;
}

/** One log of a block. Its texts are made when asked for, once for all filters. */
export class BlockLog {
  readonly #log: Log;
  readonly #position: LogPosition;
  #topics: readonly string[] | undefined;
  #json: string | undefined;

  constructor(
    /** place among all logs of the block */
    readonly ordinal: number,
    log: Log,
    position: LogPosition,
  ) {
    this.#log = log;
    this.#position = position;
  }

  get address(): Address {
    return this.#log.address;
  }

  /** Lower-case hexadecimal digits. */
  get topics(): readonly string[] {
    this.#topics ??= this.#log.topics.map(toHex);
    return this.#topics;
  }

  /** The log as a push has it. */
  get json(): string {
    this.#json ??= this.#write();
    return this.#json;
  }

  #write(): string {
    const { block, transactionIndex, logIndex } = this.#position;
    return canonicalJson({
      address: addressText(this.#log.address),
      blockHash: bytesText(block.hash),
      blockNumber: block.header.number.toString(),
      data: bytesText(this.#log.data),
      logIndex: quantity(logIndex),
      topics: this.#log.topics.map(bytesText),
      transactionHash: bytesText(block.transactionHash(transactionIndex)),
      transactionIndex: quantity(transactionIndex),
    });
  }
}

type Criteria = Pick<EventRequest, 'addresses' | 'topics'>;
type LogIndex = ReadonlyMap<string, readonly BlockLog[]>;

const NO_LOGS: readonly BlockLog[] = [];

/**
 * The logs of one block. Thousands of filters may watch it, so they look theirs up by address or topic instead of
 * comparing every log. The bloom in the header is of no use: it is always zero.
 */
export class BlockLogs {
  readonly #logs: readonly BlockLog[];
  #byAddress: LogIndex | undefined;
  readonly #byTopic: LogIndex[] = [];

  constructor(logs: readonly BlockLog[]) {
    this.#logs = logs;
  }

  /** The logs that may match, and all that do: those of the addresses, else of the first position that matters. */
  candidates({ addresses, topics }: Criteria): readonly BlockLog[] {
    if (this.#logs.length === 0) return NO_LOGS;
    if (addresses.length > 0) return union(this.#addressIndex(), addresses);
    const position = topics.findIndex((alternatives) => alternatives !== null);
    return position < 0 ? this.#logs : union(this.#topicIndex(position), topics[position]!);
  }

  #addressIndex(): LogIndex {
    this.#byAddress ??= indexBy(this.#logs, ({ address }) => address);
    return this.#byAddress;
  }

  #topicIndex(position: number): LogIndex {
    this.#byTopic[position] ??= indexBy(this.#logs, ({ topics }) => topics[position]);
    return this.#byTopic[position];
  }
}

/** Whether a candidate is what was asked for. A log with too few topics is not. */
export function hasTopics(log: BlockLog, topics: Criteria['topics']): boolean {
  return topics.every((alternatives, position) => {
    const topic = log.topics[position];
    return alternatives === null || (topic !== undefined && alternatives.includes(topic));
  });
}

function indexBy(logs: readonly BlockLog[], keyOf: (log: BlockLog) => string | undefined): LogIndex {
  const index = new Map<string, BlockLog[]>();
  for (const log of logs) {
    const key = keyOf(log);
    if (key === undefined) continue;
    const sameKey = index.get(key);
    if (sameKey === undefined) index.set(key, [log]);
    else sameKey.push(log);
  }
  return index;
}

/** @param keys different ones. @returns in order of the block */
function union(index: LogIndex, keys: readonly string[]): readonly BlockLog[] {
  if (keys.length === 1) return index.get(keys[0]!) ?? NO_LOGS;
  return keys.flatMap((key) => index.get(key) ?? NO_LOGS).toSorted((a, b) => a.ordinal - b.ordinal);
}

import type { AbiEvent } from './abi/abi.js';
import { decodeEvent, filterTopics } from './abi/events.js';
import type { EventArguments, EventFilter } from './abi/types.js';
import type { Address } from './hex.js';
import type { Log, LogFilter } from './logs/log.js';
import type { Caller } from './transaction/requests.js';
import type { Unsubscribe } from './transport.js';

/** A log with its arguments decoded. */
export interface DecodedEvent<E extends AbiEvent> extends Log {
  readonly name: E['name'];
  readonly args: EventArguments<E>;
}

export interface FindOptions<E extends AbiEvent> {
  /** What indexed arguments must be: a value, or an array of values of which any will do. */
  readonly where?: EventFilter<E>;
  /** 0 if not said */
  readonly fromBlock?: number;
  /** The height if not said. */
  readonly toBlock?: number;
}

export interface WatchOptions<E extends AbiEvent> extends Omit<FindOptions<E>, 'fromBlock'> {
  /** The block after the height if not said. */
  readonly fromBlock?: number;
  readonly onEvent: (event: DecodedEvent<E>) => void;
  /** The subscription ended by itself. */
  readonly onError?: (error: unknown) => void;
}

/** One event of one contract. */
export class ContractEvent<E extends AbiEvent> {
  readonly #caller: Caller;
  readonly #address: Address;
  readonly #event: E;

  constructor(caller: Caller, address: Address, event: E) {
    this.#caller = caller;
    this.#address = address;
    this.#event = event;
  }

  /** Those among the logs, for example of a receipt, that are this event of this contract. */
  decode(source: readonly Log[] | { readonly logs: readonly Log[] }): readonly DecodedEvent<E>[] {
    const logs = 'logs' in source ? source.logs : source;
    return logs.flatMap((log) => {
      if (log.address !== this.#address) return [];
      const args = decodeEvent(this.#caller.suite, this.#event, log);
      return args === undefined ? [] : [{ ...log, name: this.#event.name, args: args as EventArguments<E> }];
    });
  }

  /** Those of blocks that exist. Reads block by block: name a near `fromBlock` on a long chain. */
  async find(options: FindOptions<E> = {}): Promise<readonly DecodedEvent<E>[]> {
    return this.decode(await this.#caller.getLogs(this.#filter(options, options.fromBlock ?? 0)));
  }

  /**
   * Gives each event once, in the order of the chain. Lost connections are made up for.
   * @returns once the first block is known, how to end it
   */
  async watch(options: WatchOptions<E>): Promise<Unsubscribe> {
    const fromBlock = options.fromBlock ?? (await this.#caller.getBlockNumber()) + 1;
    return this.#caller.watchLogs(this.#filter(options, fromBlock), {
      onLogs: (logs) => {
        for (const event of this.decode(logs)) options.onEvent(event);
      },
      onError: (error) => options.onError?.(error),
    });
  }

  #filter(options: Omit<FindOptions<E>, 'fromBlock'>, fromBlock: number): LogFilter {
    const where = (options.where ?? {}) as Readonly<Record<string, unknown>>;
    return {
      addresses: [this.#address],
      topics: filterTopics(this.#caller.suite, this.#event, where),
      fromBlock,
      toBlock: options.toBlock,
    };
  }
}

import { callBack } from '../callBack.js';
import { type Ports, sleep } from '../ports.js';
import type { GroupMethods } from '../rpc/groupMethods.js';
import { SdkError } from '../sdkError.js';
import type { LogListener, Unsubscribe } from '../transport.js';
import { type Log, type LogFilter, matchesFilter } from './log.js';

/** What JSON-RPC answers for receipts of a block without transactions. */
const NO_RECEIPTS = -40099;

/** Logs for clients whose nodes do not speak first: blocks are read one after another. Each log comes once, in order. */
export class LogPoller {
  readonly #client: Pick<GroupMethods, 'getBlockNumber' | 'getBatchReceipts'>;
  readonly #pollMs: number;
  readonly #ports: Ports;

  constructor(
    client: Pick<GroupMethods, 'getBlockNumber' | 'getBatchReceipts'>,
    { pollMs, ports }: { readonly pollMs: number; readonly ports: Ports },
  ) {
    this.#client = client;
    this.#pollMs = pollMs;
    this.#ports = ports;
  }

  /** @param filter without an end: up to the height */
  async find(filter: LogFilter): Promise<readonly Log[]> {
    const height = await this.#client.getBlockNumber();
    const found: Log[] = [];
    const end = Math.min(filter.toBlock ?? height, height);
    for (let number = filter.fromBlock; number <= end; number++) found.push(...(await this.#logsOf(number, filter)));
    return found;
  }

  /** A node that cannot be reached is asked again; only an error of another kind ends it. */
  watch(filter: LogFilter, listener: LogListener): Unsubscribe {
    const over = new AbortController();
    const follow = async () => {
      let next = filter.fromBlock;
      while (!over.signal.aborted && next <= (filter.toBlock ?? Number.POSITIVE_INFINITY)) {
        const height = await this.#retried(() => this.#client.getBlockNumber());
        for (; next <= Math.min(height, filter.toBlock ?? height) && !over.signal.aborted; next++) {
          const number = next;
          const logs = await this.#retried(() => this.#logsOf(number, filter));
          if (logs.length > 0 && !over.signal.aborted) callBack(listener.onLogs, logs);
        }
        if (!over.signal.aborted) await sleep(this.#ports, this.#pollMs);
      }
    };
    follow().catch((error: unknown) => {
      if (!over.signal.aborted) callBack(listener.onError, error);
    });
    return () => {
      over.abort();
    };
  }

  async #logsOf(blockNumber: number, filter: LogFilter): Promise<readonly Log[]> {
    try {
      const { receipts } = await this.#client.getBatchReceipts(blockNumber);
      return receipts.flatMap(({ logs }) => logs.filter((log) => matchesFilter(filter, log)));
    } catch (error) {
      if (error instanceof SdkError && error.code === NO_RECEIPTS) return [];
      throw error;
    }
  }

  /** For ever, because a subscription ends when its owner says so; a closed client ends it too. */
  async #retried<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        const isPassing = error instanceof SdkError && ['NoConnection', 'Timeout', -40004, -40010].includes(error.code);
        if (!isPassing) throw error;
        await sleep(this.#ports, this.#pollMs);
      }
    }
  }
}

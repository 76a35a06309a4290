import { newSeq } from '../conformanceClient.js';
import { readTopicBody, topicBody, TYPE, type Frame } from '../frames.js';
import { eventTopic } from '../sender.js';
import type { LoadClient } from './loadClient.js';

const CHANGED = eventTopic('Changed(address,string)');

export interface EventLog {
  readonly blockNumber: string;
  readonly transactionHash: string;
  readonly transactionIndex: string;
  readonly logIndex: string;
}

interface Push {
  readonly filterID: string;
  readonly logs: readonly EventLog[] | null;
  readonly result: number;
}

/** The logs of a push. @throws when it is the last one of a filter: none here ends */
export function logsOf({ data }: Frame): { readonly filterId: string; readonly logs: readonly EventLog[] } {
  const { filterID: filterId, logs, result } = JSON.parse(data.toString('utf8')) as Push;
  if (result !== 0 || logs === null) throw new Error(`a filter ended: ${data.toString('utf8')}`);
  return { filterId, logs };
}

/**
 * Subscribes to the logs of `Changed`, from a block on for ever.
 * @param account whose; undefined: everybody's. `0x` and 40 digits
 * @returns the id of the filter
 */
export async function subscribe(
  client: LoadClient,
  { contract, account, fromBlock = 1 }: { contract: string; account?: string | undefined; fromBlock?: number },
): Promise<string> {
  const filterID = newSeq();
  const topics = [CHANGED, ...(account === undefined ? [] : [`0x${account.slice(2).padStart(64, '0')}`])];
  const body = { filterID, groupID: '1', fromBlock: `${fromBlock}`, toBlock: 'latest', addresses: [contract], topics };
  const answer = await client.ask(TYPE.registerEvent, topicBody('', JSON.stringify(body)));
  const reply = readTopicBody(answer.data).content.toString('utf8');
  if (reply !== '{"result":0}\n') throw new Error(`a subscription was refused: ${reply}`);
  return filterID;
}

/** How often something came, by name. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  get size(): number {
    return this.#counts.size;
  }

  /** What is wrong about it, where each of these names should be there once and no other. */
  faults(wanted: Iterable<string>): string[] {
    const names = new Set(wanted);
    const missing = [...names].filter((name) => !this.#counts.has(name)).map((name) => `lost: ${name}`);
    const others = [...this.#counts.keys()].filter((name) => !names.has(name)).map((name) => `not wanted: ${name}`);
    const repeated = [...this.#counts].filter(([, count]) => count > 1);
    return [...missing, ...others, ...repeated.map(([name, count]) => `${count} times: ${name}`)];
  }
}

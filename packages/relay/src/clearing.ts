import { CLOSINGS_PER_TURN_MAX } from './limits.js';
import { refusalsOf } from './refusals.js';
import type { RelayChain } from './ports.js';

/** Closes the epochs of one chain's shadow accounts, some in each turn. */
export class Clearing {
  readonly #chain: RelayChain;
  /** The last account of the turn before: the next begins behind it, so that those paid all the time hold up no others. */
  #last: string | undefined;

  constructor(chain: RelayChain) {
    this.#chain = chain;
  }

  /** As many turns as all that have payments now take. @throws as `turn` */
  async all(): Promise<readonly string[]> {
    const closed: string[] = [];
    const { length } = await this.#chain.closableAccounts();
    for (let left = length; left > 0; left -= CLOSINGS_PER_TURN_MAX) closed.push(...(await this.turn()));
    return closed;
  }

  /**
   * Closes the open epoch of shadow accounts that have payments. One that cannot be closed holds up no other: it is tried again when all
   * had their turn.
   * @returns the accounts that were closed. @throws SdkError when one was refused and none could be closed
   */
  async turn(): Promise<readonly string[]> {
    const closable = (await this.#chain.closableAccounts()).toSorted();
    const next = closable.findIndex((account) => this.#last === undefined || account > this.#last);
    const start = Math.max(0, next);
    const accounts = [...closable.slice(start), ...closable.slice(0, start)].slice(0, CLOSINGS_PER_TURN_MAX);
    this.#last = accounts.at(-1);
    const results = await Promise.allSettled(accounts.map((account) => this.#chain.close(account)));
    const closed = accounts.filter((_, index) => {
      const result = results[index]!;
      return result.status === 'fulfilled' && result.value;
    });
    const refused = refusalsOf(results);
    if (refused.length > 0 && closed.length === 0) throw refused[0]!;
    return closed;
  }
}

import { TransactionFetch } from '@menglian/sync/transactionFetch';

const TICK_MS = 10;

/**
 * Commands about transactions whose bodies are missing:
 *
 *     want <ids> of <peers>           a proposal names them; who is likely to have them, in order
 *     announce <ids> by <peer>        a peer says that it has them
 *     reply <peer> <ids> <what>       right; or bad, other, more: bytes of which no hash is wanted. Gossip settles by hash only
 *     leave <peer>   pass <ms>        time passes
 */
export class FetchStage {
  readonly #fetch = new TransactionFetch();
  #nowMs = 0;

  /** @returns what happened; undefined when the command is not one of these */
  perform(name: string, words: readonly string[]): string[] | undefined {
    const ids = (word = '') => word.split(',');
    switch (name) {
      case 'want':
        this.#fetch.want(ids(words[0]), ids(words[2]), this.#nowMs);
        return [];
      case 'announce':
        this.#fetch.announce(ids(words[0]), words[2]!, this.#nowMs);
        return [];
      case 'reply':
        if (words[2] === 'right') for (const id of ids(words[1])) this.#fetch.settle(id);
        return [];
      case 'leave':
        this.#fetch.dropSource(words[0]!);
        return [];
      case 'pass':
        return this.#pass(Number(words[0]));
      default:
        return undefined;
    }
  }

  #pass(ms: number): string[] {
    const lines: string[] = [];
    for (const untilMs = this.#nowMs + ms; this.#nowMs < untilMs;) {
      this.#nowMs += TICK_MS;
      for (const request of this.#fetch.tick(this.#nowMs)) {
        lines.push(`${(this.#nowMs / 1000).toFixed(2).padStart(7)} asks ${request.to} for ${request.ids.join(', ')}`);
      }
    }
    lines.push(`        ${this.#fetch.size} missing`);
    return lines;
  }
}

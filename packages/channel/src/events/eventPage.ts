import { PUSH_CHARACTERS_MAX } from './limits.js';

/** Logs that go to a filter's owner together. */
export class EventPage {
  readonly #logs: string[] = [];
  #characters = 0;
  #isFull = false;

  /** @returns false when the page holds logs and this one would make it too long */
  add(logJson: string): boolean {
    this.#isFull = this.#logs.length > 0 && this.#characters + logJson.length > PUSH_CHARACTERS_MAX;
    if (this.#isFull) return false;
    this.#logs.push(logJson);
    this.#characters += logJson.length + 1;
    return true;
  }

  get isEmpty(): boolean {
    return this.#logs.length === 0;
  }

  /** Whether a log was turned away. */
  get isFull(): boolean {
    return this.#isFull;
  }

  get characters(): number {
    return this.#characters;
  }

  /** The body of a push. */
  text(filterId: string): string {
    return `{"filterID":${JSON.stringify(filterId)},"logs":[${this.#logs.join(',')}],"result":0}\n`;
  }
}

/** Result of a filter's last push, after its `toBlock`. */
export const COMPLETED = 1;

/** The body of a filter's last push. @param result COMPLETED, or the EventCode of what ended it before */
export function endText(filterId: string, result: number): string {
  return `{"filterID":${JSON.stringify(filterId)},"logs":null,"result":${result}}\n`;
}

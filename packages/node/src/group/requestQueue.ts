import { internalError, type Outcome } from '@menglian/rpc/errors';
import { joinedRequests } from '@menglian/rpc/methods/groupMethods';
import type { GroupRequest } from '@menglian/rpc/ports';
import { Pace } from './pace.js';

/** Time for requests before the messages of other nodes, above all those of consensus, get their turn. */
const SLICE_MS = 10;

/** Requests answered together, where that is cheaper than one by one. */
const JOINED_MAX = 512;

/**
 * Characters of JSON that the requests of one batch may be answered with. Ten thousand blocks in one batch would need
 * more than a string can hold, and more memory than a node has.
 */
export const ANSWER_CHARACTERS_MAX = 64 * 1024 * 1024;

interface Batch {
  readonly number: number;
  readonly requests: readonly GroupRequest[];
  readonly outcomes: Outcome[];
  characters: number;
}

/** Runs the requests of clients in order of arrival, a short time at once, so that a long batch does not stop the chain. */
export class RequestQueue {
  readonly #run: (requests: readonly GroupRequest[]) => Outcome[];
  readonly #answer: (number: number, outcomes: Outcome[]) => void;
  readonly #onError: (error: unknown) => void;
  readonly #batches: Batch[] = [];
  #immediate: NodeJS.Immediate | undefined;
  #untilMs = 0;
  /** of joined requests */
  readonly #pace = new Pace({ sliceMs: SLICE_MS / 2, countMax: JOINED_MAX });

  constructor(components: {
    /** given one request, or several that `joinedRequests` joins */
    readonly run: (requests: readonly GroupRequest[]) => Outcome[];
    /** given all outcomes of a batch, in the order of its requests */
    readonly answer: (number: number, outcomes: Outcome[]) => void;
    /** a request did what none may do */
    readonly onError: (error: unknown) => void;
  }) {
    this.#run = components.run;
    this.#answer = components.answer;
    this.#onError = components.onError;
  }

  /** @param number handed back with the answers */
  push(number: number, requests: readonly GroupRequest[]): void {
    this.#batches.push({ number, requests, outcomes: [], characters: 0 });
    // Within one turn of the event loop all pushes share one slice.
    if (this.#immediate === undefined) this.#beginSlice();
    this.#work();
  }

  /** Answers nothing any more. */
  stop(): void {
    this.#batches.length = 0;
    clearImmediate(this.#immediate);
  }

  #beginSlice(): void {
    this.#untilMs = performance.now() + SLICE_MS;
    this.#immediate = setImmediate(() => {
      this.#immediate = undefined;
      if (this.#batches.length === 0) return;
      this.#beginSlice();
      this.#work();
    });
  }

  #work(): void {
    try {
      for (let batch = this.#batches[0]; batch !== undefined; batch = this.#batches[0]) {
        if (!this.#runToEnd(batch)) return;
        this.#batches.shift();
        this.#answer(batch.number, batch.outcomes);
      }
    } catch (error) {
      this.stop();
      this.#onError(error);
    }
  }

  /** @returns false when time is up before the batch is done */
  #runToEnd(batch: Batch): boolean {
    const { requests, outcomes } = batch;
    while (outcomes.length < requests.length) {
      if (performance.now() >= this.#untilMs) return false;
      const count = joinedRequests(requests, outcomes.length, this.#pace.count);
      for (const outcome of this.#runTogether(batch, count)) {
        if (outcome.ok) batch.characters += outcome.json.length;
        outcomes.push(outcome);
      }
    }
    return true;
  }

  #runTogether({ requests, outcomes, characters }: Batch, count: number): Outcome[] {
    const joined = requests.slice(outcomes.length, outcomes.length + count);
    if (characters > ANSWER_CHARACTERS_MAX) return joined.map(answersTooLong);
    const startedAtMs = performance.now();
    const answers = this.#run(joined);
    if (count > 1) this.#pace.took(count, performance.now() - startedAtMs);
    return answers;
  }
}

function answersTooLong(): Outcome {
  const comment = `the answers to this batch are longer than ${ANSWER_CHARACTERS_MAX} characters`;
  return { ok: false, error: internalError(comment, 'ask for less in one batch') };
}
